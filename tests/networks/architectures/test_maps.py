"""Networks of masks: a map as large as the image, with as many weights as published."""

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras, in_fresh_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.attention_unet import attention_unet
from bioselect.networks.architectures.fpn import fpn
from bioselect.networks.architectures.unet import unet
from bioselect.networks.architectures.unet_pretrained import unet_pretrained

ANY_SIZE = (None, None, 3)


def n_trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_unet_has_as_many_weights_as_others_count():
    # The widely used PyTorch U-Net of this design (batch normalisation, transposed convolutions, 3
    # channels, 1 class) has 31,037,633 weights, of which 64 + 1 are those of its last layer.
    model = unet(ANY_SIZE, depth=4, width=64, upsampling="transposed")
    assert n_trainable(model) == 31_037_633 - 65


@pytest.mark.parametrize(
    ("build", "params"),
    [
        (unet, {}),
        (unet, {"norm": "group", "residual": True}),
        (unet, {"norm": "none", "upsampling": "transposed", "dropout": 0.2}),
        (attention_unet, {}),
        (fpn, {"pyramid_width": 6}),
    ],
)
def test_the_map_is_as_large_as_the_image(build, params):
    model = in_fresh_keras(lambda keras: build(ANY_SIZE, depth=2, width=4, **params))
    assert model.output_shape == (None, None, None, 4)
    for size in ((8, 12), (16, 4)):
        image = np.random.default_rng(0).random((1, *size, 3)).astype(np.float32)
        found = np.asarray(model(image, training=False))
        assert found.shape == (1, *size, 4)
        assert np.isfinite(found).all()
    names = [type(layer).__name__ for layer in model.layers]
    norms = {"batch": "BatchNormalization", "group": "GroupNormalization"}
    wanted = params.get("norm", "batch")
    assert {name for name in norms.values() if name in names} == (
        {norms[wanted]} if wanted in norms else set()
    )


def test_a_residual_block_adds_what_came_in():
    plain, residual = (unet(ANY_SIZE, depth=1, width=4, residual=one) for one in (False, True))
    assert not any(type(layer).__name__ == "Add" for layer in plain.layers)
    # Three blocks, and in each other channels come in than go out: 1 x 1 convolutions as well.
    assert sum(type(layer).__name__ == "Add" for layer in residual.layers) == 3
    # 3 * 4 + 4 * 8 + 8 * 4, and two numbers a channel of their normalisation.
    assert n_trainable(residual) - n_trainable(plain) == 12 + 32 + 32 + 2 * (4 + 8 + 4)


def test_gates_let_a_share_of_each_skip_through():
    keras = import_keras()
    model = attention_unet(ANY_SIZE, depth=1, width=4)
    gate = keras.Model(model.inputs[0], model.get_layer("block3_gate").output)
    image = np.random.default_rng(0).random((1, 8, 8, 3)).astype(np.float32)
    values = np.asarray(gate(image))
    assert values.shape == (1, 8, 8, 1)
    assert 0 < values.min() < values.max() < 1


def test_a_pretrained_way_down_is_looked_at_at_every_halving():
    model = in_fresh_keras(
        lambda keras: unet_pretrained((64, 96, 3), "mobilenet_v2", "frozen", width=4)
    )
    assert model.output_shape == (None, 64, 96, 4)
    encoder = model.get_layer("encoder")
    assert [shape[1:3] for shape in encoder.output_shape] == [
        (32, 48), (16, 24), (8, 12), (4, 6), (2, 3)
    ]  # fmt: skip
    assert not any(layer.trainable for layer in encoder.layers)
    assert all(layer.trainable for layer in model.layers if layer.name.startswith("up"))


def test_a_patch_that_is_too_small_for_the_way_down_is_refused():
    with pytest.raises(ComponentError, match=r"at least 75 a side.*Write 96"):
        unet_pretrained((64, 64, 3), "inception_v3")


def test_a_way_down_that_does_more_than_halve_gives_a_map_of_the_image():
    model = in_fresh_keras(lambda keras: unet_pretrained((96, 96, 1), "inception_v3", width=4))
    assert model.output_shape == (None, 96, 96, 4)
    # 96 px become 47, 45, 22, 20, 9 and so on: none of it is half.
    assert model.get_layer("encoder").output_shape[0][1:3] != (48, 48)
