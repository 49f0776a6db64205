"""Somebody's own networks of masks."""

import keras


def two_convolutions(input_shape, filters=4):
    """Two convolutions, one after the other."""
    image = keras.Input(input_shape)
    x = keras.layers.Conv2D(filters, 5, padding="same", activation="relu")(image)
    return keras.Model(image, keras.layers.Conv2D(filters, 3, padding="same")(x))


def half_as_large(input_shape):
    """Forgets to bring the map back to its size."""
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.MaxPooling2D(2)(image))


class Doubled(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def own_layer(input_shape):
    """Uses a layer that a model file could only hold as code."""
    image = keras.Input(input_shape)
    return keras.Model(image, Doubled()(image))
