"""Hu's moments against scikit-image, formulas of simple shapes and their invariances."""

import numpy as np
import pytest
from skimage.measure import moments_central, moments_hu, moments_normalized

from bioselect.features.descriptors.hu_moments import (
    HuMoments,
    log_hu_moments,
    otsu_threshold,
)


def logarithmic(hu):
    return np.sign(hu) * np.log10(1 + np.abs(hu) * 1e12)


def test_moments_are_those_of_scikit_image():
    plane = np.random.default_rng(0).random((30, 41)).astype(np.float32) ** 4
    hu = moments_hu(moments_normalized(moments_central(plane.astype(np.float64))))
    ours = log_hu_moments(plane)
    np.testing.assert_allclose(np.abs(ours), np.abs(logarithmic(hu)), rtol=1e-6, atol=1e-6)
    # scikit-image's axes are rows and columns: a reflection, which turns the sign of the seventh.
    np.testing.assert_array_equal(np.sign(ours[:6]), np.sign(hu[:6]))
    assert np.sign(ours[6]) == -np.sign(hu[6])


def test_a_square_and_a_disk():
    # Of a shape of uniform value, h1 = (mu20 + mu02) / area ** 2: for a square 1 / 6
    # (2 a^4 / 12 / a^4), for a disk 1 / (2 pi) (2 * pi r^4 / 4 / (pi r^2) ** 2).
    square = np.zeros((200, 200), dtype=np.float32)
    square[40:160, 30:150] = 1
    rows, columns = np.indices(square.shape)
    disk = ((rows - 100) ** 2 + (columns - 100) ** 2 <= 60**2).astype(np.float32)
    assert log_hu_moments(square)[0] == pytest.approx(np.log10(1e12 / 6), abs=1e-3)
    assert log_hu_moments(disk)[0] == pytest.approx(np.log10(1e12 / (2 * np.pi)), abs=1e-3)


def ell():
    image = np.zeros((60, 80, 1), dtype=np.float32)
    image[10:40, 20:30] = 1
    image[30:40, 20:55] = 1
    return image


@pytest.mark.parametrize("background", [0.0, 0.05, 0.5])
def test_moved_and_turned_shapes_are_the_same(background):
    image = np.maximum(ell(), np.float32(background))
    moved = np.roll(image, (7, 9), axis=(0, 1))
    rows = HuMoments(foreground="bright").transform([image, moved, np.rot90(image)])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-3)
    np.testing.assert_allclose(rows[2], rows[0], atol=1e-3)


def test_a_mirror_image_turns_the_seventh_sign():
    rows = HuMoments(foreground="bright").transform([ell(), ell()[:, ::-1]])
    np.testing.assert_allclose(rows[1, :6], rows[0, :6], atol=1e-3)
    assert rows[0, 6] != 0
    assert rows[1, 6] == pytest.approx(-rows[0, 6], abs=1e-3)


def test_a_dark_object_on_white_is_a_bright_one_on_black():
    bright = HuMoments(foreground="bright").transform([ell()])
    dark = HuMoments(foreground="dark").transform([1 - ell()])
    np.testing.assert_allclose(dark, bright, atol=1e-5)
    both = HuMoments().transform([ell()])
    np.testing.assert_array_equal(both[:, :14], bright)


def test_threshold_lies_between_two_peaks():
    random = np.random.default_rng(0)
    plane = np.where(random.random((50, 50)) < 0.3, 0.8, 0.2) + random.normal(0, 0.02, (50, 50))
    assert 0.25 < otsu_threshold(plane.astype(np.float32)) < 0.75


def test_the_mask_does_not_depend_on_brightness():
    image = ell() * 0.01  # dim: most of a fluorescence image is
    rows = HuMoments(foreground="bright").transform([ell(), image])
    np.testing.assert_allclose(rows[1, 7:], rows[0, 7:], atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("side", [1, 2, 50])
def test_flat_images_have_no_mask(value, side):
    row = HuMoments().transform([np.full((side, side, 3), value, np.float32)])[0]
    assert np.isfinite(row).all()
    assert not row[7:14].any()
    assert not row[21:].any()


def test_one_odd_value_in_the_mean_of_16_bit_channels():
    # 1 / 65535 in one of three channels: the mean differs by 5e-6, 85 steps of float32.
    image = np.full((20, 20, 3), 0.9, dtype=np.float32)
    image[3, 4, 0] += 1 / 65535
    row = HuMoments(foreground="bright").transform([image])[0]
    alone = np.zeros((20, 20, 1), dtype=np.float32)
    alone[3, 4] = 1.0
    np.testing.assert_allclose(
        row[7:], HuMoments(foreground="bright").transform([alone])[0, 7:], atol=1e-5
    )


def test_length_and_names():
    extractor = HuMoments(foreground="dark", channels="each")
    row = extractor.transform([np.random.default_rng(0).random((9, 9, 2)).astype(np.float32)])[0]
    names = extractor.feature_names(2)
    assert len(set(names)) == len(row) == 28
    assert names[14] == "hu_moments_dark_grey_hu1_c1"
    assert len(HuMoments().feature_names(3)) == 28
