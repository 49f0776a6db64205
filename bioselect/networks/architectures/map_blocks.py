"""What networks from maps to maps are made of: blocks of two convolutions, doubling of a map."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

from bioselect.networks.architectures.layers import EPSILON, STATISTICS_MOMENTUM

#: Channels are normalised in so many groups where their number allows it (Wu and He 2018,
#: arXiv:1803.08494).
MOST_GROUPS = 8


@dataclass(frozen=True)
class BlockPlan:
    """How every block of a network is made."""

    norm: str = "batch"
    residual: bool = False
    upsampling: str = "bilinear"


def downwards(
    image: Any, depth: int, width: int, dropout: float, plan: BlockPlan
) -> tuple[Any, list[Any]]:
    """Return the lowest map, and those above it from the top down; each has twice the channels.

    The two lowest leave channels out.
    """
    import keras

    x, above = image, []
    for level in range(depth):
        share = dropout if level == depth - 1 else 0.0
        x = block(x, width * 2**level, f"block{level + 1}", plan, share)
        above.append(x)
        x = keras.layers.MaxPooling2D(2, name=f"block{level + 1}_pool")(x)
    return block(x, width * 2**depth, f"block{depth + 1}", plan, dropout), above


def block(x: Any, n_filters: int, name: str, plan: BlockPlan, dropout: float = 0.0) -> Any:
    """Apply two 3 x 3 convolutions, each with normalisation and ReLU."""
    import keras

    came_in = x
    x = conv(x, n_filters, 3, f"{name}_1", plan.norm)
    x = conv(x, n_filters, 3, f"{name}_2", plan.norm, activation=not plan.residual)
    if plan.residual:
        if came_in.shape[-1] != n_filters:
            came_in = conv(came_in, n_filters, 1, f"{name}_shortcut", plan.norm, activation=False)
        x = keras.layers.Add(name=f"{name}_add")([came_in, x])
        x = keras.layers.ReLU(name=f"{name}_relu")(x)
    if dropout:
        x = keras.layers.SpatialDropout2D(dropout, name=f"{name}_dropout")(x)
    return x


def conv(x: Any, n_filters: int, side: int, name: str, norm: str, activation: bool = True) -> Any:
    """Apply a convolution, its normalisation and, if asked for, ReLU."""
    import keras

    layers = keras.layers
    x = layers.Conv2D(
        n_filters,
        side,
        padding="same",
        use_bias=norm == "none",
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    if norm == "batch":
        x = layers.BatchNormalization(
            momentum=STATISTICS_MOMENTUM, epsilon=EPSILON, name=f"{name}_norm"
        )(x)
    elif norm == "group":
        groups = gcd(n_filters, MOST_GROUPS)
        x = layers.GroupNormalization(groups, epsilon=EPSILON, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if activation else x


def upsampled(x: Any, n_filters: int, name: str, upsampling: str) -> Any:
    """Double height and width of a map and bring it to so many channels."""
    import keras

    layers = keras.layers
    if upsampling == "transposed":
        return layers.Conv2DTranspose(
            n_filters, 2, strides=2, kernel_initializer="he_normal", name=f"{name}_up"
        )(x)
    # Before it is doubled: one by one and bilinear go in either order, and so it is a quarter of
    # the work.
    x = layers.Conv2D(n_filters, 1, kernel_initializer="he_normal", name=f"{name}_narrow")(x)
    return layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
