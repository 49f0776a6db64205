"""What is noticed about numbers before an image is read."""

from pathlib import Path

import pytest

from bioselect.checks.findings import ERROR, NOTE, WARNING
from bioselect.checks.listing import listing_findings
from bioselect.checks.values import value_findings
from bioselect.data.records import ImageDataset, ImageRecord


def of_numbers(numbers, groups=None):
    groups = groups or [None] * len(numbers)
    records = tuple(
        ImageRecord(f"{place:03d}.png", Path(f"{place:03d}.png"), float(number), group)
        for place, (number, group) in enumerate(zip(numbers, groups, strict=True))
    )
    return ImageDataset("demo", Path(), records, target_name="age")


def test_usual_numbers_give_no_finding():
    assert value_findings(of_numbers(range(40))) == []


def test_equal_numbers_are_an_error():
    (finding,) = value_findings(of_numbers([7.5] * 9))
    assert finding.severity == ERROR
    assert finding.what == "must have numbers that differ. 'age' is 7.5 for all 9 images."


@pytest.mark.parametrize(("n_different", "is_found"), [(5, True), (6, False)])
def test_few_different_numbers_may_be_classes(n_different, is_found):
    found = value_findings(of_numbers([place % n_different for place in range(60)]))
    assert [item.severity for item in found] == [WARNING] * is_found
    assert all("only 5 different numbers (0, 1, 2, 3, 4)" in item.what for item in found)


def test_a_slip_of_the_pen_is_named():
    (finding,) = value_findings(of_numbers([*range(40), 1250]))
    assert (finding.severity, finding.image) == (WARNING, "040.png")
    # Of 0 to 39 and 1250, a quarter lies below 10, half below 20, three quarters below 30.
    assert "is 1250, far from all others (half of the images have 10 to 30, the middle one 20)" in (
        finding.what
    )


@pytest.mark.parametrize(
    ("numbers", "is_found"),
    [
        ([*range(40), -1, -1], True),
        ([*range(40), 999, 999], True),
        ([*range(-20, 20), -1, -1], False),  # numbers below zero are usual here
        ([*range(990, 1010), 999, 999], False),  # in the middle of others
        ([*range(40), -1], False),  # a single one is looked at as such
    ],
)
def test_a_code_for_a_missing_number_is_told(numbers, is_found):
    found = [item for item in value_findings(of_numbers(numbers)) if "code" in item.what]
    assert [item.severity for item in found] == [WARNING] * is_found


def test_a_number_that_most_images_share():
    (finding,) = value_findings(of_numbers([0] * 30 + list(range(1, 21))))
    assert finding.severity == NOTE
    assert "'age' is 0 for 60 % of the images" in finding.what


def test_numbers_are_no_classes_that_groups_have_in_common():
    """Each group has one number, as a patient has one age: nothing to tell, and no error."""
    numbers = [place // 4 for place in range(40)]
    groups = [f"p{place // 4}" for place in range(40)]
    assert listing_findings(of_numbers(numbers, groups), None, is_grouped=True) == []
