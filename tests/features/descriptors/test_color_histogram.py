"""Colour histograms against OpenCV, scikit-image and the colour circle."""

import colorsys

import cv2
import numpy as np
import pytest
from skimage.color import rgb2lab

from bioselect.exceptions import DataError, UnreadableImageError
from bioselect.features.base import traits
from bioselect.features.descriptors.color_histogram import ColorHistogram


def colours(*shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)


def test_joint_histogram_is_opencvs():
    eight_bit = colours(40, 50)
    row = ColorHistogram(bins=8, joint=True).transform([np.float32(eight_bit / 255)])[0]
    expected = cv2.calcHist([eight_bit], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3).ravel() / 2000
    np.testing.assert_allclose(row, expected, atol=1e-7)


def test_marginal_histograms_are_numpys():
    image = np.random.default_rng(0).random((30, 31, 5)).astype(np.float32)
    row = ColorHistogram(bins=16).transform([image])[0].reshape(5, 16)
    for channel in range(5):
        counts = np.histogram(image[:, :, channel], bins=16, range=(0, 1))[0]
        np.testing.assert_allclose(row[channel], counts / 930, atol=1e-6)


@pytest.mark.parametrize(
    ("rgb", "expected"),
    # Eight classes of hue are 45 degrees wide: red 0, yellow 60, green 120, blue 240, magenta 300.
    [((1, 0, 0), 0), ((1, 1, 0), 1), ((0, 1, 0), 2), ((0, 0, 1), 5), ((1, 0, 1), 6)],
)
def test_hues(rgb, expected):
    image = np.tile(np.array(rgb, dtype=np.float32), (4, 4, 1))
    row = ColorHistogram("hsv", bins=8).transform([image])[0]
    assert np.flatnonzero(row).tolist() == [expected, 8 + 7, 16 + 7]


def test_hsv_is_that_of_the_standard_library():
    image = np.random.default_rng(0).random((15, 15, 3)).astype(np.float32)
    row = ColorHistogram("hsv", bins=8).transform([image])[0]
    values = [colorsys.rgb_to_hsv(*pixel) for pixel in image.reshape(-1, 3).astype(np.float64)]
    expected = [np.histogram(one, bins=8, range=(0, 1))[0] for one in zip(*values, strict=True)]
    np.testing.assert_allclose(row, np.concatenate(expected) / 225, atol=1e-6)


def test_lab_is_that_of_scikit_image():
    eight_bit = colours(40, 40)
    row = ColorHistogram("lab", bins=4).transform([np.float32(eight_bit / 255)])[0]
    lab = rgb2lab(eight_bit)
    limits = [(0, 100), (-87, 99), (-108, 95)]
    expected = [np.histogram(lab[:, :, c], bins=4, range=limits[c])[0] for c in range(3)]
    # Colours at a limit may fall to either side: OpenCV's conversion is right to about 0.01.
    np.testing.assert_allclose(row, np.concatenate(expected) / 1600, atol=0.003)


def test_lab_limits_hold_every_colour():
    corners = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T[None]
    lab = rgb2lab(corners.astype(np.float64))
    assert lab[..., 1].min() > -87
    assert lab[..., 1].max() < 99
    assert lab[..., 2].min() > -108
    assert lab[..., 2].max() < 95


@pytest.mark.parametrize("space", ["rgb", "hsv", "lab"])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("joint", [True, False])
def test_flat_and_tiny_images_sum_to_one(space, value, joint):
    image = np.full((1, 1, 3), value, dtype=np.float32)
    image.flags.writeable = False
    row = ColorHistogram(space, joint=joint).transform([image])[0]
    assert row.sum() == pytest.approx(1 if joint else 3)
    assert set(row.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("space", ["hsv", "lab"])
@pytest.mark.parametrize("n_channels", [1, 2, 4])
def test_colour_spaces_need_three_channels(space, n_channels):
    image = np.zeros((4, 4, n_channels), dtype=np.float32)
    message = f"space {space} accepts images with 3 channels. Got {n_channels}. .*space: rgb"
    with pytest.raises(UnreadableImageError, match=message):
        ColorHistogram(space).transform([image])


def test_too_many_bins():
    image = np.zeros((4, 4, 6), dtype=np.float32)
    joint = ColorHistogram(bins=8, joint=True)
    with pytest.raises(UnreadableImageError, match=r"at most 32768 bins.*262144 in all.*joint"):
        joint.transform([image])
    assert joint.transform([image[:, :, :5]]).shape == (1, 32768)
    assert ColorHistogram(bins=8).transform([image]).shape == (1, 48)


def test_grey_among_colour():
    images = [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 1), np.float32)]
    with pytest.raises(DataError, match=r"number of channels. Got 1 and 3. Write .*space: hsv"):
        ColorHistogram().transform(images)


@pytest.mark.parametrize(("space", "n_channels"), [("rgb", None), ("hsv", 3), ("lab", 3)])
def test_three_channels_are_asked_for_where_colours_are_converted(space, n_channels):
    assert traits(ColorHistogram(space)).n_channels == n_channels


@pytest.mark.parametrize(
    ("extractor", "n_channels", "n_features", "place", "name"),
    [
        (ColorHistogram(bins=4, joint=True), 3, 64, 27, "bin1-2-3"),
        (ColorHistogram(bins=4, joint=True), 2, 16, 7, "bin1-3"),
        (ColorHistogram("hsv", 4), 3, 12, 5, "bin1_saturation"),
        (ColorHistogram("hsv", 4), 1, 12, 5, "bin1_saturation"),  # grey is repeated
        (ColorHistogram(bins=4), 5, 20, 19, "bin3_c4"),
    ],
)
def test_names(extractor, n_channels, n_features, place, name):
    names = extractor.feature_names(n_channels)
    assert len(set(names)) == len(names) == n_features
    assert names[place] == f"color_histogram_{name}"
