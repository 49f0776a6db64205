"""Saturation and hue, against the definition of grey and the standard library's colours."""

import colorsys

import numpy as np
import pytest

from bioselect.augmentation.colours import Hue, Saturation

RNG = np.random.default_rng
IMAGE = RNG(5).random((6, 4, 3)).astype(np.float32)


def changed(step, image=IMAGE):
    return step.image(image, step.draw(image.shape, RNG(0)))


def test_without_saturation_all_is_grey():
    # ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.
    grey = IMAGE @ np.array([0.299, 0.587, 0.114])
    result = changed(Saturation(factor=[0, 0]))
    assert np.allclose(result, grey[:, :, np.newaxis], atol=1e-6)
    assert np.allclose(changed(Saturation(factor=[1, 1])), IMAGE, atol=1e-6)


@pytest.mark.parametrize("degrees", [-90.0, 30.0, 120.0])
def test_hue_is_that_of_the_standard_library(degrees):
    result = changed(Hue(degrees=[degrees, degrees]))
    for before, after in zip(IMAGE.reshape(-1, 3), result.reshape(-1, 3), strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*before.astype(float))
        expected = colorsys.hsv_to_rgb((hue + degrees / 360) % 1, saturation, value)
        assert np.allclose(after, expected, atol=1e-4)


def test_grey_stays_grey():
    grey = np.repeat(RNG(0).random((3, 3, 1)), 3, axis=2).astype(np.float32)
    assert np.allclose(changed(Hue(degrees=[77, 77]), grey), grey, atol=1e-6)
    assert np.allclose(changed(Saturation(factor=[3, 3]), grey), grey, atol=1e-5)


@pytest.mark.parametrize("kind", [Hue, Saturation])
def test_somebody_may_say_that_channels_are_colours(kind):
    assert kind().needs_colours
    assert not kind(channels="rgb").needs_colours
    assert kind(channels="rgb").n_channels == 3
