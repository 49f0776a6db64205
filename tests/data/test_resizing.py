import numpy as np
import pytest
from skimage.transform import downscale_local_mean

from bioselect.data.resizing import resize


def _image(height, width, n_channels, seed=0):
    values = np.random.default_rng(seed).random((height, width, n_channels))
    return values.astype(np.float32)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4, 5, 9])
def test_shrinking_by_whole_factors_averages_blocks(n_channels):
    image = _image(24, 36, n_channels)
    expected = downscale_local_mean(image.astype(np.float64), (4, 3, 1))
    resized = resize(image, (6, 12))
    assert resized.shape == (6, 12, n_channels)
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized, expected, atol=1e-6)


def test_shrinking_by_a_fraction_weighs_the_parts_of_pixels():
    # Three pixels on two: each result covers one and a half pixels, (1 * a + 0.5 * b) / 1.5.
    image = np.array([[[0.0], [0.3], [0.9]]], dtype=np.float32)
    expected = [(0.0 + 0.15) / 1.5, (0.15 + 0.9) / 1.5]
    np.testing.assert_allclose(resize(image, (1, 2))[0, :, 0], expected, atol=1e-6)


def test_growing_interpolates_linearly_between_pixel_centres():
    # Centres of four results lie at -0.25, 0.25, 0.75 and 1.25 of two pixels; the border is held.
    image = np.array([[[0.2], [0.6]]], dtype=np.float32)
    np.testing.assert_allclose(resize(image, (1, 4))[0, :, 0], [0.2, 0.3, 0.5, 0.6], atol=1e-6)


def test_one_side_shrinks_while_the_other_grows():
    # Rows are averaged (0.2 and 0.4 -> 0.3; 0.6 and 1.0 -> 0.8), then columns interpolated.
    image = np.array([[[0.2], [0.6]], [[0.4], [1.0]]], dtype=np.float32)
    expected = [0.3, 0.3 + 0.25 * 0.5, 0.3 + 0.75 * 0.5, 0.8]
    np.testing.assert_allclose(resize(image, (1, 4))[0, :, 0], expected, atol=1e-6)


def test_each_channel_is_resized_as_if_alone():
    image = _image(31, 17, 7)
    together = resize(image, (12, 40))
    for channel in range(7):
        alone = resize(image[:, :, channel : channel + 1], (12, 40))
        # Several channels at once take OpenCV's coarser weights: 3.4e-6 measured.
        np.testing.assert_allclose(together[:, :, channel : channel + 1], alone, atol=1e-5)


def test_the_same_size_gives_the_same_array():
    image = _image(5, 6, 3)
    assert resize(image, (5, 6)) is image


@pytest.mark.parametrize("size", [(33, 40), (300, 131)])
def test_the_result_stays_within_0_and_1_and_the_input_as_it_was(size):
    # The weights of 199 rows on 33 add up to 1.0000001 in float32.
    image = np.ones((199, 133, 3), dtype=np.float32)
    resized = resize(image, size)
    assert resized.max() <= 1
    np.testing.assert_allclose(resized, 1, atol=1e-6)
    np.testing.assert_array_equal(image, 1)


def test_a_view_that_is_not_contiguous_is_taken():
    image = _image(20, 30, 3)
    flipped = resize(image[:, ::-1], (10, 10))
    np.testing.assert_array_equal(flipped, resize(image[:, ::-1].copy(), (10, 10)))
