"""U-Net (Ronneberger et al. 2015, arXiv:1505.04597): down, up, and across at every level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bioselect.networks.architectures.map_blocks import BlockPlan, block, downwards, upsampled


def unet(
    input_shape: tuple[int | None, int | None, int],
    depth: int = 4,
    width: int = 32,
    norm: str = "batch",
    dropout: float = 0.0,
    residual: bool = False,
    upsampling: str = "bilinear",
) -> Any:
    """Return a U-Net from pixels to a map of `width` channels, as high and wide as the image.

    Parameters
    ----------
    input_shape : tuple
        (height, width, n_channels); height and width may be None: any multiples of ``2**depth``.
    depth : int
        How often the map is halved; published 4.
    width : int
        Channels at the top, doubled with every halving; published 64.
    norm : {"batch", "group", "none"}
        After each convolution.
    dropout : float
        The share of channels left out in the two lowest levels, while it is trained.
    residual : bool
        Whether each block adds what came in to what it gives (Zhang et al. 2018, arXiv:1711.10684).
    upsampling : {"bilinear", "transposed"}
        How the map is doubled.
    """
    plan = BlockPlan(norm, residual, upsampling)
    return u_shaped(input_shape, depth, width, dropout, plan, lambda skip, _, name: skip)


def u_shaped(
    input_shape: tuple[int | None, int | None, int],
    depth: int,
    width: int,
    dropout: float,
    plan: BlockPlan,
    passed: Callable[[Any, Any, str], Any],
) -> Any:
    """Return a U-Net; `passed` says what is passed across out of (skip, what comes up, name)."""
    import keras

    image = keras.Input(input_shape)
    x, skips = downwards(image, depth, width, dropout, plan)
    for level in reversed(range(depth)):
        name = f"block{2 * depth + 1 - level}"
        x = upsampled(x, width * 2**level, name, plan.upsampling)
        skip = passed(skips[level], x, name)
        x = keras.layers.Concatenate(name=f"{name}_join")([skip, x])
        x = block(x, width * 2**level, name, plan)
    return keras.Model(image, x)
