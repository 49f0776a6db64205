"""A network of masks in ONNX and as a Keras file, tile by tile."""

import json

import numpy as np
import pytest

from bioselect.bundle.export.keras_export import keras_mask_network
from bioselect.bundle.export.mask_onnx import mask_onnx
from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.exceptions import BundleError, ComponentError
from bioselect.segmenters.base import whole
from tests.bundle.export.models import some_images, write_mask_model, write_otsu


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_mask_model(tmp_path_factory.mktemp("masks") / "model")


def test_an_image_of_the_size_of_a_tile(folder, computed):
    model = load_mask_bundle(folder)
    made = mask_onnx(model, folder, some_images((40, 50, 1), 2, "uint16"), ["a.tif", "b.tif"])
    native = some_images((32, 48, 1), 1, "uint16", seed=3)[0]
    (got,) = computed(made.whole, image=np.clip(native / 4095, 0, 1).astype(np.float32)[None])
    expected = whole(model.trained, model.scene(native, "x"))
    np.testing.assert_allclose(got[0], expected, rtol=0, atol=1e-5)
    assert np.ptp(expected) > 0.1
    props = {one.key: one.value for one in made.whole.metadata_props}
    assert json.loads(props["tiles"]) == {"size": [32, 48], "overlap": 8}
    assert json.loads(props["codes"])["codes"] == [[0, 0], [255, 1]]
    assert "scale so that 0 becomes 0 and 4095 becomes 1; clip what lies beyond" in made.words
    # 8 tiles of the two check images and two others, and each turned by half a turn.
    assert json.loads(props["checked"])["n_images"] == 16


def test_a_file_that_says_something_else_is_refused(folder, monkeypatch):
    model = load_mask_bundle(folder)
    real = type(model.trained).predict_tiles
    monkeypatch.setattr(
        type(model.trained),
        "predict_tiles",
        lambda self, tiles: (one + np.float32(0.01) for one in real(self, tiles)),
    )
    for export in (mask_onnx, keras_mask_network):
        with pytest.raises(BundleError, match=r"probabilities differ by up to 0\.01, allowed"):
            export(model, folder)


def test_as_a_keras_file(folder):
    made = keras_mask_network(load_mask_bundle(folder), folder)
    assert made.source == folder / "segmenter" / "network.keras"
    assert made.facts["checked"]["largest"] < 1e-5
    assert "Checked with Keras on" in made.words


def test_what_is_no_network_is_refused(tmp_path):
    folder = write_otsu(tmp_path / "model")
    model = load_mask_bundle(folder)
    for export in (mask_onnx, keras_mask_network):
        with pytest.raises(ComponentError, match=r"^export: otsu is no network"):
            export(model, folder)
