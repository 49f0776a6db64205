"""U-Net whose skips are weighed by attention gates (Oktay et al. 2018, arXiv:1804.03999)."""

from __future__ import annotations

from typing import Any

from bioselect.networks.architectures.map_blocks import BlockPlan
from bioselect.networks.architectures.unet import u_shaped


def attention_unet(
    input_shape: tuple[int | None, int | None, int],
    depth: int = 4,
    width: int = 32,
    norm: str = "batch",
    dropout: float = 0.0,
    residual: bool = False,
    upsampling: str = "bilinear",
) -> Any:
    """Return a U-Net in which what comes up decides where each skip counts.

    The parameters are those of :func:`bioselect.networks.architectures.unet.unet`.
    """
    plan = BlockPlan(norm, residual, upsampling)
    return u_shaped(input_shape, depth, width, dropout, plan, _gated)


def _gated(skip: Any, coming: Any, name: str) -> Any:
    """Multiply a skip by a number between 0 and 1 at each pixel, out of itself and what comes up.

    Both have the same size here: the map is doubled before it looks at the skip, so that the gate
    needs no resampling of its own.
    """
    import keras

    layers = keras.layers
    n_filters = max(skip.shape[-1] // 2, 1)
    own = layers.Conv2D(n_filters, 1, use_bias=False, name=f"{name}_gate_skip")(skip)
    other = layers.Conv2D(n_filters, 1, name=f"{name}_gate_up")(coming)
    x = layers.ReLU(name=f"{name}_gate_relu")(layers.Add(name=f"{name}_gate_add")([own, other]))
    x = layers.Conv2D(1, 1, activation="sigmoid", name=f"{name}_gate")(x)
    return layers.Multiply(name=f"{name}_gated")([skip, x])
