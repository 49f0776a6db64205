"""A study with resampling, thresholds and calibration, from the YAML file to the predictions."""

import csv
import json
from dataclasses import replace

import h5py
import numpy as np
import pytest
import yaml
from PIL import Image

import bioselect
from bioselect.bundle.reading import load_bundle
from bioselect.estimators.calibration import Calibration
from bioselect.predict.predictor import Predictor
from bioselect.testing.contract import check_bundle
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

CONFIG = """
dataset: {path: images}
extractors: [intensity]
classifiers:
  - {name: logistic_regression, params: {threshold: {sensitivity: 0.8, positive: rare}}}
  - {name: naive_bayes, params: {resampling: random_over}}
  - {name: lda, search: {resampling: [null, smote]}}
validation: {folds: 3, repeats: 2}
statistics: {select: best}
bundle: {calibration: auto}
output: run
"""


def draw(folder, n_common, n_rare, seed):
    """Draw noise; of the rare class a little brighter, so that the classes overlap."""
    random = np.random.default_rng(seed)
    for name, n_images, mean in (("common", n_common, 110), ("rare", n_rare, 122)):
        (folder / name).mkdir(parents=True)
        for number in range(n_images):
            grey = mean + random.normal(scale=12) + random.normal(scale=30, size=(16, 16))
            pixels = np.clip(np.stack([grey] * 3, axis=2), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number:02d}.png")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imbalance")
    draw(folder / "images", 45, 12, 0)
    draw(folder / "others", 12, 12, 1)
    (folder / "config.yaml").write_text(CONFIG)
    summary = run(folder / "config.yaml", jobs=1).summary
    return folder, summary


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_all_compete_in_one_study(study):
    folder, _ = study
    names = {row["estimator"]: row for row in read(folder / "run" / "ranking.csv")}
    assert set(names) == {
        "logistic_regression(threshold={positive: rare, sensitivity: 0.8})",
        "naive_bayes(resampling=random_over)",
        "lda(resampling searched)",
        "dummy",
    }
    assert all(row["role"] != "failed" for row in names.values())
    chosen = {(row["estimator"][:4], row["parameter"]) for row in read(folder / "run/chosen.csv")}
    assert chosen == {("logi", "decision_threshold"), ("lda(", "resampling")}


def test_scores_are_those_of_the_chosen_border(study):
    folder, _ = study
    with h5py.File(folder / "run" / "out_of_fold.h5") as file:
        truth, group = file["class_index"][:], file["candidates"]
        [table] = [
            one[:] for one in group.values() if one.attrs["estimator"].startswith("logistic")
        ]
    sensitivity = np.mean(table.argmax(axis=2)[:, truth == 1] == 1)
    assert sensitivity > 0.6  # at one half it finds hardly any


def test_the_configuration_as_run_runs_again(study):
    folder, _ = study
    written = yaml.safe_load((folder / "run" / "config.yaml").read_text())
    assert written["bundle"] == {
        "calibration": "temperature",
        "coverage": 0.9,
        "thumbnails": False,
    }
    first = written["classifiers"][0]["params"]
    assert first["threshold"] == {"positive": "rare", "sensitivity": 0.8}
    assert first["resampling"] is None
    again = run(folder / "run" / "config.yaml", output=folder / "again", jobs=2)
    for name in ("scores.csv", "ranking.csv", "study.json", "out_of_fold.h5", "chosen.csv"):
        assert (again.folder / name).read_bytes() == (folder / "run" / name).read_bytes(), name
    for path in sorted((folder / "run" / "model").rglob("*")):
        other = again.folder / "model" / path.relative_to(folder / "run" / "model")
        assert path.is_dir() or other.read_bytes() == path.read_bytes(), path.name


def test_how_far_percentages_can_be_believed_is_said_everywhere(study):
    folder, summary = study
    found = json.loads((folder / "run" / "study.json").read_text())["calibration"]
    assert found["tried"] == "temperature"
    scores = json.loads((folder / "run/model/manifest.json").read_text())["scores"]
    assert scores["decided_by"] == {"name": "balanced_accuracy", "params": {}}
    assert (
        set(found["before"])
        == set(found["after"])
        >= {
            "log_loss",
            "expected_calibration_error",
            "brier",
        }
    )
    card = (folder / "run" / "model" / "card.md").read_text()
    assert found["in_words"] in card
    assert " ".join(found["in_words"].split()) in " ".join(summary.split())
    assert (
        Calibration.from_dict(
            json.loads((folder / "run/model/manifest.json").read_text())["calibration"]
        ).method
        == found["used"]
    )


def export(folder, estimator, calibration):
    """Run the same study, of which one classifier is exported."""
    text = CONFIG.split("classifiers:")[0] + f"classifiers: [{estimator}]\n"
    text += "validation: {folds: 3, repeats: 2}\ncache: run/features\n"
    text += f"bundle: {{calibration: {calibration}}}\noutput: exported\n"
    # That of the study shows all.
    text += "report: {pictures: false, explanations: false, learning_curve: false, map: false}\n"
    (folder / "export.yaml").write_text(text)
    return run(folder / "export.yaml", jobs=1).folder


@pytest.mark.parametrize("calibration", ["none", "temperature", "sigmoid", "isotonic"])
def test_predicted_classes_do_not_depend_on_the_calibration(study, calibration):
    folder, _ = study
    exported = export(folder, "naive_bayes", calibration)
    found = json.loads((exported / "study.json").read_text())["calibration"]
    assert (found["tried"], found["used"]) == (calibration, calibration)
    table = bioselect.load(exported / "model").predict(folder / "others")
    names = np.array(["common", "rare"])
    printed = table[["probability_common", "probability_rare"]].to_numpy()
    assert (names[printed.argmax(axis=1)] == table["prediction"]).all()
    model = load_bundle(exported / "model")
    plain = model.manifest.model_copy(update={"calibration": Calibration().as_dict()})
    before = Predictor(replace(model, manifest=plain)).predict(folder / "others")
    assert before["prediction"].tolist() == table["prediction"].tolist()
    assert before["probability_rare"].equals(table["probability_rare"]) == (calibration == "none")
    assert [item for item in check_bundle(exported / "model") if item.problem] == []


def test_the_border_is_told_where_it_is_used(study):
    folder, _ = study
    spec = "{name: lda, params: {threshold: {criterion: f1, positive: rare}}}"
    exported = export(folder, spec, "auto")
    card = (exported / "model" / "card.md").read_text()
    assert "## Threshold" in card
    assert "An image is called rare from" in card
    text = predict(exported / "model", [folder / "others"], folder / "predictions.csv", jobs=1)
    assert "An image is called rare from" in text
    text = evaluate(exported / "model", folder / "others", folder / "evaluated", jobs=1)
    assert "chosen on the training images for the highest f1 of rare" in text
    predicted = [row["prediction"] for row in read(folder / "predictions.csv")]
    with (folder / "evaluated" / "confusion.csv").open() as file:
        counts = [list(map(int, line.split(",")[1:])) for line in file.readlines()[1:]]
    assert np.sum(counts, axis=0).tolist() == [predicted.count("common"), predicted.count("rare")]
