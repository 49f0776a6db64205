import pytest

from bioselect.exceptions import ComponentError
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.initial_weights import InitialWeights
from bioselect.networks.sizes import chosen_channels, chosen_size


def size(name, written, *image_shape):
    return chosen_size(NETWORKS[name], name, written, image_shape)


@pytest.mark.parametrize(
    ("name", "image_shape", "expected"),
    [
        ("resnet18", (28, 28, 3), (28, 28)),
        ("resnet18", (40, 64, 1), (40, 64)),
        ("resnet18", (96, 40, 1), (96, 40)),
        ("resnet18", (225, 40, 1), (224, 224)),
        ("resnet18", (None, None, 3), (224, 224)),
        ("small_cnn", (5, 20, 3), (64, 64)),
        ("small_cnn", (64, 60, 3), (64, 60)),
        ("small_cnn", (96, 96, 3), (96, 96)),
        ("small_cnn", (600, 800, 3), (96, 96)),
        ("small_cnn", (None, None, 1), (96, 96)),
        ("alexnet", (28, 28, 3), (64, 64)),
        ("alexnet", (300, 300, 3), (224, 224)),
        ("inception_v3", (28, 28, 3), (299, 299)),
    ],
)
def test_images_keep_their_size_where_they_can(name, image_shape, expected):
    assert size(name, "auto", *image_shape) == expected


def test_a_size_may_be_written():
    assert size("resnet34", 96, 28, 28, 3) == (96, 96)
    assert size("mobilenet_v2", [96, 128], 28, 28, 3) == (96, 128)


@pytest.mark.parametrize(
    ("name", "written", "words"),
    [
        ("resnet18", 4, "must be at least 8 a side. Got \\[4, 4\\]"),
        ("alexnet", [62, 80], "must be at least 63 a side"),
        ("inception_v3", 64, "must be at least 75"),
        ("resnet18", [28], "must be one whole number or \\[height, width\\]"),
    ],
)
def test_sizes_that_cannot_be_are_refused(name, written, words):
    with pytest.raises(ComponentError, match=words):
        size(name, written, 28, 28, 3)


def test_weights_decide_how_many_channels_there_are(tmp_path):
    of_keras = InitialWeights("application", tmp_path / "weights.h5")
    assert chosen_channels("vgg16", InitialWeights("random"), 5) == 5
    assert chosen_channels("vgg16", of_keras, 1) == 3
    assert chosen_channels("vgg16", of_keras, 3) == 3
    with pytest.raises(ComponentError, match=r"are for images with 3 channels. Got 5. Choose as"):
        chosen_channels("vgg16", of_keras, 5)
