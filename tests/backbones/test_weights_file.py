"""Weights of Keras's formats find their network, and no other."""

import h5py
import numpy as np
import pytest

from bioselect.backbones.building import build_network
from bioselect.backbones.keras_import import import_keras, in_fresh_keras
from bioselect.backbones.table import ROWS
from bioselect.backbones.weights_file import check_fit, load_weights
from bioselect.exceptions import ComponentError

# Keras 3.15 reads its variables in a way that NumPy 2 advises against.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROW = ROWS["mobilenet_v2"]
SIZE = (96, 96)


def changed(network, seed=1):
    """Return the network with every weight drawn anew, so that none is a default."""
    random = np.random.default_rng(seed)
    for weight in network.weights:
        if len(weight.shape):
            weight.assign(random.normal(size=weight.shape).astype(np.float32))
    return network


def save_in_order(model, path):
    """Write the format of Keras's own downloads, as Keras 2 wrote it."""
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)


def with_top(row, **width):
    def build(keras):
        constructor = getattr(keras.applications, row.constructor.split(":")[1])
        return constructor(include_top=True, weights=None, classes=5, **width)

    return in_fresh_keras(build)


def values(model):
    return [weight.numpy() for weight in model.weights]


@pytest.fixture(scope="module")
def trained():
    return changed(build_network(ROW, SIZE, 0.35, as_trained=False))


@pytest.fixture(scope="module")
def whole():
    return changed(with_top(ROW, alpha=0.35), seed=2)


def check_loaded(path, expected, row=ROW, alpha=0.35, size=SIZE):
    check_fit(path, row, alpha)
    network = build_network(row, size, alpha, as_trained=False)
    load_weights(network, path, row.name)
    for got, wanted in zip(values(network), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_keras_downloads(trained, tmp_path):
    save_in_order(trained, tmp_path / "w.h5")
    check_loaded(tmp_path / "w.h5", values(trained))


def test_keras_3_weights(trained, tmp_path):
    trained.save_weights(tmp_path / "w.weights.h5")
    check_loaded(tmp_path / "w.weights.h5", values(trained))


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_a_whole_model_as_hdf5(trained, tmp_path):
    trained.save(tmp_path / "m.h5")
    check_loaded(tmp_path / "m.h5", values(trained))


def test_the_top_is_left_aside(whole, tmp_path):
    # The top is one dense layer: kernel and bias, the last two arrays.
    save_in_order(whole, tmp_path / "w.h5")
    check_loaded(tmp_path / "w.h5", values(whole)[:-2])


def test_long_lists_of_names_come_in_pieces(trained, tmp_path):
    save_in_order(trained, tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        names = file.attrs["layer_names"]
        del file.attrs["layer_names"]
        file.attrs["layer_names0"], file.attrs["layer_names1"] = names[:50], names[50:]
    check_loaded(tmp_path / "w.h5", values(trained))


def test_another_width_is_named(trained, tmp_path):
    save_in_order(trained, tmp_path / "w.h5")
    with pytest.raises(ComponentError) as caught:
        check_fit(tmp_path / "w.h5", ROW, 1.0)
    message = str(caught.value)
    assert "weights of mobilenet_v2 with alpha 1 (2,257,984 parameters" in message
    assert "410,208 parameters, those of mobilenet_v2 with alpha 0.35." in message


def test_another_network_is_named(whole, tmp_path):
    save_in_order(whole, tmp_path / "w.h5")
    # 410,208 below the top, 1280 * 5 + 5 in it.
    with pytest.raises(
        ComponentError, match=r"vgg16: .*416,613 parameters, those of mobilenet_v2 with alpha 0\.35"
    ):
        check_fit(tmp_path / "w.h5", ROWS["vgg16"], 1.0)


def test_a_network_inside_a_model_is_explained(trained, tmp_path):
    keras = import_keras()
    outer = keras.Sequential([keras.Input((*SIZE, 3)), trained, keras.layers.Flatten()])
    outer.add(keras.layers.Dense(2))
    save_in_order(outer, tmp_path / "w.h5")
    with pytest.raises(ComponentError, match=r"one layer of a larger model.* model_file"):
        check_fit(tmp_path / "w.h5", ROW, 0.35)


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "w.h5"
    text.write_text("not weights")
    with pytest.raises(ComponentError, match="must be a file of Keras weights"):
        check_fit(text, ROW, 0.35)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["table"] = np.zeros(5)
    with pytest.raises(ComponentError, match=r"which holds 5 parameters\.$"):
        check_fit(tmp_path / "other.h5", ROW, 0.35)


def test_layers_of_other_shapes_are_an_error_even_when_the_sum_fits(trained, tmp_path):
    save_in_order(trained, tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        group = file["Conv1"]
        (name,) = group.attrs["weight_names"]
        kernel = group[name][()]
        del group[name]
        group[name] = np.moveaxis(kernel, 3, 0)
    check_fit(tmp_path / "w.h5", ROW, 0.35)
    network = build_network(ROW, SIZE, 0.35, as_trained=False)
    with pytest.raises(
        ComponentError, match=r"do not fit the layer Conv1, .*\(3, 3, 3, 16\).* Got \[\(16, 3, 3"
    ):
        load_weights(network, tmp_path / "w.h5", ROW.name)


def test_too_few_layers_are_an_error(trained, tmp_path):
    save_in_order(trained, tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file.attrs["layer_names"] = file.attrs["layer_names"][:20]
    network = build_network(ROW, SIZE, 0.35, as_trained=False)
    with pytest.raises(ComponentError, match="do not fit the network, which has 104 layers"):
        load_weights(network, tmp_path / "w.h5", ROW.name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n_arrays_of_the_top"),
    [
        ("efficientnet_b0", 2),
        ("inception_v3", 2),
        ("nasnet_mobile", 2),
        ("xception", 2),
        ("convnext_tiny", 2),
        ("mobilenet_v3_small", 4),
        ("mobilenet", 2),
        ("densenet121", 2),
    ],
)
def test_tops_of_other_networks(name, n_arrays_of_the_top, tmp_path):
    row = ROWS[name]
    model = changed(with_top(row))
    save_in_order(model, tmp_path / "w.h5")
    check_loaded(tmp_path / "w.h5", values(model)[:-n_arrays_of_the_top], row, 1.0, row.input_size)
