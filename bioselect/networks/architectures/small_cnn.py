"""A small convolutional network: learns from some hundred small images in minutes."""

from __future__ import annotations

from typing import Any

from bioselect.networks.architectures.layers import normalized_conv


def small_cnn(input_shape: tuple[int, int, int], filters: int = 32, n_blocks: int = 4) -> Any:
    """Return blocks of two 3 x 3 convolutions; each halves the map and doubles the channels.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, n_channels) of the images; any size.
    filters : int
        Channels of the first block.
    n_blocks : int
        How many blocks.
    """
    import keras

    image = x = keras.Input(input_shape)
    for number in range(n_blocks):
        name = f"block{number + 1}"
        x = normalized_conv(x, filters * 2**number, 3, f"{name}_1")
        x = normalized_conv(x, filters * 2**number, 3, f"{name}_2")
        x = keras.layers.MaxPooling2D(2, padding="same", name=f"{name}_pool")(x)
    return keras.Model(image, x)
