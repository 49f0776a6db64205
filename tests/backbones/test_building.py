"""From a row of the table to a model that gives rows of features."""

import hashlib
from dataclasses import replace

import h5py
import numpy as np
import pytest

from bioselect.backbones.building import build_network, feature_model
from bioselect.backbones.inference import Backbone
from bioselect.backbones.keras_import import import_keras, in_fresh_keras
from bioselect.backbones.table import ROWS
from bioselect.backbones.weights import check_weights, is_made_for_imagenet_pixels
from bioselect.backbones.weights_file import load_weights
from bioselect.exceptions import ComponentError

ROW = ROWS["mobilenet_v2"]


@pytest.fixture(scope="module")
def network():
    return build_network(ROW, (64, 96), 0.35, as_trained=False)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((2, 64, 96, 3)).astype(np.float32)


def rows(network, images, layer, pooling):
    return np.asarray(feature_model(network, "n", layer, pooling)(images, training=False))


@pytest.mark.parametrize("layer", [None, "block_6_expand_relu"])
def test_pooling_against_numpy(network, images, layer):
    keras = import_keras()
    inner = network.output if layer is None else network.get_layer(layer).output
    maps = np.asarray(keras.Model(network.input, inner)(images, training=False))
    assert maps.ndim == 4
    tolerance = {"rtol": 1e-5, "atol": 1e-6 * np.abs(maps).max()}
    average, largest = maps.mean(axis=(1, 2)), maps.max(axis=(1, 2))
    np.testing.assert_allclose(rows(network, images, layer, "avg"), average, **tolerance)
    np.testing.assert_array_equal(rows(network, images, layer, "max"), largest)
    both = rows(network, images, layer, "avg+max")
    np.testing.assert_allclose(both, np.hstack([average, largest]), **tolerance)
    flat = rows(network, images, layer, "flatten")
    np.testing.assert_array_equal(flat, maps.reshape(2, -1))


def test_a_layer_that_gives_a_row_is_not_pooled(network):
    keras = import_keras()
    dense = keras.layers.Dense(5, name="d")(keras.layers.Flatten()(network.output))
    model = keras.Model(network.input, dense)
    for pooling in ("avg", "avg+max", "flatten"):
        assert feature_model(model, "n", None, pooling).output.shape == (None, 5)


def test_a_sequence_is_pooled_over_its_positions(network, images):
    keras = import_keras()
    sequence = keras.layers.Reshape((-1, 1280))(network.output)
    model = keras.Model(network.input, sequence)
    tokens = np.asarray(model(images, training=False))
    assert tokens.shape == (2, 6, 1280)
    both = rows(model, images, None, "avg+max")
    np.testing.assert_allclose(both[:, :1280], tokens.mean(axis=1), rtol=1e-5, atol=1e-16)
    np.testing.assert_array_equal(both[:, 1280:], tokens.max(axis=1))
    np.testing.assert_array_equal(rows(model, images, None, "cls"), tokens[:, 0])
    with pytest.raises(ComponentError, match=r"pooling must be given, .* tokens \(6, 1280\)"):
        feature_model(model, "own", None, None)


def test_a_map_is_averaged_by_default_and_has_no_class_token(network, images):
    np.testing.assert_array_equal(
        rows(network, images, None, None), rows(network, images, None, "avg")
    )
    with pytest.raises(ComponentError, match=r"cls is for sequences of tokens\. .* \(2, 3, 1280\)"):
        feature_model(network, "own", None, "cls")


def test_an_unknown_layer_has_a_neighbour(network):
    with pytest.raises(ComponentError) as caught:
        feature_model(network, "mobilenet_v2", "block_6_expnd", "avg")
    assert str(caught.value) == (
        "mobilenet_v2: params.layer must be one of the 154 layers of the network, input_layer to "
        "out_relu. Got 'block_6_expnd'. Did you mean 'block_6_expand'?"
    )


@pytest.mark.parametrize("sequential", [True, False])
def test_the_output_of_a_model_inside_a_model(network, images, sequential):
    keras = import_keras()
    scaling = keras.layers.Rescaling(0.5)
    if sequential:
        outer = keras.Sequential([keras.Input((64, 96, 3)), scaling, network])
        outer.add(keras.layers.Flatten())
    else:
        image = keras.Input((64, 96, 3))
        outer = keras.Model(image, keras.layers.Flatten()(network(scaling(image))))
    got = rows(outer, images, network.name, "flatten")
    expected = np.asarray(network(images * np.float32(0.5), training=False))
    np.testing.assert_array_equal(got, expected.reshape(2, -1))


