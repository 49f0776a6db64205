"""What `init` proposes as the group: named ones at once, what only looks like one as a comment."""

from pathlib import Path

import pytest

from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.group_choice import divide
from bioselect.workflows.proposal.looking import Looks
from bioselect.workflows.proposal.source import Source


def division_of(names, copies=(), grouped=lambda name: None, **more):
    """Divide images called like this; those in `copies` have the same pixels."""
    records = tuple(
        ImageRecord(name, Path(name), name.split("/")[0], grouped(name)) for name in sorted(names)
    )
    classes = tuple(sorted({str(record.target) for record in records}))
    dataset = ImageDataset("set", Path("set"), records, classes)
    pixels = {one.image_id: "same" if one.image_id in copies else one.image_id for one in records}
    marks = tuple(
        ImageFingerprint(name, "", pixels[name], pixels[name], 4, 4, 1, "uint8", 0, 9)
        for name in pixels
    )
    return divide(
        Source(Path("set"), "set", dataset, (), **more), Looks(records, marks, len(records))
    )


def names_of(who, n_who, n_images=3):
    return [
        f"{name}/{who}{place * n_who + number}_{image}.png"
        for place, name in enumerate("ab")
        for number in range(n_who)
        for image in range(n_images)
    ]


def test_files_that_are_called_after_patients_are_grouped():
    found = division_of(names_of("patient", 6))
    assert found.group.is_active
    assert "12 groups" in found.group.why
    assert found.n_units == 12  # 2 classes x 6 patients, never divided
    assert found.folds.plan.n_folds == 5


def test_one_file_that_is_called_otherwise_hides_no_patients():
    found = division_of([*names_of("patient", 6), "a/overview.png"])
    assert found.group.is_active
    assert "12 groups" in found.group.why
    assert "a/overview.png, whose name says none, stands for itself" in found.group.why
    assert found.n_units == 13
    hinted = division_of([*names_of("x", 6), "a/overview.png"]).group
    assert not hinted.is_active
    assert "overview" in hinted.value["pattern"]


def test_a_pattern_in_names_is_a_comment_only():
    found = division_of(names_of("x", 6))
    assert not found.group.is_active
    assert "If these are patients" in found.group.why
    assert found.group.to_look_at
    assert found.n_units == 36


def test_a_column_that_is_called_after_patients_is_the_group():
    names = [f"{name}/{number:02d}.png" for name in "ab" for number in range(12)]
    smears = [f"s{number // 2}" for number in range(24)]
    found = division_of(names, unused={"Smear": smears})
    assert (found.group.value, found.group.is_active) == ("Smear", True)
    assert found.n_units == 12


def test_too_few_patients_are_switched_off_and_told():
    found = division_of(names_of("patient", 4))
    assert not found.group.is_active
    assert "class 'a' has 4 of them, and a study needs 5" in found.group.why
    assert found.n_units == 24


def test_where_nothing_looks_like_groups_a_person_is_asked_to_look():
    found = division_of([f"{name}/{number:02d}.png" for name in "ab" for number in range(9)])
    assert found.group.value is None
    assert found.group.to_look_at


def test_what_the_headers_of_files_group_is_told():
    names = [f"{name}/{number:02d}.png" for name in "ab" for number in range(12)]
    found = division_of(names, grouped=lambda name: f"patient of {int(name[2:4]) // 2}{name[0]}")
    assert found.group.value is None
    assert found.group.why.startswith("The headers of the DICOM files say which images belong")
    assert found.n_units == 12  # 2 classes x 12 images / 2


def test_copies_count_once():
    names = [f"{name}/{number:02d}.png" for name in "ab" for number in range(9)]
    assert division_of(names, copies=("a/00.png", "a/01.png", "a/02.png")).n_units == 16


def test_a_class_with_too_few_images_is_named():
    names = [*(f"a/{number}.png" for number in range(9)), "rare/1.png", "rare/2.png"]
    with pytest.raises(DataError, match=r"set: .*Class 'rare' has 2"):
        division_of(names)


def test_a_class_of_copies_is_too_small():
    names = [f"{name}/{number:02d}.png" for name in "ab" for number in range(6)]
    with pytest.raises(DataError, match=r"set: .*class 'a' has 4"):
        division_of(names, copies=("a/00.png", "a/01.png", "a/02.png"))
