"""What the doctor says of masks: each defect is planted, and found where it is and nowhere else."""

import numpy as np
import pytest

from bioselect.checks.findings import ERROR, NOTE, WARNING
from bioselect.checks.mask_codes import unknown_codes
from bioselect.checks.mask_contents import (
    class_pixels,
    content_findings,
    ignored_masks,
    shares_in_words,
)
from bioselect.checks.mask_copies import copied_masks
from bioselect.checks.mask_files import unusable_masks
from bioselect.checks.mask_partners import partner_findings
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts

CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)), ignore=(7,))


def mark(name, pixels="", size=(10, 10)):
    digest = pixels or f"pixels of {name}"
    return ImageFingerprint(name, "", digest, digest, *size, maximum=1.0)


def mask(name, *values, digest="", size=(10, 10), **facts):
    values = values or ((0, 90), (255, 10))
    return MaskFacts(
        mask_id=name,
        pixels_sha256=digest or f"mask of {name}",
        height=size[0],
        width=size[1],
        n_values=facts.pop("n_values", len(values)),
        values=values,
        **facts,
    )


def test_nothing_is_said_of_sound_masks() -> None:
    names = [f"{number}.png" for number in range(6)]
    marks, facts = [mark(name) for name in names], [mask(name) for name in names]
    assert unusable_masks(marks, facts) == []
    assert unknown_codes(facts, CODES) == []
    assert copied_masks(marks, facts) == []
    assert content_findings(facts, CODES, np.arange(6)) == []
    assert partner_findings((), (), False) == []


def test_partners_that_are_missing() -> None:
    image, lonely = partner_findings(["a.png"], ["b.png"], excluding=False)
    assert (image.severity, image.image, lonely.severity) == (ERROR, "a.png", WARNING)
    assert "on_bad_image: exclude" in image.remedy
    assert "mask without an image" in lonely.what
    assert partner_findings(["a.png"], [], excluding=True)[0].severity == WARNING


def test_masks_of_another_size_turned_ones_among_them() -> None:
    marks = [mark("a", size=(10, 20)), mark("b", size=(10, 20)), mark("c", size=(10, 20))]
    facts = [mask("a", size=(20, 10)), mask("b", size=(5, 10)), mask("c", size=(10, 20))]
    turned, small = unusable_masks(marks, facts)
    assert "Got 10 x 20 pixels for an image of 20 x 10" in turned.what
    assert "turned" in turned.remedy
    assert (small.image, small.severity) == ("b", ERROR)
    assert "Got 10 x 5 pixels for an image of 20 x 10" in small.what


def test_the_image_in_place_of_its_mask() -> None:
    (found,) = unusable_masks([mark("a", "same")], [mask("a", digest="same")])
    assert found.what == "its mask is the image itself."


def test_unknown_codes_are_named_with_counts() -> None:
    facts = [mask("a"), mask("b", (0, 90), (40, 7), (90, 3)), mask("c", (0, 99), (40, 1))]
    total, first, second = unknown_codes(facts, CODES)
    assert "hold codes of dataset.classes only (0, 7, 255). 2 of 3 hold others" in total.what
    assert "40 (8 pixels in 2 masks), 90 (3 pixels in 1 mask)" in total.what
    assert "dataset.ignore" in total.remedy
    assert (first.image, second.image) == ("b", "c")
    assert "40 (7 pixels), 90 (3 pixels)" in first.what


def test_near_codes_are_traces_of_a_lossy_format() -> None:
    facts = [mask("a", (0, 80), (255, 14), (254, 4), (253, 2))]
    total, _ = unknown_codes(facts, CODES)
    assert "254 (4 pixels in 1 mask), 253 (2 pixels in 1 mask)" in total.what
    assert "(254 near 255)" in total.remedy
    assert "JPEG" in total.remedy
    assert "Nothing is rounded" in total.remedy


def test_numbered_objects_where_one_code_is_written() -> None:
    codes = MaskCodes(("background", "nucleus"), ((0, 0), (1, 1)))
    values = [(0, 60), *((number, 4) for number in range(1, 11))]
    (total, _) = unknown_codes([mask("a", *values, n_pieces=10, n_piece_values=10)], codes)
    assert "classes: instances" in total.remedy
    assert "{instances: nucleus}" in total.remedy


