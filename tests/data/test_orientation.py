"""All eight orientations are tested against Pillow with the reading of files."""

import numpy as np
import pytest

from bioselect.data.orientation import native, oriented

PIXELS = np.arange(6).reshape(2, 3, 1)


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation):
    np.testing.assert_array_equal(oriented(PIXELS, orientation), PIXELS)


def test_a_quarter_turn_clockwise():
    # 0 1 2      3 0
    # 3 4 5  ->  4 1
    #            5 2
    assert oriented(PIXELS, 6)[:, :, 0].tolist() == [[3, 0], [4, 1], [5, 2]]


@pytest.mark.parametrize("dtype", [">u2", "<u2", "u1", ">f4"])
def test_native_keeps_the_values(dtype):
    image = native(np.arange(12).astype(dtype).reshape(2, 3, 2)[:, ::-1])
    assert image.dtype.isnative
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(image, np.arange(12).reshape(2, 3, 2)[:, ::-1])
