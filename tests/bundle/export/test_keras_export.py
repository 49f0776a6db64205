"""A network that was trained from pixels as a Keras file; others are refused with a way out."""

import pytest

from bioselect.backbones.saving import read_keras
from bioselect.bundle.export import keras_export
from bioselect.bundle.export.keras_export import keras_network
from bioselect.bundle.reading import load_bundle
from bioselect.estimators.calibration import Calibration
from bioselect.exceptions import BundleError, ComponentError
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle
from tests.bundle.export.models import SIZE, write_pixel_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_pixel_bundle(tmp_path_factory.mktemp("pixels") / "model")


def test_the_network_is_the_file_and_the_calibration_is_told(folder):
    made = keras_network(load_bundle(folder), folder)
    assert read_keras(made.source).input_shape == (None, *SIZE, 3)
    assert made.facts["inside"] == ["the network small_cnn"]
    assert list(made.facts["outside"]) == ["the calibration (sigmoid)"]
    assert made.facts["calibration"]["offsets"] == [0.8, 0.0, -0.5]
    assert made.facts["checked"]["largest"] < 1e-5
    assert "Not inside: the calibration (sigmoid), because" in made.words


def test_without_a_calibration_everything_is_inside(tmp_path):
    folder = write_pixel_bundle(tmp_path / "model", Calibration())
    made = keras_network(load_bundle(folder), folder)
    assert (made.facts["inside"], made.facts["outside"]) == (["the network small_cnn"], {})


def test_another_network_than_the_model_is_refused(folder, monkeypatch):
    real = keras_export._asked
    monkeypatch.setattr(keras_export, "_asked", lambda *given: real(*given) + 0.01)
    with pytest.raises(BundleError, match=r"differ by up to 0\.01"):
        keras_network(load_bundle(folder), folder)


def test_features_with_an_estimator_are_no_keras_file(tmp_path):
    folder = write_small_bundle(tmp_path / "m", ComponentSpec("hog"), ComponentSpec("svm"))
    with pytest.raises(ComponentError, match=r"Got hog \+ svm, .* Write --to onnx"):
        keras_network(load_bundle(folder), folder)
