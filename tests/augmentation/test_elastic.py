"""Bent images: smooth, not torn or folded, and by what was asked for."""

import numpy as np
import pytest

from bioselect.augmentation.elastic import Elastic, _maps

RNG = np.random.default_rng


@pytest.mark.parametrize("shape", [(60, 60, 1), (40, 90, 1), (16, 16, 1)])
@pytest.mark.parametrize("nodes", [2, 6, 12])
def test_nothing_is_folded_at_the_largest_displacement(shape, nodes):
    step = Elastic(displacement=[0.3, 0.3], nodes=nodes)
    for seed in range(10):
        columns, rows = _maps(shape[:2], step.draw(shape, RNG(seed)))
        # Where a map goes back, the image is turned inside out.
        assert (np.diff(columns, axis=1) > 0).all()
        assert (np.diff(rows, axis=0) > 0).all()


def test_nodes_move_no_farther_than_asked_for():
    step = Elastic(displacement=[0.2, 0.2], nodes=5)
    shifts = np.concatenate([step.draw((100, 200, 1), RNG(seed)).ravel() for seed in range(20)])
    # A fifth of the distance of nodes, which is 20 pixels.
    assert 3.5 < np.abs(shifts).max() <= 4.0
    assert step.draw((100, 200, 1), RNG(0)).shape == (5, 10, 2)


def test_no_displacement_changes_nothing():
    image = RNG(0).random((20, 30, 3)).astype(np.float32)
    step = Elastic(displacement=[0, 0])
    assert np.array_equal(step.image(image, step.draw(image.shape, RNG(0))), image)


def test_the_mask_is_bent_with_the_image():
    rows, columns = np.mgrid[:80, :80]
    mask = ((rows - 40) ** 2 + (columns - 30) ** 2 < 400).astype(np.int64) * 9
    step = Elastic()
    drawn = step.draw((80, 80, 1), RNG(2))
    image = step.image((mask / 9).astype(np.float32)[:, :, np.newaxis], drawn)[:, :, 0]
    moved = step.mask(mask, drawn)
    assert set(np.unique(moved)) == {0, 9}
    # An outline of about 126 pixels, on which linear and nearest may differ.
    assert ((image > 0.5) != (moved == 9)).sum() < 25
    assert (moved != mask).sum() > 50
