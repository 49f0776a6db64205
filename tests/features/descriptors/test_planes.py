"""Planes of an image, and the demands that descriptors share."""

import numpy as np
import pytest

from bioselect.exceptions import ComponentError, DataError, UnreadableImageError
from bioselect.features.descriptors.planes import described, planes, require_list, require_size


def test_mean_of_channels_is_numpys_mean():
    image = np.random.default_rng(0).random((6, 7, 5)).astype(np.float32)
    (plane,) = planes(image, "mean")
    np.testing.assert_allclose(plane, image.astype(np.float64).mean(axis=2), rtol=1e-6)


@pytest.mark.parametrize("side", [1, 6])  # planes of one pixel are views of the image
def test_the_mean_does_not_write_into_the_image(side):
    image = np.random.default_rng(0).random((side, side, 3)).astype(np.float32)
    before = image.copy()
    planes(image, "mean")
    np.testing.assert_array_equal(image, before)


def test_each_channel_in_order():
    image = np.random.default_rng(0).random((6, 7, 4)).astype(np.float32)
    for channel, plane in enumerate(planes(image, "each")):
        np.testing.assert_array_equal(plane, image[:, :, channel])


def test_rows_of_different_lengths_name_the_channels():
    images = [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 1), np.float32)]
    with pytest.raises(DataError, match=r"lbp: .* same number of channels. Got 1 and 3. .*mean"):
        described("lbp", images, lambda image: np.zeros(image.shape[2]))


def test_a_small_image_is_an_error_with_its_size_and_the_remedy():
    image = np.zeros((6, 40, 1), np.float32)
    with pytest.raises(UnreadableImageError, match=r"at least 7 x 7 pixels. Got 6 x 40. .*radii"):
        require_size("lbp", image, 7, "params.radii")
    require_size("lbp", image, 6, "params.radii")


@pytest.mark.parametrize("values", [[], [1, 1], [0], [100], [1.5], [True], ["1"]])
def test_a_wrong_list_is_an_error(values):
    with pytest.raises(ComponentError, match=r"lbp: params.radii must be radii. Got \["):
        require_list("lbp: params.radii", values, "radii", whole=True, low=1, high=99)
