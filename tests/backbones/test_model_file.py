"""A user's own Keras model as a network, and what its file says before Keras is imported."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.model_facts import facts_of
from bioselect.backbones.model_file import ModelFileBackbone
from bioselect.backbones.model_options import ModelOptions
from bioselect.exceptions import BundleError, ComponentError, UnavailableError
from tests.backbones import foreign_models

pytestmark = [
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def own_model(shape=(16, 24, 3), *, sequential=False):
    """Return a small classifier such as a user may have trained."""
    keras = import_keras()
    layers = [
        keras.layers.Conv2D(6, 3, activation="relu", name="maps"),
        keras.layers.GlobalMaxPooling2D(name="row"),
        keras.layers.Dense(4, activation="softmax", name="classes"),
    ]
    if sequential:
        return keras.Sequential([keras.Input(shape), *layers])
    image = output = keras.Input(shape, name="picture")
    for layer in layers:
        output = layer(output)
    return keras.Model(image, output)


def own(path, **options):
    return ModelFileBackbone(path, ModelOptions(**options))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def saved(folder):
    model = own_model()
    model.save(folder / "own.keras")
    model.save(folder / "own.h5")
    return model


def draw(n_images, shape=(16, 24, 3), seed=0):
    return np.random.default_rng(seed).random((n_images, *shape)).astype(np.float32)


@pytest.mark.parametrize("name", ["own.keras", "own.h5"])
def test_rows_are_those_of_the_model(saved, folder, name):
    keras = import_keras()
    images = draw(11)
    made = own(str(folder / name))
    made.check()
    rows = made.features(images)
    assert rows.shape == (11, 4)
    np.testing.assert_allclose(rows, saved.predict(images, verbose=0), rtol=1e-5)
    maps = own(str(folder / name), layer="maps", pooling="avg+max")
    inner = keras.Model(saved.input, saved.get_layer("maps").output)
    expected = np.asarray(inner(images))
    np.testing.assert_allclose(
        maps.features(images),
        np.hstack([expected.mean(axis=(1, 2)), expected.max(axis=(1, 2))]),
        rtol=1e-4,
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("scale", "pixels"),
    [
        ("0-1", lambda x: x),
        ("-1-1", lambda x: x * 2 - 1),
        ("0-255", lambda x: x * 255),
        ("imagenet", lambda x: (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]),
        ("caffe", lambda x: x[..., ::-1] * 255 - [103.939, 116.779, 123.68]),
    ],
)
def test_scales(saved, folder, scale, pixels):
    images = draw(3)
    made = own(str(folder / "own.keras"), layer="row", scale=scale)
    made.check()
    keras = import_keras()
    inner = keras.Model(saved.input, saved.get_layer("row").output)
    expected = np.asarray(inner(pixels(images.astype(np.float64)).astype(np.float32)))
    np.testing.assert_allclose(made.features(images), expected, rtol=1e-4, atol=1e-4)


def test_facts_are_read_without_keras(saved, folder):
    code = (
        "import sys; from bioselect.backbones.model_file import ModelFileBackbone as M;"
        "from bioselect.backbones.model_options import ModelOptions as O;"
        f"m = M({str(folder / 'own.keras')!r}, O(layer='row')); m.check();"
        "print(m.input_size, m.n_channels, 'keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(16, 24) 3 False False\n"


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("sequential", [False, True])
def test_facts_of_all_kinds(tmp_path, suffix, sequential):
    path = tmp_path / f"m{suffix}"
    own_model((None, None, 1), sequential=sequential).save(path)
    facts = facts_of(str(path))
    assert facts.image_shape == (None, None, 1)
    assert [name for name in facts.layers if name in ("maps", "row", "classes")] == [
        "maps",
        "row",
        "classes",
    ]


def test_a_model_inside_a_model(tmp_path):
    keras = import_keras()
    inner = own_model((16, 16, 3))
    outer = keras.Sequential([keras.Input((16, 16, 3)), inner, keras.layers.Dense(2, name="end")])
    outer.save(tmp_path / "m.keras")
    made = own(str(tmp_path / "m.keras"), layer=inner.name)
    made.check()
    images = draw(2, (16, 16, 3))
    np.testing.assert_allclose(made.features(images), np.asarray(inner(images)), rtol=1e-5)
    # 14 * 14 positions * 3 * 3 * 3 * 6 weights, 6 * 4: the end is cut off.
    assert made.operations == 2 * (196 * 162 + 24)


def test_input_size_of_a_model_of_any_size(tmp_path):
    path = tmp_path / "m.keras"
    own_model((None, None, 1)).save(path)
    with pytest.raises(ComponentError, match="input_size must be given"):
        own(str(path)).check()
    made = own(str(path), input_size=[20, 30])
    made.check()
    assert (made.input_size, made.n_channels) == ((20, 30), 1)
    assert made.features(draw(2, (20, 30, 1))).shape == (2, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "map"}, "layers of the network, picture to classes. Got 'map'. Did you mean"),
        ({"pooling": "mean"}, "params.pooling must be one of avg, max"),
        ({"scale": "0-2"}, "params.scale must be one of 0-1, -1-1"),
        ({"input_size": 32}, "params.input_size must be [16, 24], which"),
    ],
)
def test_wrong_parameters(saved, folder, options, message):
    with pytest.raises(ComponentError) as caught:
        own(str(folder / "own.keras"), **options).check()
    assert message in str(caught.value)


CHECKS = {
    "ModelFileBackbone({keras!r}, O(input_size=9))": "input_size must be [16, 24]",
    "ModelFileBackbone({keras!r}, O(runtime='quick'))": "runtime must be one of auto",
    "own_model({onnx!r}, O(input_size=8, runtime='keras'))": "runtime keras is for Keras files",
    "own_model({onnx!r}, O(input_size=8, precision='f16'))": "precision must be one of f32",
    "Backbone('mobilenet_v2', 'none', runtime='quick')": "runtime must be one of auto",
}


@pytest.mark.parametrize("made", CHECKS)
def test_checks_check_without_assertions_too(saved, folder, made):
    onnx = foreign_models.saved(
        foreign_models.rows_only(foreign_models.convolutional()), folder / "m.onnx"
    )
    model = made.format(keras=str(folder / "own.keras"), onnx=onnx)
    code = (
        "from bioselect.backbones.inference import Backbone;"
        "from bioselect.backbones.model_file import ModelFileBackbone, own_model;"
        f"from bioselect.backbones.model_options import ModelOptions as O; {model}.check()"
    )
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True)
    assert CHECKS[made] in done.stderr


def test_colour_scales_need_colour(tmp_path):
    own_model((16, 16, 2)).save(tmp_path / "m.keras")
    with pytest.raises(ComponentError, match="scale 'imagenet' is for models with 3 channels"):
        own(str(tmp_path / "m.keras"), scale="imagenet").check()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnavailableError, match=r"gone\.keras, which is not there"):
        own(str(tmp_path / "gone.keras")).check()


def test_other_files_are_refused(saved, tmp_path):
    saved.save_weights(tmp_path / "w.weights.h5")
    (tmp_path / "text.keras").write_text("no model")
    for name in ("w.weights.h5", "text.keras"):
        with pytest.raises(ComponentError, match="must be a whole Keras model"):
            own(str(tmp_path / name)).check()


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_code_inside_a_model_is_refused_before_and_when_it_is_loaded(tmp_path, suffix, monkeypatch):
    keras = import_keras()
    image = keras.Input((8, 8, 3))
    doubled = keras.layers.Lambda(lambda x: x * 2)(image)
    path = tmp_path / f"m{suffix}"
    keras.Model(image, keras.layers.GlobalMaxPooling2D()(doubled)).save(path)
    made = own(str(path), input_size=8)
    with pytest.raises(ComponentError, match=r"brings code of its own \(Lambda\)"):
        made.check()
    # Also by Keras itself, were the check blind.
    monkeypatch.setattr("bioselect.backbones.keras_config._foreign_class", lambda *_: None)
    from bioselect.backbones import model_facts

    model_facts._facts_of.cache_clear()
    with pytest.raises(ComponentError, match=r"cannot be loaded .*[Ll]ambda"):
        made.load()


@pytest.mark.parametrize("name", ["TFSMLayer", "TorchModuleWrapper"])
def test_layers_that_open_other_files_are_refused(tmp_path, name):
    shape = {"batch_shape": [None, 8, 8, 3], "name": "image"}
    layers = [
        {"class_name": "InputLayer", "module": "keras.layers", "config": shape},
        {"class_name": name, "module": "keras.layers", "config": {"name": "other"}},
    ]
    config = {"class_name": "Sequential", "module": "keras", "config": {"layers": layers}}
    path = zipped(tmp_path / "m.keras", json.dumps(config))
    with pytest.raises(ComponentError, match=rf"brings code of its own \({name}\)"):
        own(str(path)).check()


def test_a_loss_of_ones_own_is_no_part_of_the_model(tmp_path):
    keras = import_keras()

    class Mine(keras.losses.Loss):
        def call(self, true, predicted):
            return predicted

    model = own_model()
    model.compile(loss=Mine())
    model.save(tmp_path / "m.keras")
    made = own(str(tmp_path / "m.keras"))
    made.check()
    images = draw(2)
    np.testing.assert_allclose(made.features(images), np.asarray(model(images)), rtol=1e-5)


def test_layers_of_ones_own_are_refused(tmp_path):
    keras = import_keras()

    class Twice(keras.layers.Layer):
        def call(self, x):
            return x * 2

    image = keras.Input((8, 8, 3))
    output = keras.layers.GlobalMaxPooling2D()(Twice()(image))
    keras.Model(image, output).save(tmp_path / "m.keras")
    with pytest.raises(ComponentError, match=r"brings code of its own \(.*Twice\)"):
        own(str(tmp_path / "m.keras")).check()


def test_models_without_images_are_refused(tmp_path):
    keras = import_keras()
    numbers = keras.Input((7,))
    keras.Model(numbers, keras.layers.Dense(2)(numbers)).save(tmp_path / "m.keras")
    with pytest.raises(ComponentError, match="a model must take images"):
        own(str(tmp_path / "m.keras")).check()


def test_the_bundle_gives_the_same_bits(folder, saved, tmp_path):
    made = own(str(folder / "own.keras"), layer="maps", pooling="avg+max", scale="0-255")
    images = draw(5)
    made.save(tmp_path)
    restored = ModelFileBackbone.from_folder(tmp_path)
    restored.check()
    assert restored.identity() == made.identity()
    assert restored.operations == made.operations
    assert (restored.input_size, restored.n_channels) == ((16, 24), 3)
    np.testing.assert_array_equal(restored.features(images), made.features(images))


def test_incomplete_notes_are_an_error(tmp_path):
    (tmp_path / "backbone.json").write_text('{"input_size": [8, 8], "n_channels": 3}')
    with pytest.raises(BundleError, match="lack operations, scale, weights"):
        ModelFileBackbone.from_folder(tmp_path)


def test_identity_is_the_content(saved, folder, tmp_path):
    first = own(str(folder / "own.keras"))
    copy = tmp_path / "renamed.keras"
    copy.write_bytes((folder / "own.keras").read_bytes())
    assert own(str(copy)).identity() == first.identity()
    own_model().save(copy)
    assert own(str(copy)).identity() != first.identity()


def zipped(path, config):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config)
    return path


@pytest.mark.parametrize("suffix", [".KERAS", ".H5", ".Hdf5"])
def test_endings_may_have_capitals(saved, folder, tmp_path, suffix):
    source = "own.keras" if suffix == ".KERAS" else "own.h5"
    path = shutil.copy(folder / source, tmp_path / f"OWN{suffix}")
    made = own(str(path), runtime="keras")
    made.check()
    np.testing.assert_allclose(made.features(draw(2)), np.asarray(saved(draw(2))), rtol=1e-5)


def test_damaged_and_renamed_models_are_refused_before_work(saved, folder, tmp_path):
    whole = zipped(tmp_path / "crc.keras", '{"class_name": "Functional"}')
    whole.write_bytes(whole.read_bytes().replace(b"Functional", b"Functionax", 1))
    paths = [
        whole,
        zipped(tmp_path / "text.keras", "{no json"),
        zipped(tmp_path / "list.keras", "[1, 2]"),
        # Keras opens files by their ending.
        Path(shutil.copy(folder / "own.keras", tmp_path / "own.h5")),
        Path(shutil.copy(folder / "own.h5", tmp_path / "renamed.keras")),
    ]
    for path in paths:
        with pytest.raises(ComponentError, match=r"must be a whole Keras model .*which is damaged"):
            own(str(path)).check()


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_two_inputs_are_found_before_work(tmp_path, suffix):
    keras = import_keras()
    inputs = [keras.Input((8, 8, 3)), keras.Input((4,))]
    row = keras.layers.Concatenate()([keras.layers.Flatten()(inputs[0]), inputs[1]])
    path = tmp_path / f"two{suffix}"
    keras.Model(inputs, row).save(path)
    with pytest.raises(ComponentError, match=r"must have one input\. .* has 2\."):
        own(str(path)).check()


def test_a_home_of_nobody_is_a_missing_file():
    with pytest.raises(UnavailableError, match=r"~no-such-user/m\.keras, which is not there"):
        own("~no-such-user/m.keras").check()


def test_mean_and_standard_deviation(saved, folder):
    images = draw(3)
    made = own(str(folder / "own.keras"), mean=[0.1, 0.2, 0.3], std=[0.5, 0.25, 0.125])
    made.check()
    pixels = (images - np.float32([0.1, 0.2, 0.3])) / np.float32([0.5, 0.25, 0.125])
    np.testing.assert_allclose(made.features(images), np.asarray(saved(pixels)), rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"output": "maps"}, r"params.output is for ONNX, OpenVINO and LiteRT files. Got 'maps'"),
        ({"layout": "channels_last"}, r"params.layout is for ONNX, OpenVINO and LiteRT files"),
        ({"mean": [0.5]}, r"params.mean must list 3 numbers, one for each channel of"),
        ({"std": [1, 1, 1], "scale": "caffe"}, r"Got them beside scale: caffe"),
    ],
)
def test_what_is_for_other_files_and_what_does_not_fit(saved, folder, options, message):
    with pytest.raises(ComponentError, match=message):
        own(str(folder / "own.keras"), **options).check()


@pytest.mark.parametrize("runtime", ["keras", "openvino"])
def test_the_class_token_of_a_sequence(tmp_path, runtime):
    keras = import_keras()
    image = keras.Input((8, 8, 3))
    tokens = keras.layers.Reshape((16, 5))(keras.layers.Conv2D(5, 2, strides=2)(image))
    model = keras.Model(image, tokens)
    path = tmp_path / "vit.keras"
    model.save(path)
    with pytest.raises(ComponentError, match=r"pooling must be given, .* tokens \(16, 5\)"):
        own(str(path), runtime=runtime).check()
    made = own(str(path), pooling="cls", runtime=runtime)
    made.check()
    images = draw(3, (8, 8, 3))
    expected = np.asarray(model(images))[:, 0]
    np.testing.assert_allclose(made.features(images), expected, rtol=1e-4, atol=1e-6)
    made.save(tmp_path / "bundle")
    restored = ModelFileBackbone.from_folder(tmp_path / "bundle")
    np.testing.assert_array_equal(restored.features(images), made.features(images))


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize(
    ("layer", "n_axes"),
    [("maps", 4), ("row", 2), ("classes", 2), ("softmax", None), (None, None)],
)
def test_the_file_tells_what_becomes_a_row_where_it_can(tmp_path, sequential, layer, n_axes):
    keras = import_keras()
    small = own_model(sequential=sequential)
    last = keras.layers.Softmax(name="softmax")
    if sequential:
        small.add(last)
    else:
        small = keras.Model(small.inputs, last(small.output))
    small.save(tmp_path / "m.keras")
    assert facts_of(str(tmp_path / "m.keras")).axes_of(layer) == n_axes


def test_a_classifier_says_that_its_probabilities_are_the_features(saved, folder):
    path = str(folder / "own.keras")
    said = "its 4 probabilities are all that is taken as features"
    assert said in own(path).remark()
    assert said in own(path, layer="classes").remark()
    assert own(path).remark().endswith("name it with params.layer, for example row.")
    assert own(path, layer="row").remark() == ""


@pytest.mark.parametrize("what", ["a folder", "a folder (a SavedModel)"])
def test_a_folder_is_called_a_folder(tmp_path, what):
    if "SavedModel" in what:
        (tmp_path / "saved_model.pb").touch()
    with pytest.raises(ComponentError) as raised:
        own(str(tmp_path)).check()
    assert f"which is {what}. Name the file in it, or save" in str(raised.value)


def test_a_map_without_tokens_is_refused_before_work(saved, folder):
    with pytest.raises(ComponentError, match="pooling cls is for sequences of tokens"):
        own(str(folder / "own.keras"), layer="maps", pooling="cls").check()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        # As Keras 2.2 wrote a Sequential.
        ([{"class_name": "Dense", "config": {}}], "describes its layers in a way"),
        ({"layers": [{"class_name": "Dense", "config": {}}]}, "describes its layers in a way"),
        ({"layers": [7]}, "describes its layers|must take images"),
    ],
)
def test_architectures_of_another_form_are_told_in_words(tmp_path, config, message):
    shape = {"batch_shape": [None, 8, 8, 3], "name": "image"}
    first = {"class_name": "InputLayer", "module": "keras.layers", "config": shape}
    if isinstance(config, list):
        config = [first, *config]
    else:
        config = {"layers": [first, *config["layers"]]}
    path = tmp_path / "own.keras"
    with zipfile.ZipFile(path, "w") as archive:
        written = {"class_name": "Sequential", "module": "keras", "config": config}
        archive.writestr("config.json", json.dumps(written))
    with pytest.raises(ComponentError, match=message):
        facts_of(str(path))


@pytest.mark.parametrize("runtime", ["keras", "openvino"])
def test_a_file_that_changes_after_its_identity_was_told_is_not_used(tmp_path, runtime):
    path = tmp_path / "m.keras"
    keras = import_keras()
    for seed in (1, 2):
        keras.utils.set_random_seed(seed)
        own_model().save(path)
        if seed == 1:
            made = own(str(path), runtime=runtime)
            made.check()
            told = made.identity()
    assert made.identity() == told
    with pytest.raises(ComponentError, match=r"m\.keras was written anew .*\. Start again\.$"):
        made.features(draw(1))
    assert own(str(path)).identity() != told


def test_code_in_a_file_that_changes_is_not_run(tmp_path, monkeypatch):
    keras = import_keras()
    path = tmp_path / "m.keras"
    own_model().save(path)
    made = own(str(path), runtime="keras")
    made.check()
    image = keras.Input((16, 24, 3))
    keras.Model(image, keras.layers.Lambda(lambda x: x * 2)(image)).save(path)
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras saw it"))
    with pytest.raises(ComponentError, match=r"brings code of its own \(Lambda\)"):
        made.load()
