"""Where a few files are called otherwise, the rule for the rest names them."""

import pytest

from bioselect.checks.patients import group_proposal
from bioselect.checks.stray_names import proposal_beside_strays


@pytest.mark.parametrize(
    "name",
    [
        "{c}/patient{p:02d}_{i}.png",  # a word and a number, anywhere in the name
        "{c}/{p:02d}x{c}/{i}.png",  # a folder for each
        "{c}/x{p:02d}_{i}.png",  # the first of two fields
        "{c}/x{p:02d}.{i}.png",  # fields between dots
        "{c}/x{p:02d}img{i}.png",  # no sign between
        "{c}/p{p:02d}_slide_{i}_40x.png",
    ],
)
@pytest.mark.parametrize("stray", ["a/Over (view)+.png", "b/zz.tif"])
def test_groups_are_those_without_the_stray(dataset, name, stray):
    rows = [
        ("ab"[p % 2], name.format(c="ab"[p % 2], p=p, i=i)) for p in range(30) for i in range(3)
    ]
    plain = dataset(*rows)
    without = dict(
        zip((one.file_id for one in plain.records), group_proposal(plain).groups, strict=False)
    )
    assert len(set(without.values())) == 30
    more = dataset(*rows, (stray[0], stray))
    assert group_proposal(more) is None
    found = proposal_beside_strays(more)
    assert (found.strays, found.n_groups) == ((stray,), 30)
    groups = dict(zip((one.file_id for one in more.records), found.groups, strict=False))
    assert groups == {**without, stray: stray[2:]}


def test_a_name_that_no_configuration_can_hold_is_in_no_rule(dataset):
    rows = [("ab"[p % 2], f"{'ab'[p % 2]}/x{p:02d}_{i}.png") for p in range(30) for i in range(3)]
    assert proposal_beside_strays(dataset(*rows, ("a", "a/new\nline.png"))) is None
