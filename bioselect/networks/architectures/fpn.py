"""Feature pyramid: every level is looked at, and their sum is the map.

Lin et al. 2017, arXiv:1612.03144; for maps Kirillov et al. 2019, arXiv:1901.02446.
"""

from __future__ import annotations

from typing import Any

from bioselect.networks.architectures.map_blocks import BlockPlan, conv, downwards


def fpn(
    input_shape: tuple[int | None, int | None, int],
    depth: int = 4,
    width: int = 32,
    pyramid_width: int = 64,
    norm: str = "batch",
    dropout: float = 0.0,
    residual: bool = False,
) -> Any:
    """Return a feature pyramid from pixels to a map of `width` channels.

    Parameters
    ----------
    input_shape, depth, width, norm, dropout, residual
        Of the way down; see :func:`bioselect.networks.architectures.unet.unet`.
    pyramid_width : int
        Channels of every level of the pyramid.
    """
    import keras

    layers = keras.layers
    image = keras.Input(input_shape)
    lowest, above = downwards(image, depth, width, dropout, BlockPlan(norm, residual))
    x = layers.Conv2D(pyramid_width, 1, name="pyramid_lowest")(lowest)
    levels = [x]
    for level in reversed(range(depth)):
        name = f"pyramid{level + 1}"
        across = layers.Conv2D(pyramid_width, 1, name=f"{name}_across")(above[level])
        x = layers.Add(name=f"{name}_add")([across, _enlarged(x, 2, f"{name}_up")])
        levels.append(x)
    seen = []
    for number, map_ in enumerate(reversed(levels)):
        name = f"seen{number + 1}"
        seen.append(_enlarged(conv(map_, width, 3, name, norm), 2**number, f"{name}_up"))
    return keras.Model(image, layers.Add(name="seen_add")(seen))


def _enlarged(x: Any, factor: int, name: str) -> Any:
    import keras

    if factor == 1:
        return x
    return keras.layers.UpSampling2D(factor, interpolation="bilinear", name=name)(x)
