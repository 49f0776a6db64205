import math
from functools import partial

import pytest

from bioselect.networks.architectures.alexnet import alexnet
from bioselect.networks.architectures.applications import application
from bioselect.networks.architectures.resnet import resnet18, resnet34
from bioselect.networks.architectures.small_cnn import small_cnn


def n_trainable(body):
    return sum(math.prod(weight.shape) for weight in body.trainable_weights)


@pytest.mark.parametrize(
    ("build", "published", "head"),
    [
        # torchvision's number of weights with 1000 classes, and how many of them are the head's.
        (resnet18, 11_689_512, 512 * 1000 + 1000),
        (resnet34, 21_797_672, 512 * 1000 + 1000),
        (alexnet, 61_100_840, 4096 * 1000 + 1000),
    ],
)
def test_networks_have_as_many_weights_as_published(build, published, head):
    assert n_trainable(build((224, 224, 3))) == published - head


def test_the_stem_follows_the_size():
    build = partial(resnet18, width=4)
    # 224 -> 112 (stem) -> 56 (pool) -> 28 -> 14 -> 7; 28 -> 14 -> 7 -> 4.
    assert build((224, 224, 3)).output_shape == (None, 7, 7, 32)
    assert build((28, 28, 3)).output_shape == (None, 4, 4, 32)
    assert build((224, 224, 3), stem="small").output_shape == (None, 28, 28, 32)


@pytest.mark.parametrize("build", [partial(resnet18, width=2), partial(small_cnn, filters=2)])
def test_odd_sizes_and_any_channels_are_taken(build):
    for shape in ((17, 23, 1), (29, 31, 5), (8, 8, 2)):
        assert min(build(shape).output_shape[1:]) >= 1


def test_alexnet_is_published_for_224_and_goes_down_to_63():
    assert alexnet((63, 63, 1), units=8).output_shape == (None, 8)


def test_a_small_network_halves_the_map_in_each_block():
    assert small_cnn((28, 20, 3), filters=4, n_blocks=2).output_shape == (None, 7, 5, 8)


def test_statistics_follow_the_images_within_few_steps():
    body = application((32, 32, 5), "mobilenet", alpha=0.25)
    momenta = {layer.momentum for layer in body.layers if hasattr(layer, "moving_mean")}
    assert momenta == {0.9}
    assert body.input_shape == (None, 32, 32, 5)
