"""A network in a bundle: compiled where that is as good, else Keras; nothing else is run."""

import json
import shutil

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.bundle import network_model
from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.writing import BundleContents, NetworkContents, write_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import BundleError, ComponentError, UnreadableImageError
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import IMAGES
from bioselect.storage import sha256_of_file
from bioselect.workflows.verify import verify

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NAMES = ("a", "b", "c")
#: A little larger than what is given to it, so that images are resized.
SIZE = (14, 16)


def small_network(n_channels, last="softmax"):
    keras = import_keras()
    keras.utils.set_random_seed(n_channels)
    images = keras.Input((*SIZE, n_channels))
    mapped = keras.layers.Conv2D(6, 3, activation="relu")(images)
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(2.0, -1.0)(mapped))
    return keras.Model(images, keras.layers.Dense(3, activation=last)(pooled))


def contents(n_channels=3, channels=None, model=None):
    return BundleContents(
        class_names=NAMES,
        extractor_spec=IMAGES,
        extractor=None,
        estimator_spec=ComponentSpec.of("small_cnn", {"weights": "/elsewhere/model"}),
        estimator=None,
        reading=Reading(Intensity("dtype"), channels),
        n_features=3,
        image_shape=(12, 12, n_channels if channels is None else 4),
        image_dtype="uint8",
        card="a b c",
        network=NetworkContents(model or small_network(n_channels), (*SIZE, n_channels)),
        texts={"history.csv": "epoch\n1\n"},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network") / "model"
    write_bundle(folder, contents())
    return folder


@pytest.fixture
def copied(made, tmp_path):
    return shutil.copytree(made, tmp_path / "model")


def test_who_built_a_network_does_not_keep_it_from_being_verified(copied):
    estimator = {"name": "their_networks:tiny", "params": {}, "identity": {}}
    forge(copied, estimator=estimator)
    assert verify(copied).tried  # As `load_bundle` opens it: its file has plain layers.


def images(n_channels, count=3):
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (12, 12, n_channels), dtype=np.uint8) for _ in range(count)]


def predicted(model, some):
    return model.predict_images(some, [f"{n}.png" for n in range(len(some))])


def forge(folder, **fields):
    path = folder / MANIFEST_FILE
    values = json.loads(path.read_text(encoding="utf-8"))
    files = {name: sha256_of_file(folder / name) for name in values["files"]}
    path.write_text(json.dumps(signed({**values, "files": files, **fields})), encoding="utf-8")


def test_the_compiled_network_gives_the_numbers_of_keras(made):
    from bioselect.data.preparation import prepare

    some, reading = images(3), Reading(Intensity("dtype"))
    got = predicted(load_bundle(made), some)
    pixels = np.stack([prepare(image, reading, SIZE, 3, "") for image in some])
    expected = small_network(3)(pixels).numpy()
    assert got.dtype == np.float64
    assert np.abs(got - expected).max() < 1e-5
    assert np.ptp(got[:, 0]) > 1e-4


def test_no_folder_of_the_machine_is_in_it(made):
    manifest = json.loads((made / MANIFEST_FILE).read_text())
    assert manifest["estimator"]["params"] == {"weights": "model"}
    assert manifest["probability_source"] == "network"
    assert manifest["files"].keys() >= {"network.keras", "network.xml", "history.csv"}


def test_what_cannot_be_compiled_is_computed_by_keras(tmp_path, monkeypatch):
    def refused(*given):
        raise ComponentError("the network: OpenVINO must know every operation.")

    monkeypatch.setattr(network_model, "compile_model", refused)
    write_bundle(tmp_path / "model", contents())
    model = load_bundle(tmp_path / "model")
    assert not model.extractor.is_compiled
    assert model.manifest.network.why_not == "the network: OpenVINO must know every operation."
    assert not (tmp_path / "model" / "network.xml").exists()
    assert predicted(model, images(3)).shape == (3, 3)


def test_a_compiled_network_with_other_numbers_is_not_kept(tmp_path, monkeypatch):
    other = small_network(3, last="sigmoid")
    compiled = network_model.compile_model
    monkeypatch.setattr(network_model, "compile_model", lambda model, *rest: compiled(other, *rest))
    write_bundle(tmp_path / "model", contents())
    part = load_bundle(tmp_path / "model").manifest.network
    assert not part.compiled
    assert part.why_not.startswith("its probabilities differ from those of Keras by up to 0.")


