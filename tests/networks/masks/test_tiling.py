"""Tiles cover an axis, and their weights are those of a mean."""

import numpy as np
import pytest

from bioselect.networks.masks.tiled import TiledNetwork
from bioselect.networks.masks.tiling import TilePlan, starts_of, weights_of


@pytest.mark.parametrize("length", [1, 31, 32, 33, 50, 64, 65, 200])
@pytest.mark.parametrize("overlap", [0, 8, 16])
def test_every_pixel_is_in_a_tile_and_weighs_one(length, overlap):
    total = np.zeros(length)
    starts = starts_of(length, 32, overlap)
    for start, weights in zip(starts, weights_of(length, 32, overlap), strict=True):
        assert weights.min() > 0
        total[start : start + len(weights)] += weights
    assert total == pytest.approx(np.ones(length), abs=1e-6)
    steps = np.diff(starts)
    assert (steps <= 32 - overlap).all()


def test_weights_rise_from_the_borders_inside_the_image_alone():
    first, last = weights_of(56, 32, 8)
    assert first[:24].tolist() == [1.0] * 24
    assert (np.diff(first[24:]) < 0).all()
    assert (np.diff(last[:8]) > 0).all()


def test_tiles_are_counted():
    plan = TilePlan((64, 64), 16)
    assert [plan.n_tiles(size) for size in ((1, 33), (64, 160), (65, 64), (160, 160))] == [
        1, 3, 2, 9
    ]  # fmt: skip


def test_what_does_not_say_how_a_tile_is_predicted_cannot_be_made():
    class Forgetful(TiledNetwork):
        n_channels = n_classes = 1

    with pytest.raises(TypeError, match="predict_tiles"):
        Forgetful()
