"""ResNet-18 and ResNet-34 (He et al. 2016), with a stem for large images and one for small ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bioselect.networks.architectures.layers import normalized_conv

LARGE, SMALL = "large", "small"
#: Up to so many pixels a side the small stem is used: the large one would leave 2 x 2 of 64.
LARGEST_SMALL = 64


def resnet18(input_shape: tuple[int, int, int], stem: str = "auto", width: int = 64) -> Any:
    """Return the body of ResNet-18, from pixels to a map of `8 * width` channels.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, n_channels) of the images.
    stem : {"auto", "large", "small"}
        large: 7 x 7 convolution with stride 2 and max pooling, as published for 224 px. small: one
        3 x 3 convolution, as usual for 28 to 64 px. auto: small up to 64 px a side.
    width : int
        Channels of the first stage; published 64.

    Examples
    --------
    >>> stem_of((28, 28, 3), "auto"), stem_of((96, 96, 3), "auto")
    ('small', 'large')
    """
    return _resnet(input_shape, (2, 2, 2, 2), stem, width)


def resnet34(input_shape: tuple[int, int, int], stem: str = "auto", width: int = 64) -> Any:
    """Return the body of ResNet-34; see :func:`resnet18`."""
    return _resnet(input_shape, (3, 4, 6, 3), stem, width)


def stem_of(input_shape: tuple[int, int, int], stem: str) -> str:
    """Return the stem that is meant by `auto` for images of some size."""
    if stem != "auto":
        return stem
    return SMALL if min(input_shape[:2]) <= LARGEST_SMALL else LARGE


def _resnet(
    input_shape: tuple[int, int, int], n_blocks: Sequence[int], stem: str, width: int
) -> Any:
    import keras

    image = keras.Input(input_shape)
    if stem_of(input_shape, stem) == LARGE:
        x = normalized_conv(image, width, 7, "stem", stride=2)
        x = keras.layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    else:
        x = normalized_conv(image, width, 3, "stem")
    for stage, number in enumerate(n_blocks):
        for block in range(number):
            stride = 2 if stage > 0 and block == 0 else 1
            x = _block(x, width * 2**stage, stride, f"stage{stage + 1}_block{block + 1}")
    return keras.Model(image, x)


def _block(x: Any, n_filters: int, stride: int, name: str) -> Any:
    """Apply two convolutions and add what came in, brought to their shape where it has another."""
    import keras

    shortcut = x
    if stride != 1 or x.shape[-1] != n_filters:
        shortcut = normalized_conv(
            x, n_filters, 1, f"{name}_shortcut", stride=stride, activation=False
        )
    x = normalized_conv(x, n_filters, 3, f"{name}_1", stride=stride)
    x = normalized_conv(x, n_filters, 3, f"{name}_2", activation=False)
    x = keras.layers.Add(name=f"{name}_add")([shortcut, x])
    return keras.layers.ReLU(name=f"{name}_relu")(x)