def test_it_is_compared_on_images_of_the_training_too(tmp_path, monkeypatch):
    # Both say the same of noise, whose mean is near 0.5, and something else of dark images.
    keras = import_keras()

    def of_mean(slope):
        image = keras.Input((*SIZE, 3))
        mean = keras.layers.GlobalAveragePooling2D()(image)
        dark = keras.layers.ReLU()(keras.layers.Rescaling(-slope, slope * 0.3)(mean))
        return keras.Model(image, keras.layers.Softmax()(dark))

    model, other = of_mean(1.0), of_mean(9.0)
    compiled = network_model.compile_model
    monkeypatch.setattr(network_model, "compile_model", lambda model, *rest: compiled(other, *rest))
    kept = network_model.write_network(tmp_path, model, (*SIZE, 3))
    assert kept.compiled
    shades = np.float32([0.0, 0.1, 0.25])  # each channel another, or softmax would hide it
    dark = np.broadcast_to(shades, (*SIZE, 3))
    part = network_model.write_network(tmp_path, model, (*SIZE, 3), [dark])
    assert part.why_not.startswith("its probabilities differ from those of Keras by up to 0.")


@pytest.mark.parametrize("n_channels", [1, 3])
def test_grey_images_go_to_any_network_and_colours_to_one_of_three(tmp_path, n_channels):
    write_bundle(tmp_path / "model", contents(n_channels))
    model = load_bundle(tmp_path / "model")
    assert predicted(model, images(1)).shape == (3, 3)
    if n_channels == 1:
        with pytest.raises(UnreadableImageError, match=r"accepts images with 1 channel"):
            predicted(model, images(3))


def test_five_channels_are_five_and_no_other_number(tmp_path):
    write_bundle(tmp_path / "model", contents(5))
    model = load_bundle(tmp_path / "model")
    assert predicted(model, images(5)).shape == (3, 3)
    for n_channels in (1, 3):
        with pytest.raises(UnreadableImageError, match=f"with 5 channels. Got {n_channels}"):
            predicted(model, images(n_channels))


def test_chosen_channels_are_replayed(tmp_path):
    write_bundle(tmp_path / "model", contents(2, channels=(3, 1)))
    model = load_bundle(tmp_path / "model")
    some = images(4)
    expected = predicted(model, some)
    changed = [image.copy() for image in some]
    for image in changed:
        image[:, :, [0, 2]] = 255 - image[:, :, [0, 2]]
    assert np.array_equal(predicted(model, changed), expected)
    assert not np.array_equal(predicted(model, [image[:, :, ::-1] for image in some]), expected)


@pytest.mark.parametrize("name", ["network.keras", "network.xml", "network.bin"])
def test_a_missing_or_changed_file_is_named(copied, name):
    (copied / name).write_bytes(b"something else")
    with pytest.raises(BundleError, match=f"{name} is not the one that was written"):
        load_bundle(copied)
    (copied / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        load_bundle(copied)


def test_a_forged_network_that_brings_code_is_not_opened(copied, monkeypatch):
    keras = import_keras()
    images_in = keras.Input((*SIZE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(images_in)
    model = keras.Model(images_in, keras.layers.Lambda(lambda rows: rows * 0.0)(pooled))
    model.save(copied / "network.keras")
    part = {"input_size": [*SIZE, 3], "compiled": False, "why_not": ""}
    forge(copied, network=part)
    with pytest.raises(BundleError, match=r"Lambda"):
        load_bundle(copied)


def test_other_numbers_than_at_training_are_noticed(copied):
    small = small_network(3)
    small.set_weights([weight + 0.5 for weight in small.get_weights()])
    small.save(copied / "network.keras")
    forge(copied, network={"input_size": [*SIZE, 3], "compiled": False, "why_not": ""})
    with pytest.raises(BundleError, match="does not predict here what it predicted"):
        load_bundle(copied)


def test_a_zip_predicts_after_it_is_unpacked(made, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "model"), "zip", made)
    some = images(3)
    assert np.array_equal(
        predicted(load_bundle(tmp_path / archive), some), predicted(load_bundle(made), some)
    )
