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
#: Of networks that take any size; with the widest U-Net less than 2 GB.
TILE, TILE_OVERLAP = 512, 96
#: Smaller images are filled up to multiples of it: a network is made ready for each size anew.
FILLED_TO = 64
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


def tiles_of(patch: tuple[int, int], multiple: int, takes_any_size: bool) -> TilePlan:
    """Return how images are divided to be predicted."""
    if not takes_any_size:
        return TilePlan(patch, min(patch) // 4, 0)
    # Both are powers of two.
    filled_to = max(FILLED_TO, multiple)
    side = max(TILE, multiple)
    return TilePlan((side, side), TILE_OVERLAP, filled_to)
