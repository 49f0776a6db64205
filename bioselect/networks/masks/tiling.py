"""How an axis of an image is divided into tiles that overlap, and what each pixel of one counts.

A network sees less around a pixel at the border of a tile, so pixels count less there; the weights
rise smoothly, and so no seam can be seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TilePlan:
    """How large tiles are, (height, width), and how many pixels neighbours share at least.

    Smaller images are filled up to a tile.

    Examples
    --------
    >>> TilePlan((256, 256), 64).n_tiles((250, 600))
    3
    """

    size: tuple[int, int]
    overlap: int

    def n_tiles(self, size: tuple[int, int]) -> int:
        """Return how many tiles an image of a size has."""
        return math.prod(
            len(starts_of(have, tile, self.overlap))
            for have, tile in zip(size, self.size, strict=True)
        )


def starts_of(length: int, tile: int, overlap: int) -> list[int]:
    """Return where the tiles of an axis begin: as few as possible, evenly spaced.

    Examples
    --------
    >>> starts_of(100, 100, 20), starts_of(200, 100, 20)
    ([0], [0, 50, 100])
    """
    if length <= tile:
        return [0]
    n_tiles = math.ceil((length - overlap) / (tile - overlap))
    return [round(number * (length - tile) / (n_tiles - 1)) for number in range(n_tiles)]


def weights_of(length: int, tile: int, overlap: int) -> list[np.ndarray]:
    """Return float32 weights of the pixels of each tile of an axis; at each pixel they sum to 1.

    Examples
    --------
    >>> [[round(float(w), 2) for w in one] for one in weights_of(5, 4, 3)]
    [[1.0, 0.93, 0.5, 0.07], [0.07, 0.5, 0.93, 1.0]]
    """
    starts = starts_of(length, tile, overlap)
    extent = min(length, tile)
    rise = np.sin(np.pi / 2 * (np.arange(overlap) + 0.5) / max(overlap, 1)) ** 2
    raw, total = [], np.zeros(length)
    for start in starts:
        one = np.ones(extent)
        if start > 0:
            one[:overlap] = rise
        if start + extent < length:
            one[extent - overlap :] = np.minimum(one[extent - overlap :], rise[::-1])
        raw.append(one)
        total[start : start + extent] += one
    return [
        (one / total[start : start + extent]).astype(np.float32)
        for start, one in zip(starts, raw, strict=True)
    ]
