"""`bioselect export`: one command for all kinds of files; refusals in one line."""

import json
import shutil

import numpy as np
import onnxruntime
import pytest
from sklearn.pipeline import Pipeline

from bioselect.backbones.saving import read_keras
from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.estimators.discriminant import ShrunkenDiscriminant
from bioselect.exceptions import StorageError
from bioselect.features.column_step import NUMBERS, ColumnStep
from bioselect.features.columns import COLUMNS
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle
from bioselect.workflows import interchange
from bioselect.workflows.interchange import ENDINGS
from tests.bundle.export.models import (
    SIZE,
    patients,
    some_images,
    write_columns,
    write_mask_model,
    write_otsu,
    write_pixel_bundle,
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return the folders of a network of classes, one of masks, descriptors, and a threshold."""
    folder = tmp_path_factory.mktemp("models")
    svm = ComponentSpec("svm")
    return {
        "pixels": write_pixel_bundle(folder / "pixels"),
        "masks": write_mask_model(folder / "masks"),
        "hog": write_small_bundle(folder / "hog", ComponentSpec("hog"), svm),
        "otsu": write_otsu(folder / "otsu"),
    }


def export(model, kind, path, *more):
    return main(["export", str(model), "--to", kind, "-o", str(path), *map(str, more)])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pixels", "onnx"),
        ("pixels", "keras"),
        ("masks", "onnx"),
        ("masks", "bioimageio"),
        ("masks", "keras"),
    ],
)
def test_networks_in_every_format(models, name, kind, tmp_path, capsys):
    path = tmp_path / f"model{ENDINGS[kind]}"
    assert export(models[name], kind, path) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{path}: written. Made by bioselect ")
    assert "Checked with " in said
    assert "name some of your own images with --images" in said
    made = sorted(one.name for one in tmp_path.iterdir())
    if kind == "bioimageio":
        assert made == ["model.zip"]
        assert "bioimage.io's validator passed it (format 0." in said
        return
    assert made == sorted(["model.json", path.name])
    facts = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert facts["checked"]["largest"] < 1e-4
    if kind == "keras":
        shape = (None, None, None, 1) if name == "masks" else (None, *SIZE, 3)
        assert read_keras(path).input_shape == shape


def test_a_zip_and_images_to_compare_on(models, tmp_path, capsys):
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", models["hog"])
    images = tmp_path / "images"
    images.mkdir()
    for number, image in enumerate(some_images((40, 40, 3))):
        np.save(images / f"{number}.npy", image)
    assert export(archive, "onnx", tmp_path / "m.onnx", "--images", images) == 0
    said = capsys.readouterr().out
    assert "on 19 images" in said
    assert "--images" not in said
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    model = load_bundle(models["hog"])
    rows = np.random.default_rng(0).random((2, model.manifest.n_features)).astype(np.float32)
    got = session.run(["probabilities"], {"rows": rows})[0]
    np.testing.assert_allclose(got, model.probabilities_of_rows(rows), rtol=0, atol=1e-6)


def test_of_many_images_some_and_no_file_stays_where_its_facts_cannot(
    models, tmp_path, capsys, monkeypatch
):
    images = tmp_path / "images"
    images.mkdir()
    for number, image in enumerate(some_images((40, 40, 3), 5)):
        np.save(images / f"{number}.npy", image)
    written = []

    def failing(path, facts):
        written.append((path.with_suffix(".onnx").is_file(), facts["checked"]["n_images"]))
        raise StorageError("the disk is full")

    monkeypatch.setattr(interchange, "write_json", failing)
    monkeypatch.setattr(interchange, "MOST_IMAGES", 2)
    assert export(models["hog"], "onnx", tmp_path / "m.onnx", "--images", images) == 1
    assert "comparing on 2 of 5 images, evenly spread" in capsys.readouterr().err
    assert written == [(True, 16 + 2)]
    assert [one.name for one in tmp_path.iterdir()] == ["images"]


def refused(capsys, *given):
    assert export(*given) == 1
    said = capsys.readouterr().err.splitlines()
    return next(line for line in said if line.startswith("error: "))


def test_what_cannot_be_written_says_what_can(models, tmp_path, capsys):
    told = refused(capsys, models["hog"], "keras", tmp_path / "m.keras")
    assert told.endswith("Write --to onnx, which holds both where it can.")
    told = refused(capsys, models["otsu"], "onnx", tmp_path / "m.onnx")
    assert told.startswith("error: export: otsu is no network, and its arithmetic cannot")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_zip_is_named_as_it_was_given(models, tmp_path, capsys):
    damaged = shutil.copytree(models["hog"], tmp_path / "damaged")
    (damaged / "estimator.skops").write_bytes(b"other")
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", damaged)
    told = refused(capsys, archive, "onnx", tmp_path / "m.onnx")
    assert told.startswith(f"error: {archive}: ")


def test_images_are_not_for_models_of_columns(tmp_path, capsys):
    rows, places = patients()
    steps = [("columns", ColumnStep([2, NUMBERS])), ("model", ShrunkenDiscriminant())]
    folder = tmp_path / "m"
    write_columns(folder, COLUMNS, Pipeline(steps).fit(rows, places))
    told = refused(capsys, folder, "onnx", tmp_path / "m.onnx", "--images", tmp_path)
    assert told.startswith("error: --images: must go with a model that takes images alone.")


def test_nothing_is_written_over(models, tmp_path, capsys):
    (tmp_path / "m.json").write_text("mine")
    told = refused(capsys, models["pixels"], "onnx", tmp_path / "m.onnx")
    assert "m.json: lies there already, and nothing is written over." in told
    told = refused(capsys, models["pixels"], "onnx", tmp_path / "m")
    assert "must be a file that ends with .onnx. Got" in told
    assert [one.name for one in tmp_path.iterdir()] == ["m.json"]


@pytest.mark.parametrize("kind", list(ENDINGS))
def test_an_address_is_refused_before_any_work(kind, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    address = f"memory://lab/model{ENDINGS[kind]}"
    assert export("memory://lab/none", kind, address) != 0
    assert capsys.readouterr().err == (
        "error: export: -o must be a file on this computer, as other files lie beside it. "
        "Got an address. Write it here, and copy it there.\n"
    )
    assert not (tmp_path / "cache").exists()


def test_a_missing_extra_is_told_before_any_work(models, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("bioselect.extras.find_spec", lambda name: None)
    told = refused(capsys, tmp_path / "no-model", "onnx", tmp_path / "m.onnx")
    assert told == (
        "error: export needs the packages onnx, onnxruntime and tf2onnx, which are not installed. "
        'Install them with `pip install "bioselect[onnx]"`.'
    )
