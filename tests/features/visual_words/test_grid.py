"""Patches lie inside the image, evenly, and are never more than asked for."""

import itertools

import pytest

from bioselect.features.visual_words.grid import patch_grids

SIDES = (16, 32, 64)


def test_a_cell_of_40_pixels():
    # Corners of patches of 16 at 0, 2, ..., 24: 13; of 32 at 0, 2, ..., 8: 5; 64 does not fit.
    grids = patch_grids(40, 40, SIDES, step=2, n_most=256)
    assert [(grid.side, grid.n_patches) for grid in grids] == [(16, 169), (32, 25)]
    assert grids[0].rows[[0, -1]].tolist() == [7.5, 31.5]


@pytest.mark.parametrize("height", [1, 15, 16, 40, 333, 2000])
@pytest.mark.parametrize("width", [1, 17, 64, 1000])
@pytest.mark.parametrize("n_most", [3, 40, 256])
def test_inside_and_in_the_middle(height, width, n_most):
    grids = patch_grids(height, width, SIDES, step=2, n_most=n_most)
    assert 1 <= sum(grid.n_patches for grid in grids) <= n_most
    for grid in grids:
        for centres, length in ((grid.rows, height), (grid.columns, width)):
            assert centres[0] + centres[-1] == pytest.approx(length - 1)
            if length >= grid.side:
                assert centres[0] - grid.side / 2 >= -0.5
            else:
                assert len(centres) == 1
            assert (
                {b - a for a, b in itertools.pairwise(centres)} <= {centres[1] - centres[0]}
                if (len(centres) > 1)
                else True
            )


@pytest.mark.parametrize("side", [100, 300, 1000])
def test_much_of_what_is_allowed_is_used(side):
    grids = patch_grids(side, side, SIDES, step=2, n_most=256)
    assert len(grids) == 3
    assert sum(grid.n_patches for grid in grids) >= 192


def test_the_step_is_kept_where_there_is_room():
    [grid] = patch_grids(30, 16, [16], step=5, n_most=256)
    assert grid.rows.tolist() == [9.5, 14.5, 19.5]  # corners at 2, 7, 12 of 0 to 14
    assert grid.columns.tolist() == [7.5]


def test_the_order_of_the_sides_does_not_matter():
    for one, other in zip(
        patch_grids(70, 80, (64, 16, 32), 2, 256), patch_grids(70, 80, SIDES, 2, 256), strict=True
    ):
        assert one.side == other.side
        assert one.rows.tolist() == other.rows.tolist()
