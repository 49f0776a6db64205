"""What several bodies are made of: a convolution with its batch normalisation and activation."""

from __future__ import annotations

from typing import Any

#: Keras's 0.99 needs hundreds of steps before the statistics are those of the images; small data
#: sets have fewer. PyTorch's networks use 0.9 (there called 0.1).
STATISTICS_MOMENTUM = 0.9
EPSILON = 1e-5


def normalized_conv(
    x: Any, n_filters: int, side: int, name: str, stride: int = 1, activation: bool = True
) -> Any:
    """Apply a convolution without bias, batch normalisation and, if asked for, ReLU."""
    import keras

    x = keras.layers.Conv2D(
        n_filters,
        side,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = keras.layers.BatchNormalization(
        momentum=STATISTICS_MOMENTUM, epsilon=EPSILON, name=f"{name}_norm"
    )(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x) if activation else x
