import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.applications import application
from bioselect.networks.architectures.resnet import resnet18
from bioselect.networks.architectures.small_cnn import small_cnn
from bioselect.networks.blocks import blocks_of, choose_trained, leaves, trained_variables

SHAPE = (32, 32, 3)


def names_trained(body):
    return [layer.name for layer in leaves(body) if layer.weights and layer.trainable]


def test_blocks_are_those_that_the_network_names():
    assert list(blocks_of(small_cnn(SHAPE, filters=2))) == [
        "block1", "block2", "block3", "block4",
    ]  # fmt: skip
    names = list(blocks_of(resnet18(SHAPE, width=2)))
    assert names[:3] == ["stem_conv", "stage1_block1", "stage1_block2"]
    assert names[-1] == "stage4_block2"
    assert len(names) == 9


def test_blocks_of_keras_applications():
    names = list(blocks_of(application(SHAPE, "mobilenet_v2", alpha=0.35)))
    # Table 2 of the paper: a convolution, 17 bottlenecks (the first one is not numbered by Keras),
    # a convolution.
    assert names == ["Conv1", "expanded_conv", *(f"block_{n}" for n in range(1, 17)), "Conv_1"]


def test_the_last_blocks_are_trained_and_no_others():
    body = small_cnn(SHAPE, filters=2, n_blocks=3)
    choose_trained(body, 1, "small_cnn")
    assert names_trained(body) == [
        "block3_1_conv",
        "block3_1_norm",
        "block3_2_conv",
        "block3_2_norm",
    ]
    choose_trained(body, "all", "small_cnn")
    assert len(names_trained(body)) == 12
    choose_trained(body, "head", "small_cnn")
    assert names_trained(body) == []


def test_the_head_goes_first():
    body = small_cnn(SHAPE, filters=2, n_blocks=3)
    choose_trained(body, "head_then_all", "small_cnn", head_only=True)
    assert names_trained(body) == []
    choose_trained(body, "head_then_all", "small_cnn")
    assert len(names_trained(body)) == 12


def test_there_are_only_so_many_blocks():
    with pytest.raises(
        ComponentError, match=r"must be at most 3, the blocks of the network. Got 4"
    ):
        choose_trained(small_cnn(SHAPE, filters=2, n_blocks=3), 4, "small_cnn")


def test_what_is_kept_of_a_training_is_what_it_changes():
    body = small_cnn(SHAPE, filters=2, n_blocks=3)
    # A kernel, a scale, an offset, a mean and a variance for each of six convolutions.
    assert len(trained_variables(body)) == 30
    choose_trained(body, 1, "small_cnn")
    assert len(trained_variables(body)) == 10


def test_random_numbers_of_frozen_layers_are_kept_too():
    keras = import_keras()
    image = keras.Input((4, 8))
    # Attention drops what it looks at also where its weights are frozen.
    seen = keras.layers.MultiHeadAttention(2, 4, dropout=0.5)(image, image)
    body = keras.Model(image, seen)
    choose_trained(body, "head", "own")
    assert len(trained_variables(body)) == 1
