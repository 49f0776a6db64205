"""Otsu's threshold against its definition."""

import numpy as np
import pytest

from bioselect.features.descriptors.thresholds import otsu_threshold


def spread_between(plane, threshold):
    above = plane > threshold
    share = above.mean()
    return share * (1 - share) * (plane[above].mean() - plane[~above].mean()) ** 2


def test_no_other_threshold_separates_better():
    random = np.random.default_rng(0)
    plane = np.where(random.random((60, 50)) < 0.3, 0.7, 0.3) + random.normal(0, 0.1, (60, 50))
    plane = plane.clip(0, 1).astype(np.float32)
    best = max(spread_between(plane, t) for t in np.linspace(0.01, 0.99, 500))
    assert spread_between(plane, otsu_threshold(plane)) > 0.999 * best


@pytest.mark.parametrize("step", [1e-7, 1e-6, 5e-6, 1 / 65535, 1 / 255])
@pytest.mark.parametrize("value", [0.1, 0.9])
def test_two_values_are_told_apart_however_close(step, value):
    plane = np.full((9, 9), value, dtype=np.float32)
    plane[2, 3:6] = np.nextafter(np.float32(value + step), np.float32(2))
    above = plane > otsu_threshold(plane)
    assert above.sum() == 3


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_nothing_of_a_flat_channel_lies_above(value):
    plane = np.full((3, 4), value, dtype=np.float32)
    assert not (plane > otsu_threshold(plane)).any()
