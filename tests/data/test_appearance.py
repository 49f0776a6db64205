"""How an image looks as a whole: values found by hand, bands that change nothing."""

import numpy as np
import pytest

from bioselect.data import appearance as module
from bioselect.data.appearance import appearance


def test_means_of_channels_and_of_the_border():
    image = np.zeros((10, 20, 2), dtype=np.uint16)
    image[:, :, 1] = 1000
    image[0, :, 0] = 50  # one of the four sides, 20 of the 56 pixels of the border
    found = appearance(image)
    assert found.brightness == (5.0, 1000.0)
    assert found.border == pytest.approx((50 * 20 / 56, 1000.0))


def test_focus_of_stripes_and_of_a_ramp():
    stripes = np.tile(np.array([0, 100], dtype=np.uint8), (8, 4))[:, :, None]
    # Variance 2500; each pixel has two neighbours that are 100 away, on the same side.
    assert appearance(stripes).focus == pytest.approx(200**2 / 2500)
    ramp = np.tile(np.arange(8, dtype=np.uint8), (8, 1))[:, :, None]
    assert appearance(ramp).focus == 0.0
    assert appearance(np.full((5, 5, 1), 7, dtype=np.uint8)).focus == 0.0


def test_a_blurred_image_is_less_sharp_and_gain_changes_nothing():
    random = np.random.default_rng(0)
    image = random.normal(100, 10, (40, 40, 1))
    blurred = sum(np.roll(image, (r, c), (0, 1)) for r in range(3) for c in range(3)) / 9
    assert appearance(image).focus == pytest.approx(20, rel=0.2)  # 16 + 4 x 1 for white noise
    assert appearance(blurred).focus < 0.3 * appearance(image).focus
    assert appearance(image * 3 + 5).focus == pytest.approx(appearance(image).focus, rel=1e-4)


@pytest.mark.parametrize(("background", "text"), [(20, 255), (240, 0)])
def test_text_is_lettering_on_dark_and_on_bright(background, text):
    image = np.full((50, 50, 3), background, dtype=np.uint8)
    image[10:30:4, 10:20] = text  # five bars, one pixel high
    assert appearance(image).lettering == 50 / 2500


def test_soft_edges_are_no_lettering():
    rows, columns = np.mgrid[:60, :60]
    cell = 200 / (1 + np.exp((np.hypot(rows - 30, columns - 30) - 12) / 2))
    assert appearance(cell.astype(np.uint8)[:, :, None]).lettering == 0


def test_bands_of_rows_change_nothing(monkeypatch):
    image = np.random.default_rng(1).integers(0, 256, (37, 23, 3)).astype(np.uint8)
    image[5:9, 3:15] = 255
    whole = appearance(image)
    monkeypatch.setattr(module, "N_AT_ONCE", 4 * 23 * 3)
    banded = appearance(image)
    assert banded.lettering == whole.lettering
    assert banded.brightness == whole.brightness
    assert banded.focus == pytest.approx(whole.focus, rel=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 2, 3), (1, 9, 1), (3, 1, 2)])
def test_the_smallest_images(shape):
    found = appearance(np.arange(np.prod(shape), dtype=np.uint8).reshape(shape))
    assert found.border == pytest.approx(found.brightness)
    assert np.isfinite(found.focus)


def test_numbers_near_the_end_of_their_type():
    found = appearance(np.array([[[1e300], [-1e300]], [[1e300], [0.0]]]))
    assert found.focus == 0.0
    assert found.brightness == (2.5e299,)
    # Of these only the squares are too large.
    assert appearance(np.arange(16.0).reshape(4, 4, 1) ** 3 * 1e25).focus == 0.0
