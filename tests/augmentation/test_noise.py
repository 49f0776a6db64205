"""Noise and blur, against their definitions."""

import numpy as np
import pytest

from bioselect.augmentation.noise import GaussianBlur, GaussianNoise

RNG = np.random.default_rng


def changed(step, image, seed=0):
    return step.image(image, step.draw(image.shape, RNG(seed)))


def test_noise_has_its_standard_deviation_in_every_channel():
    grey = np.full((100, 100, 2), 0.5, dtype=np.float32)
    # Ranges of 0.8 and 0.2, so that a twentieth is 0.04 and 0.01.
    grey[0, 0], grey[0, 1] = (0.1, 0.4), (0.9, 0.6)
    noise = changed(GaussianNoise(sd=[0.05, 0.05]), grey) - grey
    # 10,000 values: the standard deviation is known to 0.7 %, the mean to 0.0005.
    assert noise.std(axis=(0, 1)) == pytest.approx([0.04, 0.01], rel=0.035)
    assert abs(float(noise.mean())) < 0.0025
    assert abs(np.corrcoef(noise[:, :, 0].ravel(), noise[:, :, 1].ravel())[0, 1]) < 0.05


def test_no_noise_changes_nothing():
    image = RNG(0).random((5, 5, 3)).astype(np.float32)
    assert np.array_equal(changed(GaussianNoise(sd=[0, 0]), image), image)


def test_blur_makes_a_gaussian_of_a_point():
    point = np.zeros((41, 41, 1), dtype=np.float32)
    point[20, 20] = 1.0
    blurred = changed(GaussianBlur(sigma=[2, 2]), point)[:, :, 0]
    rows, columns = np.mgrid[:41, :41] - 20
    expected = np.exp(-(rows**2 + columns**2) / 8) / (8 * np.pi)
    assert np.abs(blurred - expected).max() < 2e-4
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("n_channels", [1, 3, 6])
def test_channels_are_blurred_apart(n_channels):
    image = np.zeros((9, 9, n_channels), dtype=np.float32)
    image[:, :, -1] = 1.0
    blurred = changed(GaussianBlur(sigma=[3, 3]), image)
    assert np.allclose(blurred, image, atol=1e-6)
    assert blurred.max() <= 1.0


def test_hardly_any_blur_is_none():
    image = RNG(0).random((5, 5, 3)).astype(np.float32)
    assert np.array_equal(changed(GaussianBlur(sigma=[0.05, 0.05]), image), image)
