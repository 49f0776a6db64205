"""Brightness, contrast and gamma, against arithmetic."""

import numpy as np
import pytest

from bioselect.augmentation.levels import Brightness, Contrast, Gamma

RNG = np.random.default_rng
#: Mean 0.5 in the first channel and 0.3 in the second.
IMAGE = np.array([[[0.25, 0.2], [0.75, 0.4]]], dtype=np.float32)


def changed(step, image=IMAGE, seed=0):
    return step.image(image, step.draw(image.shape, RNG(seed)))


def test_brightness_is_added_and_cut_off():
    result = changed(Brightness(amount=[0.5, 0.5]))
    assert np.allclose(result, [[[0.75, 0.7], [1.0, 0.9]]])
    assert np.allclose(changed(Brightness(amount=[-0.3, -0.3])), [[[0, 0], [0.45, 0.1]]])


def test_contrast_keeps_the_mean_of_each_channel():
    # Twice the difference from 0.5, and from 0.3.
    assert np.allclose(changed(Contrast(factor=[2, 2])), [[[0.0, 0.1], [1.0, 0.5]]])
    assert np.allclose(changed(Contrast(factor=[0, 0])), [[[0.5, 0.3], [0.5, 0.3]]])


def test_gamma_is_a_power():
    assert np.allclose(changed(Gamma(exponent=[2, 2])), IMAGE**2, atol=1e-6)
    assert np.allclose(changed(Gamma(exponent=[0.5, 0.5])), np.sqrt(IMAGE), atol=1e-6)


@pytest.mark.parametrize("exponent", [0.2, 0.77, 1.0, 1.3, 5.0])
def test_gamma_keeps_black_and_white(exponent):
    ends = np.array([[[0.0], [1.0]]], dtype=np.float32)
    result = changed(Gamma(exponent=[exponent, exponent]), ends)
    assert result[:, :, 0].tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("kind", [Brightness, Contrast, Gamma])
def test_one_number_for_all_channels_or_one_for_each(kind):
    together = kind().draw((4, 4, 5), RNG(0))
    apart = kind(per_channel=True).draw((4, 4, 5), RNG(0))
    assert (together.shape, apart.shape) == ((1,), (5,))
    assert len(set(apart.tolist())) == 5


def test_each_channel_gets_its_own_number():
    image = np.full((2, 2, 3), 0.25, dtype=np.float32)
    amounts = np.float32([0.0, 0.25, 0.5])
    assert Brightness().image(image, amounts)[0, 0].tolist() == [0.25, 0.5, 0.75]
    assert np.allclose(Gamma().image(image, np.float32([1, 2, 0.5]))[0, 0], [0.25, 0.0625, 0.5])
