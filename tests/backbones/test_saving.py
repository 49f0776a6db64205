"""A saved network: the same bytes for the same network, nothing run when it is opened."""

import json
import zipfile

import numpy as np
import pytest

from bioselect.backbones.building import build_network, feature_model
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.saving import read_description, read_model, write_description, write_model
from bioselect.backbones.table import ROWS
from bioselect.exceptions import BundleError

# Keras 3.15 reads its variables in a way that NumPy 2 advises against.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def small_model(keras, *middle):
    image = keras.Input((8, 8, 3))
    output = keras.layers.Conv2D(4, 3)(image)
    for layer in middle:
        output = layer(output)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(output))


def test_the_same_network_gives_the_same_bytes(tmp_path):
    row = ROWS["mobilenet_v3_small"]
    for folder in ("first", "second"):
        network = build_network(row, (64, 64), 1.0, as_trained=False)
        model = feature_model(network, row.name, None, "avg")
        write_model(tmp_path / folder, model)
    first, second = (
        (tmp_path / folder / "backbone.keras").read_bytes() for folder in ("first", "second")
    )
    assert first == second


def test_layers_that_keras_keeps_beside_its_networks_are_opened(tmp_path):
    keras = import_keras()
    from keras.src.applications.convnext import LayerScale
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    image = keras.Input((8, 8, 3))
    added = CustomScaleLayer(0.25)([image, LayerScale(0.5, 3)(image)])
    write_model(tmp_path, keras.Model(image, keras.layers.GlobalAveragePooling2D()(added)))
    # 1 + 0.25 * 0.5 of every pixel.
    found = np.asarray(read_model(tmp_path)(np.full((1, 8, 8, 3), 2.0, dtype=np.float32)))
    assert found.tolist() == [[2.25] * 3]


def test_keras_itself_opens_the_file(tmp_path):
    keras = import_keras()
    model = small_model(keras)
    write_model(tmp_path, model)
    loaded = keras.saving.load_model(tmp_path / "backbone.keras")
    images = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(model(images)))


def test_the_notes_come_back(tmp_path):
    notes = {"weights": "w", "input_size": [8, 8], "operations": 7776.0, "layer": None}
    write_description(tmp_path, notes)
    assert read_description(tmp_path) == notes


def test_code_inside_a_model_is_refused(tmp_path):
    keras = import_keras()
    model = small_model(keras, keras.layers.Lambda(lambda x: x * 2))
    write_model(tmp_path, model)
    with pytest.raises(BundleError, match=r"brings code of its own \(Lambda\), which is not run"):
        read_model(tmp_path)


@pytest.mark.parametrize("name", ["TFSMLayer", "TorchModuleWrapper"])
def test_layers_that_open_other_files_are_refused_before_keras_sees_them(
    tmp_path, monkeypatch, name
):
    keras = import_keras()
    write_model(tmp_path, small_model(keras, keras.layers.Activation("relu", name="last")))
    path = tmp_path / "backbone.keras"
    with zipfile.ZipFile(path) as archive:
        contents = {one: archive.read(one) for one in archive.namelist()}
    assert contents["config.json"].count(b'"class_name": "Activation"') == 1
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in contents.items():
            archive.writestr(one, content.replace(b'"Activation"', f'"{name}"'.encode()))
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras saw it"))
    with pytest.raises(BundleError, match=rf"own \({name}\), which is not run\. Take") as caught:
        read_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_damaged_and_missing_files_are_named(tmp_path):
    with pytest.raises(BundleError, match=r"backbone\.json: cannot be read"):
        read_description(tmp_path)
    with pytest.raises(BundleError, match=r"backbone\.keras: cannot be loaded"):
        read_model(tmp_path)
    write_model(tmp_path, small_model(import_keras()))
    path = tmp_path / "backbone.keras"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BundleError, match=r"backbone\.keras: cannot be loaded") as caught:
        read_model(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / "backbone.json").write_text("[1]")
    with pytest.raises(BundleError, match="must hold a mapping"):
        read_description(tmp_path)


def test_objects_are_numbered_from_one(tmp_path):
    write_model(tmp_path, small_model(import_keras()))
    with zipfile.ZipFile(tmp_path / "backbone.keras") as archive:
        config = archive.read("config.json").decode()
        metadata = json.loads(archive.read("metadata.json"))
        dates = {entry.date_time for entry in archive.infolist()}
    assert '"shared_object_id": 1' in config or "shared_object_id" not in config
    assert "date_saved" not in metadata
    assert dates == {(1980, 1, 1, 0, 0, 0)}
