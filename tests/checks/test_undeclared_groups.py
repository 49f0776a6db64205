"""A stray file does not hide the patients in the names of all others."""

import pytest
import yaml

from bioselect.checks.undeclared_groups import undeclared_groups
from bioselect.data.layouts import GroupRule
from bioselect.exceptions import DataError


def patients(n=30):
    return [("ab"[p % 2], f"{'ab'[p % 2]}/P{p:02d}_{i}.png") for p in range(n) for i in range(3)]


@pytest.mark.parametrize("stray", ["a/overview.png", "a/00 readme figure.png", "b/zz.png"])
def test_the_stray_is_named_and_the_rest_proposed(dataset, stray):
    (finding,) = undeclared_groups(dataset(*patients(), (stray[0], stray)))
    assert "of 30 patients" in finding.what
    write, said = finding.remedy.split("group: ")[1].split("  (")
    assert said == f"{stray}, whose name says none, stands for itself)"
    rule = GroupRule(pattern=yaml.safe_load(write)["pattern"])
    assert rule.group_of("b/P07_2.png") == "P07"
    assert rule.group_of(stray) == stray[2:]
    # What is misspelt later is no stray.
    with pytest.raises(DataError, match="must match the group pattern"):
        rule.group_of("a/another.png")


def test_names_of_many_forms_are_no_strays(dataset):
    others = [("a", f"a/image{n}.png") for n in range(20)]
    assert undeclared_groups(dataset(*patients(), *others)) == []


def test_numbered_images_with_a_stray_are_no_patients(dataset):
    numbered = [("ab"[n % 2], f"{'ab'[n % 2]}/{n:03d}.png") for n in range(60)]
    assert undeclared_groups(dataset(*numbered, ("a", "a/over view.png"))) == []
