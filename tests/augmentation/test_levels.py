"""Brightness, contrast and gamma, against arithmetic."""

import numpy as np
import pytest

from bioselect.augmentation.levels import Brightness, Contrast, Gamma

RNG = np.random.default_rng
#: Mean 0.5 in the first channel and 0.3 in the second.
IMAGE = np.array([[[0.25, 0.2], [0.75, 0.4]]], dtype=np.float32)


def changed(step, image=IMAGE, seed=0):
    return step.image(image, step.draw(image.shape, RNG(seed)))


def test_brightness_is_a_part_of_the_range_of_each_channel():
    # The ranges are 0.5 and 0.2; half of them is added, and what exceeds 1 is cut off.
    assert np.allclose(changed(Brightness(amount=[0.5, 0.5])), [[[0.5, 0.3], [1.0, 0.5]]])
    assert np.allclose(changed(Brightness(amount=[1, 1])), [[[0.75, 0.4], [1.0, 0.6]]])
    assert np.allclose(changed(Brightness(amount=[-0.6, -0.6])), [[[0, 0.08], [0.45, 0.28]]])


def test_contrast_keeps_the_mean_of_each_channel():
    # Twice the difference from 0.5, and from 0.3.
    assert np.allclose(changed(Contrast(factor=[2, 2])), [[[0.0, 0.1], [1.0, 0.5]]])
    assert np.allclose(changed(Contrast(factor=[0, 0])), [[[0.5, 0.3], [0.5, 0.3]]])


def test_gamma_is_a_power_between_the_ends_of_each_channel():
    row = np.array([[[0.0, 0.2], [0.5, 0.3], [1.0, 0.4]]], dtype=np.float32)
    # The middle is one half of both ranges: its square is a quarter, its root 0.7071 of them.
    assert np.allclose(changed(Gamma(exponent=[2, 2]), row)[0, 1], [0.25, 0.25], atol=1e-6)
    assert np.allclose(
        changed(Gamma(exponent=[0.5, 0.5]), row)[0, 1], [0.70711, 0.34142], atol=1e-5
    )
    assert np.array_equal(changed(Gamma(exponent=[3, 3]), row)[0, ::2], row[0, ::2])


def test_faint_stains_are_changed_as_strongly_as_bright_ones():
    image = RNG(0).random((8, 8, 2)).astype(np.float32) / 2
    faint = image / 20
    for step in (Brightness(amount=[0.05, 0.05]), Contrast(factor=[1.1, 1.1]), Gamma([0.8, 0.8])):
        assert np.allclose(changed(step, faint), changed(step, image) / 20, atol=1e-6)


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
    image = np.zeros((1, 3, 3), dtype=np.float32)
    image[0, :, :] = np.array([[0.0], [0.25], [0.5]])
    amounts = np.float32([0.0, 0.5, 1.0])
    assert Brightness().image(image, amounts)[0, 0].tolist() == [0.0, 0.25, 0.5]
    assert np.allclose(Gamma().image(image, np.float32([1, 2, 0.5]))[0, 1], [0.25, 0.125, 0.35355])
