"""U-Net (Ronneberger et al. 2015, arXiv:1505.04597): down, up, and across at every level."""

from __future__ import annotations

from typing import Any

from bioselect.networks.architectures.map_blocks import BlockPlan, block, upsampled


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
    import keras

    plan = BlockPlan(norm, residual)
    image = x = keras.Input(input_shape)
    skips = []
    for level in range(depth):
        x = block(x, width * 2**level, f"block{level + 1}", plan, _share(dropout, level, depth))
        skips.append(x)
        x = keras.layers.MaxPooling2D(2, name=f"block{level + 1}_pool")(x)
    x = block(x, width * 2**depth, f"block{depth + 1}", plan, dropout)
    for level in reversed(range(depth)):
        name = f"block{2 * depth + 1 - level}"
        x = upsampled(x, width * 2**level, name, upsampling)
        x = keras.layers.Concatenate(name=f"{name}_join")([skips[level], x])
        x = block(x, width * 2**level, name, plan)
    return keras.Model(image, x)


def _share(dropout: float, level: int, depth: int) -> float:
    return dropout if level == depth - 1 else 0.0
