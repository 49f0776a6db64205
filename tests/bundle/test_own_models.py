"""Bundles of models of one's own: they predict when the original is gone, with OpenVINO alone."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.bundle.reading import load_bundle
from bioselect.registry import ComponentSpec
from bioselect.testing import check_bundle
from bioselect.testing.file_contents import absolute_paths
from bioselect.testing.small_bundle import draw_classes, write_small_bundle
from tests.backbones.foreign_models import saved, transformer

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def onnx_spec(folder):
    saved(transformer(), folder / "uni.onnx")
    params = {
        "path": str(folder / "uni.onnx"),
        "input_size": 24,
        "layout": "channels_first",
        "output": "last_hidden_state",
        "pooling": "avg+max",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }
    return ComponentSpec.of("model_file", params)


def hub_spec(folder):
    import_keras()
    keras_hub = pytest.importorskip("keras_hub", reason="KerasHub is an extra")
    keras_hub.models.ViTBackbone(
        image_shape=(24, 24, 3), patch_size=8, num_layers=1, num_heads=2, hidden_dim=16, mlp_dim=32
    ).save_to_preset(folder / "vit")
    params = {"preset": str(folder / "vit"), "pooling": "cls", "mean": [0.5, 0.5, 0.5]}
    return ComponentSpec.of("keras_hub", {**params, "runtime": "openvino"})


@pytest.mark.parametrize("make", [onnx_spec, hub_spec])
def test_the_original_can_go(tmp_path, make):
    originals = tmp_path / "originals"
    originals.mkdir()
    spec = make(originals)
    folder = write_small_bundle(tmp_path / "model", spec, ComponentSpec("lda"))
    images = draw_classes(("coarse", "fine", "middle"), seed=5)[0][::7]
    where = [f"image {place}" for place in range(len(images))]
    expected = load_bundle(folder).predict_images(images, where)
    originals.rename(tmp_path / "gone")
    assert [result for result in check_bundle(folder) if result.problem] == []
    np.savez(tmp_path / "images.npz", *images)
    code = (
        "import sys, numpy as np;from bioselect.bundle.reading import load_bundle;"
        f"images = list(np.load({str(tmp_path / 'images.npz')!r}).values());"
        f"model = load_bundle({str(folder)!r});"
        f"np.save({str(tmp_path / 'p.npy')!r}, model.predict_images(images, {where!r}));"
        "print(*[name in sys.modules for name in ('keras', 'tensorflow', 'keras_hub', 'onnx')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False False False\n"
    np.testing.assert_array_equal(np.load(tmp_path / "p.npy"), expected)
    for file in folder.rglob("*"):
        if file.is_file():
            assert absolute_paths(file.read_bytes(), [str(tmp_path)]) == [], file


def test_the_manifest_says_what_computed(tmp_path):
    folder = write_small_bundle(tmp_path / "model", onnx_spec(tmp_path), ComponentSpec("lda"))
    extractor = json.loads((folder / "manifest.json").read_text())["extractor"]
    assert extractor["params"]["path"] == "uni.onnx"
    assert extractor["identity"]["runtime"].endswith(", ONNX")
    assert extractor["identity"]["precision"] == "f32"
    assert len(extractor["identity"]["weights"]) == 64
