"""What is noticed about declared groups."""

import pytest

from bioselect.checks.findings import ERROR, NOTE, WARNING
from bioselect.checks.groups import group_findings


def rows(*groups, classes="ab"):
    """Two images of each class in each group."""
    return [
        (name, f"{name}/{group}_{n}.png", group)
        for group in groups
        for name in classes
        for n in range(2)
    ]


def test_groups_that_hold_several_classes_give_no_finding(dataset):
    assert group_findings(dataset(*rows("p1", "p2", "p3"))) == []


def test_one_group_for_all_is_an_error(dataset):
    (finding,) = group_findings(dataset(*rows("p1")))
    assert finding.severity == ERROR
    assert "All 4 images are in the group 'p1'" in finding.what


def test_groups_of_one_image_change_nothing(dataset):
    given = dataset(*[("ab"[n % 2], f"{n}.png", f"p{n}") for n in range(8)])
    (finding,) = group_findings(given)
    assert (finding.severity, "each of the 8 images" in finding.what) == (NOTE, True)


@pytest.mark.parametrize(("other", "is_found"), [("p_A", True), ("pA", True), ("pB", False)])
def test_groups_that_differ_in_little(dataset, other, is_found):
    found = group_findings(dataset(*rows("p a", other, "q")))
    assert [item.severity for item in found] == [WARNING] * is_found


def test_numbers_of_groups_written_in_several_ways(dataset):
    (found,) = group_findings(dataset(*rows("70", "070", "7")))
    assert "the groups '070', '70' differ only in" in found.what


def test_a_group_that_looks_like_a_missing_value(dataset):
    (found,) = group_findings(dataset(*rows("NA", "p1", "p2")))
    assert found.severity == WARNING
    assert "the group 'NA' looks like a missing value; its 4 images" in found.what


def large(name, size, classes):
    """A group whose images go through the classes in turn."""
    return [
        (classes[n % len(classes)], f"{classes[n % len(classes)]}/{name}_{n}.png", name)
        for n in range(size)
    ]


@pytest.mark.parametrize(
    ("size", "is_found"),
    [
        (8, False),
        (12, True),
    ],  # 4 groups, half of the images: 4 / 2**8 is above, 4 / 2**12 below 1 %
)
def test_one_group_with_one_class_among_others_with_several(dataset, size, is_found):
    mixed = [row for name in ("p1", "p2", "p3") for row in large(name, 400, "ab")]
    found = group_findings(dataset(*mixed, *large("p4", size, "b")))
    assert [item.severity for item in found] == [NOTE] * is_found
    assert all(f"all {size} images of the group 'p4' are of the class 'b'" in f.what for f in found)


def test_in_a_common_class_groups_of_that_class_are_usual(dataset):
    # 19 of 20 images are of one class: 20 images of it in a row are nothing to wonder at.
    mixed = [row for number in range(6) for row in large(f"p{number}", 40, "a" * 19 + "b")]
    assert group_findings(dataset(*mixed, *large("p7", 20, "a"))) == []


def test_groups_that_hold_one_class_only(dataset):
    (finding,) = group_findings(dataset(*rows("p1", "p2", classes="a"), *rows("p3", classes="b")))
    assert (finding.severity, "each of the 3 groups" in finding.what) == (NOTE, True)
