"""Costs counted in small networks, against arithmetic."""

import pytest

from bioselect.backbones.counting import operations_of, peak_values_of
from bioselect.backbones.keras_import import import_keras


@pytest.fixture(scope="module")
def layers():
    return import_keras().layers


def model(keras_layers, shape, *chain):
    keras = import_keras()
    image = keras.Input(shape)
    output = image
    for layer in chain:
        output = layer(output)
    return keras.Model(image, output)


def test_a_convolution_and_a_dense_layer(layers):
    built = model(
        layers,
        (8, 8, 3),
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(10),
    )
    # 4 * 4 positions * (3 * 3 * 3 * 4 weights) + (4 * 4 * 4) * 10, each twice.
    assert operations_of(built) == 2 * (16 * 108 + 640)
    # The largest layer: the convolution, 8 * 8 * 3 in, 4 * 4 * 4 out.
    assert peak_values_of(built) == 192 + 64


@pytest.mark.parametrize(
    ("kind", "options", "multiply_adds"),
    [
        # 8 * 8 positions * 3 * 3 * 5 channels.
        ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, 64 * 45),
        # The same, then 1 * 1 * 5 * 7.
        ("SeparableConv2D", {"filters": 7, "kernel_size": 3, "padding": "same"}, 64 * (45 + 35)),
        # Five groups of one channel each, 10 filters: 3 * 3 * 1 * 10.
        ("Conv2D", {"filters": 10, "kernel_size": 3, "padding": "same", "groups": 5}, 64 * 90),
        # On a map, a dense layer is a 1 x 1 convolution.
        ("Dense", {"units": 6}, 64 * 30),
    ],
)
def test_kinds_of_layers(layers, kind, options, multiply_adds):
    built = model(layers, (8, 8, 5), getattr(layers, kind)(**options))
    assert operations_of(built) == 2 * multiply_adds


def test_models_inside_a_model_are_counted(layers):
    inner = model(layers, (8, 8, 5), layers.Conv2D(2, 1))
    assert operations_of(model(layers, (8, 8, 5), inner)) == 2 * 64 * 10
