"""Moved pixels: against numpy, against arithmetic, and masks that keep their values."""

import numpy as np
import pytest

from bioselect.augmentation.affine import Rotation
from bioselect.augmentation.warping import (
    remap_image,
    remap_mask,
    single_threaded_opencv,
    warp_image,
    warp_mask,
)

IMAGE = np.random.default_rng(3).random((7, 7, 3)).astype(np.float32)
WIDE = np.random.default_rng(4).random((6, 9, 2)).astype(np.float32)


def shifted(x, y):
    return np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("image", [IMAGE, WIDE])
def test_flips_give_the_very_pixels(image):
    assert np.array_equal(warp_image(image, np.diag([-1.0, 1.0, 1.0])), image[:, ::-1])
    assert np.array_equal(warp_image(image, np.diag([1.0, -1.0, 1.0])), image[::-1])
    assert np.array_equal(warp_image(image, np.diag([-1.0, -1.0, 1.0])), image[::-1, ::-1])


@pytest.mark.parametrize("n_channels", [1, 3, 4, 5, 9])
def test_any_number_of_channels(n_channels):
    image = np.random.default_rng(0).random((8, 8, n_channels)).astype(np.float32)
    moved = warp_image(image, shifted(2, 0))
    assert moved.shape == image.shape
    assert np.allclose(moved[:, 2:], image[:, :-2], atol=1e-6)


def test_what_comes_in_is_mirrored_without_the_pixel_at_the_border():
    # 0 1 2 3 4 moved by 2 to the right: what lay left of 0 is its mirror image, 2 1.
    row = (np.arange(5, dtype=np.float32) / 4).reshape(1, 5, 1)
    moved = warp_image(row, shifted(2, 0))[0, :, 0] * 4
    assert np.allclose(moved, [2, 1, 0, 1, 2], atol=1e-6)
    assert warp_mask(np.arange(5).reshape(1, 5), shifted(2, 0)).tolist() == [[2, 1, 0, 1, 2]]


def test_half_a_pixel_is_the_mean_of_two():
    row = np.array([0.0, 0.5, 1.0], dtype=np.float32).reshape(1, 3, 1)
    moved = warp_image(row, shifted(-0.5, 0))[0, :, 0]
    # Right of the last pixel lies the mirror image of the one before it.
    assert np.allclose(moved, [0.25, 0.75, 0.75], atol=1e-6)


def test_a_quarter_turn_by_angle_is_that_of_numpy():
    turn = Rotation([90, 90]).draw(IMAGE.shape, np.random.default_rng(0))
    assert np.allclose(warp_image(IMAGE, turn), np.rot90(IMAGE), atol=1e-5)


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int32", "uint32", "int64", "uint64", "float64"]
)
def test_masks_of_any_type_keep_their_values(dtype):
    largest = 1 if dtype == "bool" else np.iinfo(dtype).max if dtype[0] in "iu" else 0.1
    mask = np.zeros((9, 9), dtype=dtype)
    mask[2:5, 1:7] = largest
    turn = Rotation([33, 33]).draw((9, 9, 1), np.random.default_rng(0))
    moved = warp_mask(mask, turn)
    assert moved.dtype == mask.dtype
    assert set(np.unique(moved)) == set(np.unique(mask))


def test_a_mask_lies_where_its_image_lies():
    rows, columns = np.mgrid[:61, :61]
    mask = ((rows - 20) ** 2 + (columns - 35) ** 2 < 150).astype(np.uint8)
    for degrees in (10, 77, 141):
        turn = Rotation([degrees, degrees]).draw((61, 61, 1), np.random.default_rng(0))
        image = warp_image(mask.astype(np.float32)[:, :, np.newaxis], turn)[:, :, 0]
        # Linear and nearest may only disagree on the outline of about 77 pixels.
        assert np.abs((image > 0.5).astype(int) - warp_mask(mask, turn)).sum() < 15


def test_maps_of_the_pixels_themselves_change_nothing():
    columns, rows = (one.astype(np.float32) for one in np.meshgrid(np.arange(7), np.arange(7)))
    assert np.array_equal(remap_image(IMAGE, columns, rows), IMAGE)
    mask = np.arange(49).reshape(7, 7)
    assert np.array_equal(remap_mask(mask, columns, rows), mask)
    assert np.array_equal(remap_mask(mask, rows, columns), mask.T)


def test_opencv_is_told_to_use_one_thread():
    assert single_threaded_opencv().getNumThreads() == 1
