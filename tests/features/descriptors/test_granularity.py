"""Granularity against SciPy's grey openings and discs of known radius."""

import numpy as np
import pytest
from scipy import ndimage

from bioselect.exceptions import ComponentError
from bioselect.features.descriptors.granularity import (
    Granularity,
    dilated,
    eroded,
    grey_levels,
)


def octagon(radius):
    """Return the octagon of a radius as it is defined: no corner further than a regular one's."""
    y, x = np.abs(np.indices((2 * radius + 1,) * 2) - radius)
    # Cutting the corners of a square of half side r at x + y = r + b, b = round(0.414 r).
    return x + y <= radius + round(radius * (2**0.5 - 1))


def opened(plane, radius):
    """Open with SciPy; outside the image there is nothing that could remove or add."""
    footprint = octagon(radius)
    eroded = ndimage.grey_erosion(plane, footprint=footprint, mode="constant", cval=np.inf)
    return ndimage.grey_dilation(eroded, footprint=footprint, mode="constant", cval=-np.inf)


def discs(*radii, side=160, value=0.7):
    image = np.zeros((side, side, 1), dtype=np.float32)
    y, x = np.indices((side, side))
    step = side // (len(radii) + 1)
    for place, radius in enumerate(radii, start=1):
        image[np.hypot(y - place * step, x - place * step) <= radius] = value
    return image


def bright(**params):
    return Granularity(foreground="bright", **params)


@pytest.mark.parametrize("radius", [1, 2, 3, 4, 7, 12])
@pytest.mark.parametrize("shape", [(40, 50), (9, 30), (5, 5)])
def test_openings_are_those_of_scipy(radius, shape):
    levels = np.random.default_rng(0).integers(0, 65536, shape).astype(np.uint16)
    expected = opened(levels.astype(np.float64), radius)
    np.testing.assert_array_equal(dilated(eroded(levels, 0, radius), radius), expected)
    for reached in range(1, radius):
        before = eroded(levels, 0, reached)
        np.testing.assert_array_equal(eroded(before, reached, radius), eroded(levels, 0, radius))


@pytest.mark.parametrize("background", [None, 20])
def test_shares_are_those_of_scipys_openings(background):
    plane = ndimage.gaussian_filter(np.random.default_rng(0).random((70, 60)), 1.5)
    signal = plane - opened(plane, background) if background else plane
    sums = [signal.sum(), *(opened(signal, radius).sum() for radius in (1, 3, 4, 9))]
    expected = -np.diff(sums) / sums[0]
    image = plane.astype(np.float32)[:, :, None]
    row = bright(radii=(1, 3, 4, 9), background=background).transform([image])[0]
    # 65,536 levels from the darkest to the brightest pixel.
    np.testing.assert_allclose(row, expected, atol=1e-4)


@pytest.mark.parametrize(("radius", "place"), [(1, 1), (2, 1), (3, 2), (4, 2), (6, 3), (12, 4)])
def test_a_disc_is_removed_by_the_first_radius_that_does_not_fit(radius, place):
    # A disc is rounder than an octagon, which has corners, so its own radius removes it; but that
    # of radius 1, which both are a plus sign, goes with the next.
    row = bright(radii=(1, 2, 4, 8, 16)).transform([discs(radius)])[0]
    assert row.argmax() == place
    # What sticks out of the largest octagon that fits goes before.
    assert row[place] > 0.6
    assert row.sum() == pytest.approx(1)
    assert not row[place + 1 :].any()


def test_each_disc_counts_by_its_area():
    image = discs(3, 7, 14, side=200)
    areas = [(discs(radius) > 0).sum() for radius in (3, 7, 14)]
    row = bright(radii=(1, 4, 8, 16)).transform([image])[0]
    expected = np.array([0, *areas]) / sum(areas)
    np.testing.assert_allclose(row, expected, atol=0.04)


