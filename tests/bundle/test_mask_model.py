"""A segmenter as a bundle: whole, opened without code of its own, refused when damaged."""

import json
import shutil
import zipfile

import numpy as np
import pytest

from bioselect.bundle.manifest import MANIFEST_FILE, SEGMENTATION_FORMAT, signed
from bioselect.bundle.mask_model import (
    MaskBundleContents,
    gives_masks,
    load_mask_bundle,
    write_mask_bundle,
)
from bioselect.bundle.reading import load_bundle, read_any_manifest, read_manifest
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import ArrayScene
from bioselect.data.preparation import Reading
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import whole
from bioselect.segmenters.otsu import TrainedOtsu
from bioselect.storage import sha256_of_file

CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)), ignore=(128,))


def contents(**changes):
    given = {
        "spec": ComponentSpec("otsu"),
        "identity": {"name": "otsu", "file": "/home/somebody/otsu.py"},
        "trained": TrainedOtsu(0, (0, 1), 0),
        "codes": CODES,
        "reading": Reading(Intensity("dtype")),
        "n_channels": 1,
        "pixel_size": 0.65,
        "image_shape": (300, 200, 1),
        "image_dtype": "uint8",
        "scores": {"metric": "dice", "expected": 0.9},
        "dataset": {"fingerprint": "abc"},
        "versions": {"numpy": "2"},
        "card": "# otsu\n",
        "texts": {"history.csv": "epoch\n"},
    }
    return MaskBundleContents(**{**given, **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "model"
    write_mask_bundle(folder, contents())
    return folder


@pytest.fixture
def bundle(made, tmp_path):
    return shutil.copytree(made, tmp_path / "model")


def test_a_signature_that_does_not_fit_is_refused(bundle):
    (bundle / "signature.json").write_text("{}")
    with pytest.raises(BundleError, match=r"signature\.json is damaged"):
        load_mask_bundle(bundle)


def changed(bundle, **fields):
    path = bundle / MANIFEST_FILE
    values = json.loads(path.read_text())
    path.write_text(json.dumps(signed({**values, **fields})))


def test_it_says_all_that_prediction_needs(made):
    manifest = read_any_manifest(made)
    assert manifest.format == SEGMENTATION_FORMAT == 4
    assert manifest.task == "segmentation"
    assert MaskCodes.from_dict(manifest.codes) == CODES
    assert (manifest.n_channels, manifest.pixel_size) == (1, 0.65)
    assert manifest.facts == {"kind": "otsu"}
    assert manifest.scores["expected"] == 0.9
    # No path of anybody's machine travels.
    assert "somebody" not in (made / MANIFEST_FILE).read_text()
    assert set(manifest.files) == {
        "card.md",
        "check_sample.npz",
        "history.csv",
        "segmenter/otsu.json",
    }


def test_the_opened_model_gives_what_the_trained_one_gave(made):
    model = load_mask_bundle(made)
    image = np.random.default_rng(3).integers(0, 255, (30, 40, 1)).astype(np.uint8)
    scene = model.scene(image, "a.png")
    assert np.array_equal(scene.image_array, image.astype(np.float32) / np.float32(255))
    bands = np.concatenate([part for _, part in model.bands(scene)])
    expected = whole(TrainedOtsu(0, (0, 1), 0), ArrayScene(scene.image_array))
    assert np.array_equal(bands, expected)
    assert model.class_names == ("background", "nucleus")


def test_two_of_the_same_have_the_same_bytes(made, tmp_path):
    write_mask_bundle(tmp_path / "model", contents())
    for path in made.rglob("*"):
        if path.is_file():
            other = tmp_path / "model" / path.relative_to(made)
            assert path.read_bytes() == other.read_bytes(), path.name


def test_a_zip_and_a_run_folder_are_opened(made, tmp_path):
    shutil.copytree(made, tmp_path / "run" / "model")
    assert load_mask_bundle(tmp_path / "run").codes == CODES
    assert gives_masks(tmp_path / "run")
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        for path in made.rglob("*"):
            archive.write(path, path.relative_to(made))
    assert load_mask_bundle(tmp_path / "model.zip").codes == CODES


def test_models_of_classes_and_of_masks_are_told_apart(made, whole_bundle):
    assert not gives_masks(whole_bundle)
    with pytest.raises(BundleError, match=r"must be a model that gives masks\. Got one"):
        load_mask_bundle(whole_bundle)
    for opened in (read_manifest, load_bundle):
        with pytest.raises(BundleError, match=r"must be a model that gives classes or numbers\."):
            opened(made)


@pytest.mark.parametrize("name", ["segmenter/otsu.json", "check_sample.npz", "card.md"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_damaged_files_are_refused(bundle, name, damage):
    if damage == "missing":
        (bundle / name).unlink()
        words = f"the file {name} is missing"
    else:
        (bundle / name).write_bytes((bundle / name).read_bytes() + b" ")
        words = f"the file {name} is not the one that was written"
    with pytest.raises(BundleError, match=words):
        load_mask_bundle(bundle)


def test_a_model_that_predicts_otherwise_is_refused(tmp_path, monkeypatch):
    write_mask_bundle(tmp_path / "model", contents())
    bands = TrainedOtsu.bands
    monkeypatch.setattr(
        TrainedOtsu,
        "bands",
        lambda self, scene: ((rows, part[..., ::-1]) for rows, part in bands(self, scene)),
    )
    with pytest.raises(BundleError, match=r"differ by up to 1, allowed 0.0001; the class of \d+"):
        load_mask_bundle(tmp_path / "model")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"facts": {"kind": "pickle"}}, "must hold a segmenter of a kind that is known"),
        ({"codes": {"class_names": ["a"]}}, "manifest.json is damaged at codes"),
        ({"reading": {}}, "manifest.json is damaged at reading"),
        ({"n_channels": 0}, "manifest.json is damaged at n_channels"),
        ({"files": {"../x": "0"}}, "its files must lie inside of it"),
        ({"task": "classification"}, "manifest.json is damaged at"),
        ({"format": 9}, "is written in format 9; this version of bioselect reads 1, 2, 3, 4, 5, 6"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(bundle, fields, words):
    changed(bundle, **fields)
    with pytest.raises(BundleError, match=words) as told:
        load_mask_bundle(bundle)
    assert "\n" not in str(told.value)


FOREST = {"kind": "pixel_forest", "scales": [1.0], "n_channels": 1, "n_classes": 2}
TILES = {"kind": "network", "tile": [32, 32], "overlap": 8, "n_channels": 1}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({**FOREST, "scales": None}, "what the forest looks at"),
        ({**FOREST, "scales": [2.0, 1.0]}, "what the forest looks at"),
        ({**FOREST, "scales": ["fine"]}, "what the forest looks at"),
        ({**FOREST, "n_channels": 0}, "what the forest looks at"),
        ({"kind": "pixel_forest", "scales": [1.0]}, "what the forest looks at"),
        ({"kind": "pixel_forest", "n_channels": 1, "n_classes": 2}, "what the forest looks at"),
        ({**TILES, "overlap": 32}, "how images are divided"),
        ({**TILES, "tile": [64, 32], "overlap": 40}, "how images are divided"),
        ({**TILES, "overlap": -1}, "how images are divided"),
        ({**TILES, "tile": [0, 0], "overlap": 0}, "how images are divided"),
        ({**TILES, "n_channels": 0}, "how images are divided"),
        ({"kind": "network", "tile": [32, 32]}, "how images are divided"),
    ],
)
def test_facts_that_cannot_be_are_refused_in_a_line(bundle, facts, words):
    changed(bundle, facts=facts)
    with pytest.raises(BundleError, match=words) as told:
        load_mask_bundle(bundle)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("shape", [(9,), (2, 128, 128, 1)])
def test_a_check_sample_of_another_form_is_refused(bundle, shape):
    path = bundle / "check_sample.npz"
    with np.load(path, allow_pickle=False) as sample:
        arrays = dict(sample)
    arrays["places" if len(shape) == 1 else "probabilities"] = np.zeros(shape)
    np.savez(path, **arrays)
    sums = json.loads((bundle / MANIFEST_FILE).read_text(encoding="utf-8"))["files"]
    changed(bundle, files={**sums, path.name: sha256_of_file(path)})
    with pytest.raises(BundleError, match="the model cannot predict here"):
        load_mask_bundle(bundle)


def test_check_images_are_small_and_of_the_type_of_the_files(made):
    with np.load(made / "check_sample.npz", allow_pickle=False) as sample:
        assert sample["images"].shape == (2, 128, 128, 1)
        assert sample["images"].dtype == np.uint8
        assert sample["probabilities"].shape == (2, 128, 128, 2)
        assert 0 < sample["places"].mean() < 1
