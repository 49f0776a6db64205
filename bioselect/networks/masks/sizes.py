"""How large patches and tiles are: parts that are trained on, and parts that are predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.backbones.row import as_size
from bioselect.exceptions import ComponentError
from bioselect.networks.masks.tiling import TilePlan

#: Larger patches show a network no more than it looks at around a pixel.
LARGEST_AUTO = 256
#: Of networks that take any size: tiles are as large as the middle image, multiples of the first
#: number and at most the second; with a U-Net of width 64 less than 2 GB.
TILE_MULTIPLE, LARGEST_TILE = 64, 512
LARGEST_OVERLAP = 96
#: What the patches of a network that takes one size only are multiples of.
USUAL_MULTIPLE = 32


def chosen_patch(
    name: str, written: Any, sizes: Sequence[tuple[int, int]], multiple: int
) -> tuple[int, int]:
    """Return (height, width) of a patch out of what was written and how large the images are.

    Raises
    ------
    ComponentError
        If the network cannot halve it as often as it has to.

    Examples
    --------
    >>> chosen_patch("unet", "auto", [(100, 300), (120, 310), (900, 900)], 16)
    (128, 256)
    >>> chosen_patch("unet", 64, [(100, 300)], 16)
    (64, 64)
    """
    if written == "auto":
        middle = np.median(np.asarray(sizes), axis=0).astype(int).tolist()
        largest = max(LARGEST_AUTO // multiple, 1) * multiple
        height, width = (min(-(-side // multiple) * multiple, largest) for side in middle)
        return height, width
    size = _as_patch(name, written)
    if any(side % multiple for side in size):
        below = [max(side // multiple, 1) * multiple for side in size]
        raise ComponentError(
            f"{name}: params.patch_size must be multiples of {multiple}, which is halved at every "
            f"level. Got {list(size)}. Write {below}."
        )
    return size


def _as_patch(name: str, written: Any) -> tuple[int, int]:
    try:
        return as_size(name, written)
    except ComponentError as error:
        raise ComponentError(str(error).replace("input_size", "patch_size")) from error


def tiles_of(
    patch: tuple[int, int],
    sizes: Sequence[tuple[int, int]],
    multiple: int,
    takes_any_size: bool,
) -> TilePlan:
    """Return how images are divided to be predicted: all tiles of a network have one size.

    So a network is made ready once, and compiled once.

    Examples
    --------
    >>> tiles_of((128, 128), [(520, 696), (256, 320), (256, 256)], 16, True)
    TilePlan(size=(256, 320), overlap=64)
    """
    size = patch
    if takes_any_size:
        # Both are powers of two.
        multiple = max(TILE_MULTIPLE, multiple)
        middle = np.median(np.asarray(sizes), axis=0).astype(int).tolist()
        largest = max(LARGEST_TILE, multiple)
        height, width = (min(-(-side // multiple) * multiple, largest) for side in middle)
        size = (height, width)
    return TilePlan(size, min(LARGEST_OVERLAP, min(size) // 4))
