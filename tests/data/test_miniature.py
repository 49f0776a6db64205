"""An image from afar: what is kept of it, whatever its size and type."""

import numpy as np
import pytest

from bioselect.data.miniature import SIDE, miniature, pixels_of


def test_each_field_is_the_mean_of_its_pixels():
    random = np.random.default_rng(0)
    image = random.integers(0, 1000, (64, 96, 2)).astype(np.uint16)
    # 2 x 3 pixels a field, two channels; from the darkest to the brightest field.
    means = image.reshape(SIDE, 2, SIDE, 3, 2).mean(axis=(1, 3, 4))
    expected = (means - means.min()) / np.ptp(means) * 255
    (found,) = pixels_of([miniature(image)])
    assert np.abs(found - expected).max() <= 0.51


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 1), (3, 500, 1), (700, 1200, 1)])
def test_images_of_any_size(shape):
    image = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    assert pixels_of([miniature(image)]).shape == (1, SIDE, SIDE)


def test_images_of_any_range():
    light = np.linspace(-1, 1, SIDE * SIDE).reshape(SIDE, SIDE, 1)
    texts = {miniature(light * scale) for scale in (1e-290, 1.0, 1e290)}
    assert len(texts) == 1
    assert pixels_of(texts).min() == 0
    assert pixels_of(texts).max() == 255


def test_one_light_is_black():
    assert not pixels_of([miniature(np.full((9, 9, 3), 7, dtype=np.uint8))]).any()
