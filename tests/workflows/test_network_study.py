"""A study with networks from the configuration to the prediction, with the smallest of them."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from bioselect.bundle import network_model, writing
from bioselect.bundle.manifest import CLASSIFICATION_FORMAT, SETS_FORMAT
from bioselect.bundle.reading import load_bundle
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.trained import load_network
from bioselect.predict.predictor import Predictor
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.testing import check_bundle
from bioselect.workflows.cache import cache_info, clear_cache
from bioselect.workflows.explain import explain
from bioselect.workflows.run import run

#: What TensorFlow needs to make a graph is what a study takes: one block, and no Adam.
TINY = "batch_size: 8, input_size: 16, filters: 4, n_blocks: 1, optimizer: sgd"
SMALL = f"{{name: small_cnn, params: {{epochs: 2, {TINY}}}}}"
#: Alone: no extractor, no classifier.
ALONE = {"extractors": "[]", "classifiers": "[]", "validation": "{folds: 2}"}
TABLES = ("scores.csv", "ranking.csv", "chosen.csv", "study.json", "per_class.csv",
          "out_of_fold.h5")  # fmt: skip


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def warn(self, text):
        self.lines.append(f"warning: {text}")


def networks(*rows, **more):
    listed = "".join(f"\n  - {row}" for row in rows)
    return {**more, "rest": f"networks:{listed}\n" + more.get("rest", "")}


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def studied(tmp_path_factory, drawn_images):
    """Return the folder of a finished study of one network alone, which nobody changes."""
    folder = tmp_path_factory.mktemp("study")
    config = folder / "config.yaml"
    config.write_text(
        f"dataset: {{path: {drawn_images.as_posix()}}}\nnetworks:\n  - {SMALL}\n"
        "validation: {folds: 2}\noutput: run\n",
        encoding="utf-8",
    )
    heard = Heard()
    compared_on = []

    def write_network(*given):
        compared_on.append(np.array(given[-1]))
        return network_model.write_network(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "write_network", write_network)
        run(config, reporter=heard)
    (folder / "heard.txt").write_text("\n".join(heard.lines), encoding="utf-8")
    np.save(folder / "compared_on.npy", compared_on[0])
    return folder


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments, **more):
        raise AssertionError("nothing is to be trained")

    monkeypatch.setattr(NetworkClassifier, "fit", refuse)


def test_epochs_that_ended_too_early_are_told(write_config, tmp_path, monkeypatch):
    monkeypatch.setattr("bioselect.selection.last_epochs.MOST", -1)  # however few they are
    words = " ".join(run(write_config(**networks(SMALL, **ALONE))).summary.split())
    [history] = (tmp_path / "run" / "networks").rglob("history.csv")
    first, second = (
        {row["fold"]: float(row["val_loss"]) for row in rows_of(history) if row["epoch"] == epoch}
        for epoch in "12"
    )
    n_last = sum(second[fold] < first[fold] for fold in first)
    assert f"the best epoch of {n_last} of 2 trainings was the last one (of 2)" in words


def test_a_network_alone_is_ranked_above_or_below_its_dummy(studied):
    ranking = rows_of(studied / "run" / "ranking.csv")
    assert {(row["extractor"], row["estimator"].split("(")[0]) for row in ranking} == {
        ("images", "small_cnn"),
        ("images", "dummy"),
    }
    study = json.loads((studied / "run" / "study.json").read_text())
    assert study["exported"]["extractor"] == "images"
    assert "2 folds x 1 repeat" in study["in_words"]
    assert "The 2 test rounds share images" in study["in_words"]
    costs = {row["estimator"].split("(")[0]: float(row["cost"]) for row in ranking}
    assert costs["small_cnn"] > 1e4 > costs["dummy"]


def test_why_there_is_one_repeat_and_what_was_resolved_is_said(studied):
    heard = (studied / "heard.txt").read_text()
    assert "repeats: 1 (networks are trained anew in every fold; one run of 2 folds is" in heard
    assert " worth hardly more than one, so only large differences can be seen: write" in heard
    assert "plan: 1 network and the dummy = 2 combinations, 2 folds x 1 repeat = 4 fits" in heard
    config = (studied / "run" / "config.yaml").read_text()
    assert "repeats: 1\n" in config
    assert "early_stopping: 15" in config


def test_every_image_has_an_out_of_fold_prediction(studied):
    with h5py.File(studied / "run" / "out_of_fold.h5") as file:
        tables = {
            one.attrs["estimator"].split("(")[0]: one[()] for one in file["candidates"].values()
        }
    assert tables["small_cnn"].shape == (1, 36, 3)
    assert np.allclose(tables["small_cnn"].sum(axis=2), 1, atol=1e-5)
    scores = rows_of(studied / "run" / "scores.csv")
    assert {(row["repeat"], row["fold"]) for row in scores} == {("0", "0"), ("0", "1")}


def test_histories_of_the_folds_and_of_the_model(studied):
    (folder,) = (studied / "run" / "networks").iterdir()
    epochs = rows_of(folder / "history.csv")
    assert [(row["fold"], row["epoch"]) for row in epochs] == [
        ("0", "1"), ("0", "2"), ("1", "1"), ("1", "2"),
    ]  # fmt: skip
    assert all(float(row["val_loss"]) > 0 for row in epochs)
    refit = rows_of(folder / "refit.csv")
    chosen = rows_of(studied / "run" / "chosen.csv")
    best = [int(row["value"]) for row in chosen if row["parameter"] == "best_epoch"]
    assert len(best) == 2
    assert len(refit) == int(np.floor(np.median(best) + 0.5))
    assert refit[0]["val_loss"] == ""
    for name in ("history.svg", "refit.svg"):
        assert (folder / name).read_text().startswith("<svg ")
    assert not (studied / "run" / ".training").exists() or not any(
        (studied / "run" / ".training").iterdir()
    )


def test_the_model_holds_what_it_must(studied):
    model = studied / "run" / "model"
    names = {path.name for path in model.iterdir()}
    assert names == {
        "manifest.json", "network.keras", "network.xml", "network.bin", "check_sample.npz",
        "card.md", "history.csv", "history.svg", "reference.npz", "quality.json",
    }  # fmt: skip
    manifest = json.loads((model / "manifest.json").read_text())
    # The lowest that holds it: that of prediction sets, if there are as many images as they need.
    assert manifest["format"] == (SETS_FORMAT if "sets" in manifest else CLASSIFICATION_FORMAT)
    assert manifest["network"] == {"input_size": [16, 16, 3], "compiled": True, "why_not": ""}
    assert "It was trained on all images for" in (model / "card.md").read_text()
    assert [result for result in check_bundle(model) if result.problem] == []


def test_the_compiled_network_was_compared_on_images_of_every_class(studied):
    compared_on = np.load(studied / "compared_on.npy")
    assert compared_on.shape == (8, 16, 16, 3)
    # As networks take them, and some of each of the three classes of 12 images, in their order.
    assert compared_on.dtype == np.float32
    assert 0 <= compared_on.min() < compared_on.max() <= 1
    (prepared,) = (studied / "run" / "features").glob("images-*.npy")
    places = [0, 5, 10, 15, 20, 25, 30, 35]
    assert np.array_equal(compared_on, np.load(prepared)[places])


def test_predictions_are_those_of_the_network_before_it_was_exported(studied, drawn_images):
    folder = studied / "run"
    table = Predictor.from_path(folder).predict(drawn_images)
    (prepared,) = (folder / "features").glob("images-16x16x3-*.npy")
    images = np.load(prepared)
    assert images.dtype == np.float32
    before = load_network(folder / "model" / "network.keras").predict_proba(
        ArrayPixels(images), np.arange(len(images))
    )
    model = load_bundle(folder)
    expected = model.calibration.applied_to(before.astype(np.float64))
    got = table[[f"probability_{name}" for name in model.class_names]].to_numpy()
    # Prepared once a picture in the order of the study, which is that of the paths.
    assert np.abs(got - expected).max() < 1e-4


def test_prediction_starts_without_tensorflow(studied, drawn_images, tmp_path):
    code = (
        "import sys\nfrom bioselect.cli.main import main\n"
        f"assert main(['predict', {str(studied / 'run')!r}, {str(drawn_images / 'bars')!r}, '-o', "
        f"{str(tmp_path / 'o.csv')!r}]) in (0, None)\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert len(rows_of(tmp_path / "o.csv")) == 12


def test_keras_takes_over_where_openvino_is_missing(studied, drawn_images, monkeypatch):
    some = drawn_images / "bars"
    expected = Predictor.from_path(studied / "run").predict(some)
    monkeypatch.setattr("bioselect.backbones.engines.installed_version", lambda package: "")
    with pytest.warns(UserWarning, match="computed by Keras"):
        by_keras = Predictor.from_path(studied / "run")
    assert not by_keras.model.extractor.is_compiled
    got = by_keras.predict(some)
    columns = [name for name in got.columns if name.startswith("probability_")]
    assert np.abs(got[columns].to_numpy() - expected[columns].to_numpy()).max() < 1e-4


def test_a_second_run_trains_nothing_and_changes_no_byte(studied, tmp_path, no_training):
    again = shutil.copytree(studied, tmp_path / "again")
    config = again / "config.yaml"
    folder = again / "run"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    heard = Heard()
    run(config, reporter=heard)
    assert any("is up to date" in line for line in heard.lines)
    # The configuration names the images relative to the folder, which is another one.
    untold = ("run.log", "environment.json", ".lock", "timings.csv", "config.yaml", "report.html")
    changed = [
        path.name
        for path, content in before.items()
        if path.name not in untold and path.read_bytes() != content
    ]
    assert changed == []


def test_a_killed_study_goes_on_and_ends_in_the_same_bytes(studied, tmp_path, monkeypatch):
    """Also with another number of processes than the undisturbed one."""
    folder = tmp_path / "killed"
    folder.mkdir()
    config = shutil.copy(studied / "config.yaml", folder / "config.yaml")
    fit, told = NetworkClassifier.fit, []

    def killed(self, pixels, task, checkpoint_dir=None, progress=None):
        def counted(record, n_epochs, seconds):
            told.append(record.epoch)
            progress(record, n_epochs, seconds)
            if len(told) == 3:  # After the first epoch of the second fold.
                raise KeyboardInterrupt

        return fit(self, pixels, task, checkpoint_dir, counted)

    monkeypatch.setattr(NetworkClassifier, "fit", killed)
    with pytest.raises(KeyboardInterrupt):
        run(config, jobs=1, reporter=Heard())
    assert told == [1, 2, 1]
    assert any((folder / "run" / ".training").iterdir())
    told.extend([0] * 10)  # From now on nobody is interrupted.
    run(config, jobs=1, reporter=Heard())
    # The second fold begins with the epoch that was kept; then the model.
    assert told[13:15] == [1, 2]
    for name in TABLES:
        assert (folder / "run" / name).read_bytes() == (studied / "run" / name).read_bytes(), name
    for path in (studied / "run" / "networks").rglob("*.csv"):
        same = folder / path.relative_to(studied)
        assert same.read_bytes() == path.read_bytes()
    network = Path("run") / "model" / "network.keras"
    assert (folder / network).read_bytes() == (studied / network).read_bytes()


@pytest.fixture
def other_images(drawn_images, tmp_path):
    """Return a folder of images that no model has seen: the drawn ones as negatives."""
    folder = tmp_path / "negatives"
    for path in drawn_images.rglob("*.png"):
        target = folder / path.relative_to(drawn_images)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(path))).save(target)
    return folder


def test_networks_beside_extractors(studied, write_config, other_images, tmp_path):
    """One begins with a model of bioselect, one fails, and two are no networks at all."""
    model = (studied / "run" / "model").as_posix()
    params = f"{{epochs: 1, {TINY}, weights: {model}, trainable: head}}"
    (tmp_path / "own_networks_of_study.py").write_text(
        "def Broken(input_shape):\n    raise ValueError('no layers left')\n"
    )
    listed = networks(
        f"{{name: small_cnn, params: {params}}}",
        '"own_networks_of_study:Broken"',
        extractors="[intensity]",
        classifiers="[lda]",
        path=other_images,
    )
    heard = Heard()
    folder = run(write_config(**listed, validation="{folds: 2}"), jobs=1, reporter=heard).folder
    ranking = {row["estimator"].split("(")[0]: row for row in rows_of(folder / "ranking.csv")}
    assert set(ranking) == {"lda", "dummy", "small_cnn", "own_networks_of_study:Broken"}
    assert "weights=" in ranking["small_cnn"]["estimator"]
    assert ranking["own_networks_of_study:Broken"]["role"] == "failed"
    errors = [r["error"] for r in rows_of(folder / "scores.csv") if "Broken" in r["estimator"]]
    assert "no layers left" in errors[0]
    assert all(errors)
    assert [line for line in heard.lines if line.startswith("warning") and "Broken" in line]
    assert "trainable: head" in (folder / "config.yaml").read_text()


def test_one_split_and_a_search(write_config):
    """The test part is opened once, and the searched values go into the model."""
    search = "search: {learning_rate: [0.000001, 0.01]}"
    row = f"{{name: small_cnn, params: {{epochs: 1, {TINY}}}, {search}}}"
    listed = networks(row, **{**ALONE, "validation": "{split: [0.5, 0.25, 0.25]}"})
    heard = Heard()
    folder = run(write_config(**listed), reporter=heard).folder
    first, second = (line for line in heard.lines if ": 1 epoch, " in line)
    assert "): 1 epoch, " in first
    assert "): for the test part: " in second  # It was fold 2 of 1.
    study = json.loads((folder / "study.json").read_text())
    assert "Measured once, on the" in study["in_words"]
    assert "Searched inside the folds: images + small_cnn(" in study["in_words"]
    (chosen,) = [r for r in rows_of(folder / "chosen.csv") if r["parameter"] == "learning_rate"]
    assert chosen["value"] in ("1e-06", "0.01")
    manifest = json.loads((folder / "model" / "manifest.json").read_text())
    assert manifest["chosen"] == {"learning_rate": float(chosen["value"]), "epochs": 1}
    card = (folder / "model" / "card.md").read_text()
    assert f"chose learning_rate = {chosen['value']} in 1 of the one training of the study" in card


def test_the_cache_knows_the_prepared_images(studied, tmp_path):
    copy = shutil.copytree(studied / "run", tmp_path / "run")
    assert "images for networks, 16 x 16 pixels, 3 channels, 0.1 MB" in cache_info(copy)
    assert "0.2 MB freed" in clear_cache(copy)
    assert not list(RunFolder(copy).features.glob("*.npy"))


def test_labelled_images_are_evaluated(studied, drawn_images, tmp_path):
    from bioselect.workflows.evaluate import evaluate

    words = evaluate(studied / "run", drawn_images, tmp_path / "out", jobs=1)
    assert "36 images evaluated" in words
    assert len(rows_of(tmp_path / "out" / "predictions.csv")) == 36


def test_the_network_says_what_it_looks_at_and_names_its_like(studied, drawn_images, tmp_path):
    image = drawn_images / "dots" / "03.png"
    told = explain(studied / "run", [image], tmp_path / "why", ["bars", "dots"])
    assert "warning" not in told
    names = {path.name for path in (tmp_path / "why").iterdir()}
    kinds = ("occlusion", "grad_cam")
    assert {f"03_{kind}_{name}.png" for kind in kinds for name in ("bars", "dots")} <= names
    [row] = rows_of(tmp_path / "why" / "explanations.csv")
    assert len(row["probability"].split()) == 2
    # It was trained on, as the fourth of the second class of twelve.
    assert (row["neighbour_1"], row["neighbour_1_target"]) == ("15", "dots")
    assert float(row["neighbour_1_distance"]) < 0.05
    # Without `thumbnails: true` no picture of a training image travels, and none is shown.
    assert not (studied / "run" / "model" / "thumbnails.zip").exists()
    assert "03_neighbours.png" not in names
