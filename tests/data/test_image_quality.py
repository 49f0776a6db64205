"""Measures of an image against arithmetic, and against what they must and must not react to."""

import cv2
import numpy as np
import pytest

from bioselect.data.image_quality import DTYPES, N_MEASURES, Measures, measures


def picture(seed=0, side=96, dtype=np.uint8):
    random = np.random.default_rng(seed)
    coarse = cv2.resize(random.random((12, 12, 3)), (side, side))
    image = 40 + 120 * coarse + random.normal(scale=6, size=(side, side, 3))
    return np.clip(image, 0, 255).astype(dtype)


def test_measures_by_hand():
    image = np.zeros((2, 4, 3), dtype=np.uint8)
    image[0, 0] = (255, 255, 51)
    image[0, 1] = (255, 0, 0)
    found = measures(image)
    assert found.clipped == 2 / 8  # Of the first channel.
    assert found.light == pytest.approx((2 / 8, 1 / 8, 0.2 / 8, 0.0))
    assert found.brightness == pytest.approx((2 + 1 + 0.2) / 24)
    # From the first channel: the second differs in one pixel by 1, the third by 0.8 and by 1.
    assert found.colour == pytest.approx((1 / 8 + 1.8 / 8) / 2)
    assert (found.height, found.width, found.n_channels) == (2, 4, 3)
    assert DTYPES[int(found.dtype)] == "uint8"


def test_focus_falls_by_blurring_and_not_by_exposure_or_depth():
    for seed in range(3):
        image = picture(seed)
        sharp = measures(image).focus
        assert measures(cv2.GaussianBlur(image, (0, 0), 2)).focus < sharp - 0.3
        assert measures((image // 2 + 50).astype(np.uint8)).focus == pytest.approx(sharp, abs=0.05)
        assert measures(image.astype(np.uint16) * 257).focus == pytest.approx(sharp, abs=1e-5)


def test_a_picture_of_one_colour_is_neither_sharp_nor_blurred():
    assert measures(np.full((50, 50, 1), 7, dtype=np.uint8)).focus == 0.0
    assert measures(np.zeros((3, 3, 1), dtype=np.float32)).focus == 0.0


def test_a_large_image_is_measured_by_parts_of_it():
    image = np.tile(picture(side=256), (12, 12, 1))
    whole, part = measures(image), measures(image[:256, :256])
    assert whole.focus == pytest.approx(part.focus, abs=0.05)
    assert whole.brightness == pytest.approx(part.brightness, abs=0.01)


def test_a_row_holds_all_of_it():
    found = measures(picture())
    assert len(found.as_row()) == N_MEASURES
    assert Measures.of_row(found.as_row()) == found
