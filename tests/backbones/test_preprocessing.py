"""Pixels reach a network exactly as Keras would have scaled them."""

import sys

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import MODES, preprocess
from bioselect.backbones.table import ROWS

LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)


def draw(seed=0):
    return np.random.default_rng(seed).random((2, 5, 7, 3)).astype(np.float32)


@pytest.mark.parametrize("name", ROWS)
def test_equals_keras_bit_by_bit(name):
    constructor = getattr(import_keras().applications, ROWS[name].constructor.split(":")[1])
    theirs = sys.modules[constructor.__module__].preprocess_input
    images = draw()
    expected = theirs(images * np.float32(255))
    ours = preprocess(images, ROWS[name].preprocessing)
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("mode", MODES)
def test_the_images_are_left_as_they_are(mode):
    images = draw()
    before = images.copy()
    images.flags.writeable = False
    scaled = preprocess(images, mode)
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(scaled, images)
    assert scaled.flags.c_contiguous


def test_levels_of_8_bits_come_back_as_they_were():
    # What a file held as 0 to 255 reaches a network that takes 0 to 255 without rounding.
    images = np.tile(LEVELS[None, :, None, None], (1, 1, 1, 3))
    np.testing.assert_array_equal(preprocess(images, "none")[0, :, 0, 0], np.arange(256))


def test_standardised_as_by_torchvision():
    # torchvision.transforms.Normalize: (pixel in 0-1 - mean) / std, for each channel.
    images = draw()
    images.flags.writeable = False
    mean, std = (0.1, 0.5, 0.9), (0.5, 0.25, 0.125)
    scaled = preprocess(images, PerChannel(mean, std))
    assert scaled.dtype == np.float32
    expected = (images.astype(np.float64) - mean) / std
    np.testing.assert_allclose(scaled, expected, rtol=1e-6, atol=1e-6)


def test_values_by_hand():
    image = np.array([[[[1.0, 0.5, 0.0]]]], dtype=np.float32)
    assert preprocess(image, "tf").ravel().tolist() == [1.0, 0.0, -1.0]
    # Blue first: 0 - 103.939, 127.5 - 116.779, 255 - 123.68.
    np.testing.assert_allclose(
        preprocess(image, "caffe").ravel(), [-103.939, 10.721, 131.32], rtol=1e-6
    )
    # (1 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0 - 0.406) / 0.225.
    np.testing.assert_allclose(
        preprocess(image, "torch").ravel(), [2.2489083, 0.1964286, -1.8044444], rtol=1e-6
    )
    assert preprocess(image, "unit").ravel().tolist() == [1.0, 0.5, 0.0]


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="mode must be one of caffe, tf"):
        preprocess(draw(), "mean")
