"""Networks of one trunk, joined, give the bits of each alone and compute the trunk once."""

import numpy as np
import pytest

from bioselect.backbones.foreign_model import ForeignModel
from bioselect.backbones.inference import Backbone
from bioselect.backbones.joining import JoinedNetwork, join_networks, joined
from bioselect.backbones.model_file import ModelFileBackbone
from bioselect.backbones.model_options import ModelOptions
from bioselect.backbones.openvino_runner import RequestRunner
from tests.backbones.foreign_models import convolutional, saved, with_graph_inside

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

VARIANTS = (
    {"layer": "block_6_expand_relu"},
    {},
    {"pooling": "avg+max"},
    {"layer": "block_13_expand", "pooling": "max"},
    {"layer": "block_13_expand", "pooling": "flatten"},
)


def small(**params):
    return Backbone("mobilenet_v2", "none", alpha=0.35, input_size=96, **params)


def draw(n_images, size=96):
    return np.random.default_rng(3).random((n_images, size, size, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def backbones():
    return [small(**params) for params in VARIANTS]


def n_operations(network, kind):
    return sum(one.get_type_name() == kind for one in network.get_ordered_ops())


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_row_has_the_bits_of_the_network_alone(backbones, n_jobs):
    groups = join_networks([one.network for one in backbones])
    images = draw(5)
    found = {
        network: rows
        for group in groups
        for network, rows in zip(group.networks, group.rows(images, n_jobs), strict=True)
    }
    assert len(found) == len(backbones)
    for one, width in zip(backbones, (96, 1280, 2560, 192, 6 * 6 * 192), strict=True):
        assert found[one.network].shape == (5, width)
        np.testing.assert_array_equal(found[one.network], one.features(images))
    # Looking at block_13_expand before its ReLU changes the last bits of what comes after.
    whole = JoinedNetwork([one.network for one in backbones])
    assert (len(groups) == 1) == all(whole.faithful())


def test_what_is_the_same_is_there_once(backbones):
    whole = backbones[1].network.read()
    together = joined([one.network.read() for one in backbones])
    for kind in ("Convolution", "GroupConvolution"):
        assert n_operations(together, kind) == n_operations(whole, kind) > 10
    # One mean and one maximum of the last map, whose two rows are needed twice; two of layers.
    assert n_operations(together, "ReduceMean") == 2
    assert n_operations(together, "ReduceMax") == 2


def test_networks_with_other_weights_may_share_little_but_are_right():
    others = [small(), Backbone("mobilenet_v2", "none", alpha=0.5, input_size=96)]
    wholes = [one.network.read() for one in others]
    together = joined(wholes)
    runner = RequestRunner(together, (96, 96, 3), "f32")
    for one, rows in zip(others, runner.rows_of_outputs(draw(3), "tf"), strict=True):
        np.testing.assert_array_equal(rows, one.features(draw(3)))


def test_those_whose_bits_would_change_are_joined_apart(backbones, monkeypatch):
    rows_of_outputs = RequestRunner.rows_of_outputs
    poolings = [one.network for one in (small(), small(pooling="max"), small(pooling="avg+max"))]

    def last_bit(runner, images, mode, n_jobs=None):
        found = rows_of_outputs(runner, images, mode, n_jobs)
        if len(found) == len(networks):
            found[1][-1, -1] = np.nextafter(found[1][-1, -1], np.float32(np.inf))
        return found

    monkeypatch.setattr(RequestRunner, "rows_of_outputs", last_bit)
    networks = poolings
    assert JoinedNetwork(networks).faithful() == [True, False, True]
    (group,) = join_networks(networks)
    assert group.networks == [networks[0], networks[2]]
    # None is left that another could be joined with.
    networks = poolings[:2]
    assert join_networks(networks) == []


def test_a_trunk_is_all_but_layer_and_pooling(tmp_path):
    assert len({small(**params).network.trunk for params in VARIANTS}) == 1
    others = [
        small(),
        small(runtime="openvino"),
        Backbone("mobilenet_v2", "none", alpha=0.5, input_size=96),
        Backbone("mobilenet_v2", "none", alpha=0.35, input_size=128),
        Backbone("mobilenet", "none", input_size=128),
    ]
    trunks = [one.network.trunk for one in others]
    assert trunks[0] == trunks[1]
    assert len(set(trunks)) == 4
    assert small(runtime="keras").network.trunk is None


def test_layers_of_a_model_file_are_joined_too(tmp_path):
    from bioselect.backbones.keras_import import import_tensorflow

    import_tensorflow()
    import keras

    image = keras.Input((16, 16, 1))
    first = keras.layers.Conv2D(4, 3, activation="relu", name="first")(image)
    second = keras.layers.Conv2D(8, 3, name="second")(first)
    keras.Model(image, second).save(tmp_path / "own.keras")
    path = str(tmp_path / "own.keras")
    own = [
        ModelFileBackbone(path, ModelOptions(layer="first", pooling="max")),
        ModelFileBackbone(path, ModelOptions()),
    ]
    assert own[0].network.trunk == own[1].network.trunk
    scaled = ModelFileBackbone(path, ModelOptions(scale="-1-1"))
    assert scaled.network.trunk != own[0].network.trunk
    mean = {"mean": [0.5], "std": [0.25]}
    standardised = [
        ModelFileBackbone(path, ModelOptions(layer="first", **mean)),
        ModelFileBackbone(path, ModelOptions(**mean)),
    ]
    assert standardised[0].network.trunk == standardised[1].network.trunk != own[0].network.trunk
    for some in (own, standardised):
        images = draw(4, 16)[..., :1]
        (group,) = join_networks([one.network for one in some])
        for one, rows in zip(some, group.rows(images), strict=True):
            np.testing.assert_array_equal(rows, one.features(images))


def test_outputs_of_a_model_of_another_program_are_joined_too(tmp_path):
    path = saved(convolutional(("n", 3, 16, 16)), tmp_path / "m.onnx")
    pixels = {"mean": [0.5] * 3, "std": [0.25] * 3}
    own = [
        ForeignModel(path, ModelOptions(**end, **pixels))
        for end in ({"output": "maps"}, {"output": "maps", "pooling": "max"}, {"output": "row"})
    ]
    (trunk,) = {one.network.trunk for one in own}
    assert trunk is not None
    plain = ForeignModel(path, ModelOptions(output="maps"))
    assert plain.network.trunk != trunk
    together = joined([one.network.read() for one in own])
    assert n_operations(together, "GroupConvolution") == 1
    images = draw(4, 16)
    groups = join_networks([one.network for one in own])
    assert groups
    alone = {one.network: one.features(images) for one in own}
    for group in groups:
        for network, rows in zip(group.networks, group.rows(images), strict=True):
            np.testing.assert_array_equal(rows, alone[network])


def test_what_holds_graphs_is_never_taken_for_another(tmp_path):
    # Two branches of one condition on one row: their inputs are the same, their work is not.
    wholes = []
    for drawing in ("Relu", "Neg"):
        path = saved(with_graph_inside("If", drawing), tmp_path / f"{drawing}.onnx")
        wholes.append(ForeignModel(path).network.read())
    assert n_operations(joined(wholes), "If") == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        ("resnet50", "conv4_block6_out", 224),
        ("resnet50", "conv4_block6_add", 96),
        ("vgg16", "block4_conv3", 96),
        ("efficientnet_b0", "block4a_expand_activation", 96),
        ("densenet121", "pool4_conv", 96),
        ("inception_v3", "mixed7", 96),
        ("convnext_tiny", "convnext_tiny_stage_2_block_3_identity", 96),
    ],
)
def test_other_architectures_are_joined(name, layer, size):
    variants = ({}, {"pooling": "max"}, {"layer": layer})
    some = [Backbone(name, "none", input_size=size, **params) for params in variants]
    groups = join_networks([one.network for one in some])
    images = draw(4, size)
    for group in groups:
        for network, rows in zip(group.networks, group.rows(images), strict=True):
            np.testing.assert_array_equal(rows, network.rows(images))
    # The two poolings of the end, at least.
    assert {some[0].network, some[1].network} <= {one for group in groups for one in group.networks}
    whole, deepest = (
        n_operations(network, "Convolution")
        for network in (joined([one.network.read() for one in some]), some[0].network.read())
    )
    assert whole == deepest
