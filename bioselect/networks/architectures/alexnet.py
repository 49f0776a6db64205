"""AlexNet in one tower (Krizhevsky 2014), with its two wide layers and their dropout."""

from __future__ import annotations

from typing import Any

#: A smaller image would leave nothing after the third pooling: 63 -> 15 -> 7 -> 3 -> 1.
SMALLEST_INPUT = 63


def alexnet(input_shape: tuple[int, int, int], units: int = 4096) -> Any:
    """Return five convolutions, three poolings and two dense layers, from pixels to a row.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, n_channels) of the images, at least 63 pixels a side; published 224.
    units : int
        Numbers in a row; published 4096.
    """
    import keras

    layers = keras.layers
    image = keras.Input(input_shape)
    x = layers.ZeroPadding2D(2, name="block1_pad")(image)
    x = _conv(x, 64, 11, "block1", strides=4, padding="valid")
    x = layers.MaxPooling2D(3, strides=2, name="block1_pool")(x)
    x = _conv(x, 192, 5, "block2")
    x = layers.MaxPooling2D(3, strides=2, name="block2_pool")(x)
    for number, n_filters in ((3, 384), (4, 256), (5, 256)):
        x = _conv(x, n_filters, 3, f"block{number}")
    x = layers.MaxPooling2D(3, strides=2, name="block5_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for number in (6, 7):
        x = layers.Dropout(0.5, name=f"block{number}_dropout")(x)
        x = layers.Dense(
            units, activation="relu", kernel_initializer="he_normal", name=f"block{number}_dense"
        )(x)
    return keras.Model(image, x)


def _conv(x: Any, n_filters: int, side: int, name: str, **options: Any) -> Any:
    import keras

    return keras.layers.Conv2D(
        n_filters,
        side,
        activation="relu",
        kernel_initializer="he_normal",
        name=f"{name}_conv",
        **{"padding": "same", **options},
    )(x)
