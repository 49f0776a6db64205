import numpy as np
import pytest

from bioselect.predict.as_picture import as_picture


def test_deep_grey_goes_from_its_darkest_to_its_lightest():
    image = np.linspace(1000, 1200, 100 * 100).reshape(100, 100, 1).astype(np.uint16)
    picture = as_picture(image)
    assert picture.shape == (100, 100, 3)
    assert picture.dtype == np.uint8
    assert (picture[0, 0], picture[-1, -1]) == (pytest.approx(0), pytest.approx(255))
    # The middle value lies in the middle.
    assert abs(int(picture[50, 0, 0]) - 128) <= 1


def test_colours_keep_their_hue():
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    image[5:] = (200, 100, 0)
    assert as_picture(image)[9, 0].tolist() == [255, 128, 0]


def test_channels_that_are_no_colours_are_shown_as_their_mean():
    image = np.zeros((10, 10, 3), dtype=np.uint16)
    image[:5, :, 0] = 3000
    image[:, :5, 1] = 50
    picture = as_picture(image)
    # Each channel is stretched by itself; the third holds nothing.
    assert picture[0, 0].tolist() == [170, 170, 170]
    assert picture[0, 9].tolist() == picture[9, 0].tolist() == [85, 85, 85]


def test_floats_may_be_colours():
    image = np.zeros((4, 4, 3), dtype=np.float32)
    image[2:, :, 0] = 1.0
    assert as_picture(image, are_colours=True)[3, 3].tolist() == [255, 0, 0]


def test_an_image_of_one_value_is_a_picture():
    assert as_picture(np.full((3, 3, 1), 7, dtype=np.uint8)).max() == 0