def test_colours_that_are_no_codes() -> None:
    codes = MaskCodes(("background", "cell"), (((0, 0, 0), 0), ((255, 0, 0), 1)))
    values = (((0, 0, 0), 90), ((255, 0, 0), 4), ((250, 5, 0), 6))
    total, _ = unknown_codes([mask("a", *values, is_coloured=True), mask("b", (0, 100))], codes)
    assert "#fa0500 (6 pixels in 1 mask)" in total.what
    assert "#fa0500 near #ff0000" in total.remedy


def test_coloured_masks_where_objects_should_be_numbered() -> None:
    codes = MaskCodes(("background", "object"), instances=True)
    (found,) = unknown_codes([mask("a", is_coloured=True), mask("b")], codes)
    assert (found.image, found.severity) == ("a", ERROR)


def test_pixels_of_classes_ignored_ones_apart() -> None:
    facts = [mask("a", (0, 50), (255, 30), (7, 20)), mask("b", (0, 100))]
    assert class_pixels(facts, CODES).tolist() == [[50, 30, 20], [100, 0, 0]]
    # 150 and 30 of 180 pixels that count; 20 of 200.
    assert shares_in_words(facts, CODES) == (
        "pixels: background 83.3 % (in 2 masks), nucleus 16.7 % (in 1 masks), ignored 10.0 % of all"
    )


def test_where_no_class_is_background_it_is_told_that_all_count() -> None:
    codes = MaskCodes(("bg", "nucleus"), ((0, 0), (255, 1)))
    assert shares_in_words([mask("a")], codes) == (
        "pixels: bg 90.0 % (in 1 masks), nucleus 10.0 % (in 1 masks); all of them count in the "
        "means over classes, as none is called background"
    )


def test_masks_that_number_no_objects_where_they_should() -> None:
    codes = MaskCodes(("background", "nucleus"), instances=True, ignore=(7,))
    plain = [mask(str(number), (0, 80), (7, 10), (255, 10)) for number in range(6)]
    (found,) = _said(*plain, codes=codes)
    assert found.severity == WARNING
    assert "no mask has more than one number" in found.what
    assert _said(*plain, mask("b", (0, 80), (1, 10), (2, 10)), codes=codes) == []


def test_pixels_of_instances_are_all_above_0_also_those_beyond_the_commonest() -> None:
    codes = MaskCodes(("background", "object"), instances=True)
    facts = [mask("a", (0, 50), (3, 20), (9, 10), n_values=40)]  # 20 pixels of 37 more values
    assert class_pixels(facts, codes).tolist() == [[50, 50, 0]]


def _said(*facts, codes=CODES):
    return content_findings(facts, codes, np.arange(len(facts)))


def test_empty_masks_are_noted_and_many_of_them_warned_of() -> None:
    drawn = [mask(str(number)) for number in range(6)]
    (note,) = _said(mask("e", (0, 100)), *drawn)
    assert (note.severity, note.image) == (NOTE, "e")
    found = _said(*(mask(f"e{number}", (0, 100)) for number in range(7)), *drawn)
    assert [one.severity for one in found].count(WARNING) == 1
    assert any("7 of 13 masks are empty" in one.what for one in found)


def test_masks_of_which_nothing_counts() -> None:
    facts = [mask("i", (7, 100)), *(mask(str(number)) for number in range(6))]
    (found,) = ignored_masks(facts, CODES, "It is left out.")
    assert (found.severity, found.image, found.remedy) == (WARNING, "i", "It is left out.")
    assert _said(*facts) == []


def test_only_background_is_an_error() -> None:
    found = _said(*(mask(str(number), (0, 100)) for number in range(6)))
    assert [one.severity for one in found if not one.image] == [ERROR]


THREE = MaskCodes(("background", "a", "b"), ((0, 0), (1, 1), (2, 2)))


