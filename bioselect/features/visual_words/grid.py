"""Where local descriptors are taken: square patches on a grid, in several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class PatchGrid:
    """Patches of one size: `side` in pixels; centres in pixels at every row with every column.

    The centre of the first pixel is 0.
    """

    side: int
    rows: np.ndarray
    columns: np.ndarray

    @property
    def n_patches(self) -> int:
        """How many patches there are."""
        return len(self.rows) * len(self.columns)


def patch_grids(
    height: int, width: int, sides: Sequence[int], step: int, n_most: int
) -> list[PatchGrid]:
    """Return the grids of an image, from small patches to large ones.

    Sizes that do not fit into the image are left out; if none does, the smallest is taken once in
    each direction that it does not fit. All sizes have the same distance between patches: `step`,
    or the smallest larger one with which the image has at most `n_most` patches. The grids lie in
    the middle of the image.

    Parameters
    ----------
    height, width : int
        Of the image in pixels.
    sides : sequence of int
        Sides of the patches in pixels.
    step : int
        Smallest distance between patches in pixels.
    n_most : int
        Most patches of all sizes together, at least as many as there are sizes.

    Examples
    --------
    An image of 20 x 24 pixels has room for 3 x 5 patches of 16 pixels, 2 apart. With at most 8,
    they are 3 apart.

    >>> [grid] = patch_grids(20, 24, [16, 32], step=2, n_most=100)
    >>> grid.rows.tolist(), grid.columns.tolist()
    ([7.5, 9.5, 11.5], [7.5, 9.5, 11.5, 13.5, 15.5])
    >>> [grid] = patch_grids(20, 24, [16, 32], step=2, n_most=8)
    >>> grid.rows.tolist(), grid.columns.tolist()
    ([8.0, 11.0], [8.5, 11.5, 14.5])
    """
    fitting = [side for side in sorted(sides) if side <= min(height, width)]
    fitting = fitting or [min(sides)]
    while True:
        grids = [
            PatchGrid(side, _centres(height, side, step), _centres(width, side, step))
            for side in fitting
        ]
        if sum(grid.n_patches for grid in grids) <= n_most:
            return grids
        step += 1


def _centres(length: int, side: int, step: int) -> np.ndarray:
    n_steps = max(0, length - side) // step
    centres: np.ndarray = (length - 1 - n_steps * step) / 2 + step * np.arange(n_steps + 1)
    return centres