def test_what_is_larger_than_the_background_is_background():
    image = discs(14) * 0.5 + 0.2
    image[5:8, 5:8] = 0.9  # a square of 3 x 3: four corners at radius 1, the rest at radius 2
    row = bright(radii=(1, 2, 4, 8), background=11).transform([image])[0]
    alone = bright(radii=(1, 2, 4, 8), background=30).transform([image])[0]
    # Of the square 9 * 0.7 = 6.3 units are signal; of the disc, pi 14^2 0.35 = 216 with the larger
    # background, and nothing but what sticks out of the octagon with the smaller.
    square = 6.3 / (6.3 + 216)
    assert alone[:2].sum() == pytest.approx(square, abs=0.02)
    assert alone.sum() < 0.1
    assert row[:2].sum() > 10 * square
    assert row.sum() == pytest.approx(1)


def test_brightness_and_contrast_do_not_matter():
    image = discs(2, 5, 9)
    rows = bright().transform([image, image * 0.01 + 0.3])
    np.testing.assert_allclose(rows[1], rows[0], atol=1e-4)


def test_without_a_background_all_brightness_is_signal():
    # 160 x 160 pixels of 0.25, and a disc of radius 3 (29 pixels) 0.5 above.
    image = discs(3, value=0.5) + 0.25
    row = bright(radii=(4,), background=None).transform([image])[0]
    assert row[0] == pytest.approx(29 * 0.5 / (29 * 0.5 + 160 * 160 * 0.25), rel=1e-3)
    # The dark side: 1 - image, of which the opening removes nothing but the disc's surroundings.
    inverse = Granularity(radii=(4,), background=None, foreground="dark")
    np.testing.assert_allclose(inverse.transform([1 - image])[0], row, rtol=1e-3)


def test_dark_grains_are_bright_ones_of_the_inverse():
    image = discs(2, 5, 9) * 0.8 + 0.1
    both = Granularity().transform([1 - image])[0]
    np.testing.assert_allclose(both[5:], bright().transform([image])[0], atol=1e-4)
    np.testing.assert_allclose(
        both[:5], Granularity(foreground="dark").transform([image])[0], atol=1e-4
    )


def test_a_quarter_turn_changes_nothing():
    image = np.random.default_rng(0).random((50, 61, 1)).astype(np.float32)
    rows = Granularity().transform([image, np.rot90(image)])
    np.testing.assert_array_equal(rows[0], rows[1])


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (3, 200), (90, 90)])
def test_shares_are_never_negative(shape):
    radii = list(range(1, 21))
    image = np.random.default_rng(0).random((*shape, 1)).astype(np.float32)
    row = Granularity(radii=radii).transform([image])[0]
    assert np.isfinite(row).all()
    assert row.min() >= 0
    assert row[:20].sum() <= 1 + 1e-6


@pytest.mark.parametrize("background", [None, 32])
@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("shape", [(1, 1, 1), (8, 8, 3)])
def test_flat_images_have_only_zeros(background, value, shape):
    row = Granularity(background=background).transform([np.full(shape, value, np.float32)])[0]
    assert not row.any()


def test_levels_use_the_whole_range_of_dim_images():
    plane = np.linspace(0.1, 0.1001, 200).astype(np.float32).reshape(10, 20)
    levels, darkest = grey_levels(plane)
    assert (levels.min(), levels.max()) == (0, 65535)
    per_value = 65535 / (float(plane.max()) - float(plane.min()))
    assert darkest == pytest.approx(float(plane.min()) * per_value)
    np.testing.assert_allclose(levels / per_value + plane.min(), plane, atol=1 / per_value)


def test_row_is_channels_then_foregrounds_then_radii():
    image = np.concatenate([discs(2), 1 - discs(5)], axis=2)
    extractor = Granularity(radii=(1, 4, 8))
    row, names = extractor.transform([image])[0], extractor.feature_names(2)
    found = dict(zip(names, row.tolist(), strict=True))
    assert len(found) == 12
    assert found["granularity_bright_r4_c0"] > 0.6
    assert found["granularity_dark_r8_c1"] > 0.6
    assert names[5:7] == ["granularity_dark_r8_c0", "granularity_bright_r1_c1"]


@pytest.mark.parametrize("radii", [[], [0], [101], [4, 2], [2, 2], [1.5]])
def test_wrong_radii(radii):
    with pytest.raises(ComponentError, match=r"granularity: params.radii must be increasing"):
        Granularity(radii=radii)


def test_the_background_must_be_larger_than_all_radii():
    with pytest.raises(ComponentError, match=r"larger than all radii, which end at 16. Got 16"):
        Granularity(background=16)