def test_outputs_of_other_shapes_are_refused():
    keras = import_keras()
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, keras.layers.Reshape((2, 4, 8, 3))(image))
    with pytest.raises(ComponentError, match=r"Got the shape \(2, 4, 8, 3\)"):
        feature_model(model, "n", None, "avg")
    with pytest.raises(ComponentError, match=r"must have one input\. Got 2"):
        feature_model(keras.Model([image, keras.Input((8, 8, 3))], image * 2), "n", None, "avg")
    two = keras.Model(image, [image * 2, image * 3])
    with pytest.raises(ComponentError, match=r"a layer with one output\. Got the end of the model"):
        feature_model(two, "n", None, "avg")


def test_random_weights_are_always_the_same(network):
    again = build_network(ROW, (64, 96), 0.35, as_trained=False)
    other_size = build_network(ROW, (96, 96), 0.35, as_trained=False)
    for model in (again, other_size):
        for first, second in zip(network.weights, model.weights, strict=True):
            np.testing.assert_array_equal(first.numpy(), second.numpy())
    kernels = [w.numpy() for w in network.weights if len(w.shape) > 1]
    assert all(kernel.std() > 0 for kernel in kernels)


def test_layers_have_the_same_names_in_every_network():
    row = ROWS["mobilenet_v3_small"]
    first, second = (build_network(row, (64, 64), 1.0, as_trained=False) for _ in range(2))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    assert "activation_17" in {layer.name for layer in second.layers}


@pytest.mark.slow
def test_efficientnet_is_scaled_as_keras_scales_it_for_imagenet(tmp_path, monkeypatch):
    # Keras puts a second division behind the normalisation only when weights="imagenet".
    from keras.src.applications import efficientnet
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    row = ROWS["efficientnet_b0"]
    plain = build_network(row, (64, 64), 1.0, as_trained=False)
    normalisation = next(x for x in plain.layers if type(x).__name__ == "Normalization")
    normalisation.set_weights(
        [np.array([0.48, 0.46, 0.41]), np.array([0.23, 0.22, 0.21]), np.array(0)]
    )
    path = tmp_path / "efficientnetb0_notop.h5"
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, plain)
    monkeypatch.setattr(efficientnet.file_utils, "get_file", lambda *_, **__: str(path))
    theirs = in_fresh_keras(
        lambda keras: keras.applications.EfficientNetB0(include_top=False, input_shape=(64, 64, 3))
    )
    ours = build_network(row, (64, 64), 1.0, as_trained=True)
    load_weights(ours, path, row.name)
    images = np.random.default_rng(0).random((2, 64, 64, 3)).astype(np.float32) * 255
    expected = np.asarray(theirs(images, training=False))
    got = np.asarray(ours(images, training=False))
    np.testing.assert_array_equal(got, expected)
    load_weights(plain, path, row.name)
    unscaled = np.asarray(plain(images, training=False))
    assert np.abs(unscaled - expected).max() > 0.1 * np.abs(expected).max()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
@pytest.mark.parametrize("suffix", [".h5", ".weights.h5"])
def test_weights_trained_without_imagenet_are_not_scaled_for_it(tmp_path, suffix):
    # As Keras has it: EfficientNetB0(weights=FILE) divides once, weights="imagenet" twice.
    row = ROWS["efficientnet_b0"]
    network = build_network(row, (64, 64), 1.0, as_trained=False)
    on_from_imagenet = build_network(row, (64, 64), 1.0, as_trained=True)
    path = tmp_path / f"own{suffix}"
    if suffix == ".weights.h5":
        network.save_weights(path)
        with pytest.raises(ComponentError, match=r"a file that lists the layers, because Keras"):
            check_weights(row.name, str(path))
        return
    for model, as_trained in ((network, False), (on_from_imagenet, True)):
        model.save(path)
        assert is_made_for_imagenet_pixels(path, row, 1.0) == as_trained
        images = np.random.default_rng(0).random((2, 64, 64, 3)).astype(np.float32)
        expected = np.asarray(model(images * np.float32(255), training=False)).mean(axis=(1, 2))
        # Keras itself: to compile the two networks would take ten seconds.
        backbone = Backbone(row.name, str(path), input_size=64, runtime="keras")
        got = backbone.features(images)
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    assert not is_made_for_imagenet_pixels(path, ROWS["efficientnet_v2_b0"], 1.0)


def test_imagenet_weights_of_efficientnet_are_known_by_their_checksum(tmp_path):
    path = tmp_path / "renamed.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = ["rescaling", "normalization", "stem_conv"]
    row = ROWS["efficientnet_b0"]
    assert not is_made_for_imagenet_pixels(path, row, 1.0)
    checksum = hashlib.md5(path.read_bytes()).hexdigest()
    known = replace(row, widths=(replace(row.widths[0], checksum=checksum),))
    assert is_made_for_imagenet_pixels(path, known, 1.0)