@pytest.mark.parametrize(
    ("rare", "severity", "words"),
    [
        (0, WARNING, "the class 'b' is in no mask"),
        (4, WARNING, "the class 'b' is in 4 of 20 masks"),
        (6, NOTE, "the class 'b' has 0.3 % of the pixels"),
    ],
)
def test_classes_that_are_rare(rare, severity, words) -> None:
    facts = [
        mask(str(number), (0, 80), (1, 20 - (number < rare)), *([(2, 1)] if number < rare else []))
        for number in range(20)
    ]
    (found,) = _said(*facts, codes=THREE)
    assert found.severity == severity
    assert words in found.what


@pytest.mark.parametrize(
    ("n_drawn", "words"), [(20, []), (5, ["is in 5 of 20 masks, of 1 of 4 groups: some folds"])]
)
def test_what_all_of_few_groups_have_is_in_every_fold(n_drawn, words) -> None:
    facts = [
        mask(str(number), (0, 80), (1, 10), (2 if number < n_drawn else 1, 10))
        for number in range(20)
    ]
    found = content_findings(facts, THREE, np.arange(20) // 5)
    assert len(found) == len(words)
    assert all(some in one.what for some, one in zip(words, found, strict=True))


def test_hardly_any_background() -> None:
    (found,) = _said(*(mask(str(number), (0, 5), (255, 95)) for number in range(6)))
    assert found.what == "only 5 % of the pixels are background."


def test_equal_images_with_different_masks_and_equal_masks_of_different_images() -> None:
    marks = [mark("a", "x"), mark("b", "x"), mark("c"), mark("d"), mark("e", "y"), mark("f", "y")]
    masks = ["1", "2", "3", "3", "4", "4"]
    facts = [mask(one.image_id, digest=key) for one, key in zip(marks, masks, strict=True)]
    two, same = copied_masks(marks, facts)
    assert (two.image, two.what) == ("b", "has the same pixels as a, but another mask.")
    assert (same.image, same.what) == ("d", "has the same mask as c, though the images differ.")


def test_empty_masks_are_no_copies_of_each_other() -> None:
    facts = [mask("a", (0, 100), digest="e"), mask("b", (0, 100), digest="e")]
    assert copied_masks([mark("a"), mark("b")], facts) == []


@pytest.mark.parametrize(
    ("codes", "n_found"),
    [
        (MaskCodes(("Hintergrund", "nucleus"), ((0, 0), (255, 1))), 1),
        (MaskCodes(("nucleus", "bg"), (((255, 0, 0), 0), ((0, 0, 0), 1))), 1),
        (MaskCodes(("background", "nucleus"), ((0, 0), (255, 1))), 0),
        (MaskCodes(("stroma", "tumour"), ((1, 0), (255, 1)), ignore=(0,)), 0),
    ],
)
def test_zero_that_is_not_called_background(codes, n_found) -> None:
    values = ((0, 60), (255, 30), (1, 10))
    if codes.is_coloured:
        values = (((0, 0, 0), 60), ((255, 0, 0), 40))
    found = content_findings([mask(str(n), *values) for n in range(6)], codes, np.arange(6))
    told = [one for one in found if "every class counts in the mean" in one.what]
    assert len(told) == n_found
    for one in told:
        assert one.severity == WARNING
        assert "60.0 % of the pixels" in one.what or "66.7 %" in one.what
        assert "Call it background" in one.remedy


def test_numbered_objects_that_touch_are_one_for_scores_of_objects() -> None:
    codes = MaskCodes(("background", "cell"), ignore=(9,), instances=True)
    values = ((0, 80), (1, 10), (2, 10))
    apart = [mask(str(n), *values, n_pieces=2, n_bodies=2) for n in range(6)]
    assert _said(*apart, codes=codes) == []
    touching = mask("t", *values, n_pieces=2, n_bodies=1)
    ignored = mask("i", (0, 80), (1, 10), (9, 10), n_pieces=2, n_bodies=1)
    (found,) = _said(touching, ignored, *apart, codes=codes)
    assert found.severity == WARNING
    assert "in 1 of 8 masks objects touch" in found.what
    assert "one object in object_f1 and object_ap50" in found.what
