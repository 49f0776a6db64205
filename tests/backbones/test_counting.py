"""Costs counted in small networks, against arithmetic."""

import pytest

from bioselect.backbones.counting import cost_of
from bioselect.backbones.keras_import import import_keras


@pytest.fixture(scope="module")
def layers():
    return import_keras().layers


def model(shape, *chain):
    keras = import_keras()
    image = keras.Input(shape)
    output = image
    for layer in chain:
        output = layer(output)
    return keras.Model(image, output)


def test_a_convolution_and_a_dense_layer(layers):
    built = model(
        (8, 8, 3),
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(10),
    )
    cost = cost_of(built, (8, 8, 3))
    # 4 * 4 positions * (3 * 3 * 3 * 4 weights) + (4 * 4 * 4) * 10, each twice.
    assert cost.operations == 2 * (16 * 108 + 640)
    # The largest operation: the convolution, 8 * 8 * 3 in, 4 * 4 * 4 out.
    assert cost.peak_values == 192 + 64


@pytest.mark.parametrize(
    ("kind", "options", "multiply_adds"),
    [
        # 8 * 8 positions * 3 * 3 * 5 channels.
        ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, 64 * 45),
        # The same, then 1 * 1 * 5 * 7.
        ("SeparableConv2D", {"filters": 7, "kernel_size": 3, "padding": "same"}, 64 * (45 + 35)),
        # Five groups of one channel each, 10 filters: 3 * 3 * 1 * 10.
        ("Conv2D", {"filters": 10, "kernel_size": 3, "padding": "same", "groups": 5}, 64 * 90),
        # Every incoming value is spread over 2 * 2 positions of 6 channels.
        ("Conv2DTranspose", {"filters": 6, "kernel_size": 2, "strides": 2}, 64 * 5 * 24),
        # On a map, a dense layer is a 1 x 1 convolution; both ways in which Keras writes it.
        ("Dense", {"units": 6}, 64 * 30),
        ("EinsumDense", {"equation": "bhwc,cd->bhwd", "output_shape": (8, 8, 6)}, 64 * 30),
    ],
)
def test_kinds_of_layers(layers, kind, options, multiply_adds):
    built = model((8, 8, 5), getattr(layers, kind)(**options))
    assert cost_of(built, (8, 8, 5)).operations == 2 * multiply_adds


def test_products_of_matrices_without_weights(layers):
    # A sequence of 4 positions and 6 channels with itself: 4 * 4 products of 6.
    built = model((2, 2, 6), layers.Reshape((4, 6)), layers.Permute((1, 2)))
    keras = import_keras()
    attention = layers.Dot(axes=(2, 2))([built.output, built.output])
    cost = cost_of(keras.Model(built.input, attention), (2, 2, 6))
    assert cost.operations == 2 * 16 * 6


def test_models_inside_a_model_are_counted(layers):
    inner = model((8, 8, 5), layers.Conv2D(2, 1))
    assert cost_of(model((8, 8, 5), inner), (8, 8, 5)).operations == 2 * 64 * 10


def test_models_for_images_of_any_size_are_counted_at_one(layers):
    inner = model((None, None, 5), layers.Conv2D(2, 1))
    outer = model((None, None, 5), inner, layers.GlobalAveragePooling2D(), layers.Dense(3))
    # 8 * 10 positions * 5 * 2, then 2 * 3.
    cost = cost_of(outer, (8, 10, 5))
    assert cost.operations == 2 * (80 * 10 + 6)
    assert cost.peak_values == 80 * (5 + 2)


def test_tensorflow_is_left_as_it_was(layers):
    import tensorflow

    cost_of(model((8, 8, 5), layers.Conv2D(2, 1)), (8, 8, 5))
    assert not tensorflow.config.functions_run_eagerly()
