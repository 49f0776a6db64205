"""What values of masks stand for where nobody says: found where that is sure, else asked for."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from bioselect.data.found_codes import found_codes
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts, contents_of
from bioselect.data.pairs import IGNORED
from bioselect.exceptions import DataError


def facts(*masks):
    found = []
    for number, mask in enumerate(masks):
        array = np.asarray(mask)
        array = array[..., None] if array.ndim == 2 else array
        found.append(MaskFacts(**vars(contents_of(array)), mask_id=f"{number}.png"))
    return found


def discs(values, size=64, radius=6, seed=0, dtype=np.uint8):
    """Return a mask with a disc of each value on a grid, which do not touch."""
    mask = np.zeros((size, size), dtype)
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size]
    step = 2 * radius + 4
    cells = [(r, c) for r in range(step // 2, size, step) for c in range(step // 2, size, step)]
    for value, (row, column) in zip(values, rng.permutation(cells).tolist(), strict=False):
        mask[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = value
    return mask


@pytest.mark.parametrize(
    ("values", "names", "codes"),
    [
        ((0, 255), ("background", "object"), ((0, 0), (255, 1))),
        ((0, 1), ("background", "object"), ((0, 0), (1, 1))),
        ((0, 1, 2), ("background", "class_1", "class_2"), ((0, 0), (1, 1), (2, 2))),
        ((0, 128, 255), ("background", "class_128", "class_255"), ((0, 0), (128, 1), (255, 2))),
        ((36, 72, 108), ("class_36", "class_72", "class_108"), ((36, 0), (72, 1), (108, 2))),
        ((1, 2), ("class_1", "class_2"), ((1, 0), (2, 1))),
    ],
)
def test_grey_codes(values, names, codes) -> None:
    rng = np.random.default_rng(0)
    found, words = found_codes(facts(*(rng.choice(values, (20, 20)) for _ in range(3))))
    assert (found.class_names, found.codes) == (names, codes)
    assert not found.instances
    assert all(str(value) in words for value in values)
    assert ("all of them count" in words) == (0 not in values)


def test_values_that_are_ignored_are_no_classes() -> None:
    mask = np.tile([0, 128, 255], (5, 5))
    found, _ = found_codes(facts(mask), (128,))
    assert found.class_names == ("background", "object")
    assert found.ignore == (128,)


def test_colours_black_is_background() -> None:
    mask = np.zeros((6, 6, 3), np.uint8)
    mask[:2] = (255, 0, 0)
    mask[2:4] = (0, 0, 255)
    found, _ = found_codes(facts(mask, np.zeros((4, 4), np.uint8)))
    assert found.class_names == ("background", "class_0000ff", "class_ff0000")
    assert found.places(mask)[:, 0].tolist() == [2, 2, 1, 1, 0, 0]


def test_many_numbered_objects_are_instances() -> None:
    masks = [discs(range(1, n), dtype=np.uint16, seed=n) for n in (10, 14, 16)]
    found, words = found_codes(facts(*masks))
    assert found.instances
    assert found.class_names == ("background", "object")
    assert "up to 15 in one" in words


def test_few_numbers_of_single_pieces_are_asked_about() -> None:
    masks = [discs(range(1, n), seed=n) for n in (3, 4, 6)]
    with pytest.raises(DataError, match="they may number objects, or be classes"):
        found_codes(facts(*masks))


def test_classes_of_several_pieces_are_classes() -> None:
    masks = [discs([1, 2, 3, 4, 1, 2, 3, 4][:n], seed=n) for n in (6, 7, 8)]
    assert found_codes(facts(*masks))[0].n_classes == 5


def _as_jpeg(mask):
    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "JPEG", quality=90)
    return np.asarray(Image.open(buffer))


def test_masks_saved_as_jpeg_are_told_with_their_codes() -> None:
    masks = [_as_jpeg(discs([255] * 9, seed=n)) for n in range(3)]
    with pytest.raises(DataError) as caught:
        found_codes(facts(*masks))
    words = str(caught.value)
    assert re.search(r"Got \d+ different values: 0, .*255 in \d+\.\d % of the pixels", words)
    assert "Lossy formats (JPEG)" in words
    assert "PNG or TIFF" in words


def test_a_few_values_near_a_code_are_not_rounded() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[:5] = 255
    mask[5, :3], mask[5, 3:8] = 253, 254
    with pytest.raises(DataError) as caught:
        found_codes(facts(mask, mask))
    words = str(caught.value)
    assert "254 (10 pixels in 2 masks)" in words
    assert "253 (6 pixels in 2 masks)" in words
    assert "Lossy" in words


def test_0_and_1_in_some_masks_and_0_and_255_in_others() -> None:
    ones, others = np.eye(9, dtype=np.uint8), np.eye(9, dtype=np.uint8) * 255
    with pytest.raises(DataError, match=r"nearly alike: 0 .*1 \(9 pixels in 1 mask\)"):
        found_codes(facts(ones, others))


def test_photographs_are_no_masks() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="as photographs have them"):
        found_codes(facts(rng.integers(0, 255, (50, 50)).astype(np.uint8)))
    dark = np.minimum(rng.exponential(2.0, (50, 50)), 255).astype(np.uint8)
    with pytest.raises(DataError, match="Are path and masks the right way round"):
        found_codes(facts(dark))


def test_one_value_teaches_nothing() -> None:
    with pytest.raises(DataError, match="Got the value 0 only in 2 masks"):
        found_codes(facts(np.zeros((4, 4)), np.zeros((4, 4))))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64, np.float32])
def test_places_are_the_same_by_a_table_and_by_sorting(dtype) -> None:
    codes = MaskCodes(("a", "b"), ((36, 0), (72, 1), (108, 1), (70000, 0)), ignore=(7,))
    values = np.random.default_rng(0).choice([36, 72, 108, 7], (9, 8))
    expected = np.select([values == 36, values == 7], [0, IGNORED], 1)
    assert np.array_equal(codes.places(values.astype(dtype)[..., None]), expected)
    three = np.repeat(values.astype(dtype)[..., None], 3, axis=2)
    assert np.array_equal(codes.places(three), expected)
    three[0, 0, 1] = 200
    with pytest.raises(DataError, match="3 channels that differ"):
        codes.places(three)
    values[0, 0] = 5
    with pytest.raises(DataError, match="Got 5 in 1 of 72 pixels"):
        codes.places(values.astype(dtype)[..., None])
