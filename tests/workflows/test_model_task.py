"""The same commands for models of classes and of masks; options of the other are refused."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bioselect.cli.main import main
from bioselect.predict.mask_predictor import gives_masks
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle
from tests.predict.mask_models import squares, write_otsu_bundle


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    images = [squares(corners=[(row, 20)]) for row in (3, 9)]
    # Under noise, as a threshold of an image of two values is between any of them.
    random = np.random.default_rng(0)
    noisy = [np.clip(image / 2.0 + random.normal(60, 8, image.shape), 0, 255) for image in images]
    noisy = [image.astype(np.uint8) for image in noisy]
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    for number, (image, true) in enumerate(zip(noisy, images, strict=True)):
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
        Image.fromarray(true).save(folder / "masks" / f"{number}.png")
    write_otsu_bundle(folder / "mask_model", noisy, pixel_size=0.5)
    write_small_bundle(folder / "class_model", ComponentSpec("intensity"), ComponentSpec("lda"))
    return folder


def test_what_a_model_gives(models, tmp_path):
    assert gives_masks(models / "mask_model")
    assert not gives_masks(models / "class_model")
    assert not gives_masks(tmp_path)


def test_predict_writes_masks(models, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["predict", str(models / "mask_model"), str(models / "images"), "--overlays"]
    assert main(words) == 0
    assert "2 masks predicted: 2 objects of nucleus" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "predicted_masks").iterdir()) == [
        "masks",
        "objects.csv",
        "overlays",
        "summary.csv",
    ]
    table = pd.read_csv(tmp_path / "predicted_masks/objects.csv")
    assert (table["area_um2"] == table["area_px"] / 4).all()
    assert main(words) == 1
    assert "must be a new or an empty folder" in capsys.readouterr().err


def test_evaluate_judges_masks(models, tmp_path, capsys):
    words = ["evaluate", str(models / "mask_model"), str(models / "images"), "--masks"]
    assert main([*words, str(models / "masks"), "-o", str(tmp_path / "out")]) == 0
    assert "2 images evaluated" in capsys.readouterr().out
    found = pd.read_csv(tmp_path / "out/metrics.csv").set_index(["metric", "class"])
    assert found.xs("dice").iloc[0]["value"] > 0.95


@pytest.mark.parametrize(
    ("command", "model", "options", "expected"),
    [
        ("predict", "class_model", ["--overlays", "--min-area", "3"], "--overlays, --min-area: "),
        ("predict", "class_model", ["--crops", "c"], "--crops: must go with a model of masks"),
        ("predict", "mask_model", ["--jobs", "2"], "--jobs: must go with a model of classes"),
        ("predict", "mask_model", ["--components", "."], "--components: must go with a model of c"),
        ("evaluate", "class_model", ["--masks", "m"], "--masks: must go with a model of masks"),
        ("evaluate", "mask_model", ["--target", "t"], "--target: must go with a model of classes"),
        ("evaluate", "mask_model", ["--splits", "test"], "--splits: must go with a model of cla"),
    ],
)
def test_options_of_the_other_are_refused(
    models, tmp_path, capsys, command, model, options, expected
):
    output = ["-o", str(tmp_path / "out")]
    assert main([command, str(models / model), str(models / "images"), *output, *options]) == 1
    assert f"error: {expected}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_predicting_classes_imports_nothing_heavy_for_masks():
    code = "import sys, bioselect.workflows.predict; print('sklearn' in sys.modules, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False ")
    assert not {"scipy", "skimage", "pandas", "tensorflow"} & set(done.stdout.split())
