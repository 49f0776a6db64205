"""Which grey levels are left of an image."""

import numpy as np
import pytest

from bioselect.features.visual_words.eight_bit import eight_bit


@pytest.fixture
def ramp():
    return np.linspace(0, 1, 10_000, dtype=np.float32).reshape(100, 100)


def test_a_dim_image_keeps_its_grey_levels(ramp):
    # A 12-bit camera in a 16-bit file: at most 4095 of 65535.
    dim = ramp * np.float32(4095 / 65535)
    assert len(np.unique(eight_bit(dim, "image"))) == 256
    assert len(np.unique(eight_bit(dim, "unit"))) == 17  # 255 * 4095 / 65535 = 15.9, and 0


def test_brightness_and_contrast_do_not_matter(ramp):
    changed = eight_bit(0.3 + 0.25 * ramp, "image").astype(int)
    assert np.abs(changed - eight_bit(ramp, "image")).max() <= 1


def test_hot_and_dead_pixels_do_not_set_the_scale(ramp):
    dim = 0.4 + 0.1 * ramp
    spoilt = dim.copy()
    spoilt[0, :4], spoilt[1, :4] = 1.0, 0.0  # 4 of 10,000 at either end
    levels = eight_bit(spoilt, "image")
    assert (levels[0, :4] == 255).all()
    assert (levels[1, :4] == 0).all()
    assert np.abs(levels[2:].astype(int) - eight_bit(dim, "image")[2:]).max() <= 1


def test_few_spots_on_a_constant_ground_stay_visible():
    plane = np.full((100, 100), 0.2, dtype=np.float32)
    plane[50, 50:54] = [0.3, 0.4, 0.3, 0.25]
    assert eight_bit(plane, "image")[50, 49:55].tolist() == [0, 128, 255, 128, 64, 0]


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (3, 40)])
def test_constant_planes(shape, value):
    plane = np.full(shape, value, dtype=np.float32)
    assert not eight_bit(plane, "image").any()
    assert set(eight_bit(plane, "unit").ravel()) == {round(255 * float(plane[0, 0]))}


def test_the_smallest_difference_that_there_is():
    plane = np.zeros((2, 2), dtype=np.float32)
    plane[0, 0] = np.nextafter(np.float32(0), np.float32(1))
    with np.errstate(all="raise"):
        assert eight_bit(plane, "image")[0, 0] == 255


def test_nothing_is_written_into_the_plane(ramp):
    ramp.flags.writeable = False
    eight_bit(ramp, "image")
    eight_bit(ramp, "unit")
