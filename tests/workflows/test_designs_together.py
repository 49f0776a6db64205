"""Thresholds, metrics with parameters, calibration and groups with every design and an ensemble."""

import csv
import json
import re

import h5py
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import log_loss, recall_score

from bioselect.bundle.reading import load_bundle, read_manifest
from bioselect.config.loading import load_config
from bioselect.workflows.check import check
from bioselect.workflows.run import run

DESIGNS = {
    "splits": "{splits: 6, test_size: 0.25, METRIC}",
    "split": "{split: [0.5, 0.3, 0.2], METRIC}",
    "nested": "{folds: 3, repeats: 2, honest: nested, METRIC}",
}
#: Where each says that its scores come from.
PLACES = {
    "splits": "over 6 random splits",
    "split": "on the validation part",
    "nested": "in cross-validation",
}
RECALL = "metric: {name: recall, params: {positive: rare}}"
CLASSIFIERS = """
  - {name: naive_bayes, params: {threshold: youden}}
  - {name: lda, params: {threshold: {sensitivity: 0.8, positive: rare}}}
  - {name: knn, search: {n_neighbors: [3, 9]}}
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Draw 40 common and 24 rare images of 16 patients; the rare ones are a little brighter."""
    folder = tmp_path_factory.mktemp("together")
    random = np.random.default_rng(5)
    lines = ["file,class,patient"]
    for number in range(64):
        name = "rare" if number % 8 < 3 else "common"
        mean = (122 if name == "rare" else 110) + random.normal(scale=12)
        grey = mean + random.normal(scale=30, size=(16, 16))
        pixels = np.clip(np.stack([grey] * 3, axis=2), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
        lines.append(f"{number:02d}.png,{name},p{number // 4}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def study(images, name, validation, rest="", group="null", extractors="[intensity]"):
    """Run a study and return the folder of the run and its summary on one line."""
    config = images / f"{name}.yaml"
    config.write_text(
        f"dataset: {{table: labels.csv, image: file, target: class, group: {group}}}\n"
        f"extractors: {extractors}\nclassifiers: {CLASSIFIERS}\n"
        f"validation: {validation}\nstatistics: {{select: best}}\n"
        f"output: {name}\n{rest}\n"
    )
    return images / name, " ".join(run(config, jobs=1).summary.split())


@pytest.fixture(scope="module", params=sorted(DESIGNS))
def designed(request, images):
    validation = DESIGNS[request.param].replace("METRIC", RECALL)
    rest = "bundle: {calibration: sigmoid}"
    return request.param, *study(images, request.param, validation, rest)


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def told(folder):
    return json.loads((folder / "study.json").read_text())


def stored(folder, label):
    """Return what the run keeps of one candidate: truth, number of the fold, probabilities."""
    with h5py.File(folder / "out_of_fold.h5") as file:
        for data in file["candidates"].values():
            if f"{data.attrs['extractor']} + {data.attrs['estimator']}" == label:
                return file["class_index"][:], file["fold"][:], data[:]
    raise LookupError(label)


def compared_by(design, folder, label):
    """Return truth, probabilities and weight of every prediction that candidates met by."""
    truth, folds, table = stored(folder, label)
    tested = folds == 0 if design == "split" else folds >= 0
    repeats, places = np.nonzero(tested)
    weights = 1 / tested.sum(axis=0)[places]
    return truth[places], table[repeats, places], weights, np.unique(places)


def exported(result):
    return " + ".join(result["exported"].values())


def test_probabilities_are_measured_where_candidates_were_compared(designed):
    design, folder, summary = designed
    result = told(folder)
    truth, table, weights, places = compared_by(design, folder, exported(result))
    found = result["calibration"]
    assert found["tried"] == "sigmoid"
    assert found["n_units"] == len(places)
    if design == "split":
        assert len(places) == 19  # 30 % of 64: not the test part
    expected = log_loss(truth, np.clip(table, 1e-15, 1), sample_weight=weights, labels=[0, 1])
    assert found["before"]["log_loss"] == pytest.approx(expected)
    where = PLACES[design]
    assert f"{where[0].upper()}{where[1:]} it gave the class it chose" in found["in_words"]
    assert found["in_words"] in summary
    assert ("cross-validation it gave" in summary) == (design == "nested")


def test_a_metric_of_one_class_decides_in_every_design(designed):
    design, folder, summary = designed
    score = told(folder)["honest_score"]
    assert score["metric"] == "recall(positive=rare)"
    methods = {"splits": "bbc", "split": "test part", "nested": "nested"}
    assert score["method"] == methods[design]
    assert 0 <= score["ci_low"] <= score["value"] <= score["ci_high"] <= 1
    assert score["n_draws"] >= 900
    assert score["reduced"] == "" or "random draws have no score" in score["reduced"]
    if design == "split":
        truth, folds, table = stored(folder, score["of"])
        places = np.flatnonzero(folds[0] == 1)
        guess = table[0, places].argmax(axis=1)
        assert score["value"] == pytest.approx(recall_score(truth[places], guess))
    assert "recall of rare" in summary


def test_classes_are_counted_where_they_were_tested(designed):
    design, folder, summary = designed
    result = told(folder)
    truth, table, _, places = compared_by(design, folder, exported(result))
    with h5py.File(folder / "out_of_fold.h5") as file:
        rare = [name.decode() for name in file["class_names"][:]].index("rare")
        of_images = file["class_index"][:]
    [row] = [
        row
        for row in rows_of(folder / "per_class.csv")
        if f"{row['extractor']} + {row['estimator']}" == exported(result)
        and (row["class"], row["metric"]) == ("rare", "recall")
    ]
    assert int(row["n_images"]) == np.sum(of_images[places] == rare)
    if design == "split":
        right = table.argmax(axis=1)[truth == rare] == rare
        assert float(row["mean"]) == pytest.approx(right.mean())
        assert f"{exported(result)} on the test part (per_class.csv" in summary
    elif design == "splits":
        assert "mean of 6 splits" in summary
    described = rows_of(folder / "descriptive.csv")
    # One split has one score a candidate: there is nothing to describe a spread by.
    assert bool(described) == (design != "split")
    assert all(np.isfinite(float(one["value"])) for one in described if one["value"])


def test_thresholds_are_chosen_in_every_design(designed):
    design, folder, _ = designed
    found = [row for row in rows_of(folder / "chosen.csv") if "threshold=" in row["estimator"]]
    n_folds = {"splits": 6, "split": 1, "nested": 6}[design]
    assert len(found) == 2 * n_folds
    assert {row["parameter"] for row in found} == {"decision_threshold"}
    assert all(0 < float(row["value"]) < 1 for row in found)


def test_the_configuration_that_was_run_loads_again(designed):
    design, folder, _ = designed
    first, again = (
        load_config(path) for path in (folder.parent / f"{design}.yaml", folder / "config.yaml")
    )
    assert again.bundle.calibration == "sigmoid"
    assert again.validation.metric["params"]["positive"] == "rare"
    for key in ("splits", "split", "test_size", "honest"):
        assert getattr(again.validation, key) == getattr(first.validation, key), key
    assert again.ensemble is None


@pytest.fixture(scope="module")
def averaged(images):
    rest = "bundle: {calibration: temperature}\nensemble: tied"
    validation = f"{{splits: 6, test_size: 0.3, {RECALL}}}".replace("recall", "f1")
    return study(images, "averaged", validation, rest, extractors="[intensity, lbp]")


def test_an_ensemble_is_calibrated_after_averaging(averaged):
    folder, _ = averaged
    result = told(folder)
    assert result["exported"] == {k: result["ensemble"][k] for k in ("extractor", "estimator")}
    found = result["calibration"]
    assert found["used"] == "temperature"
    members = [" + ".join(one.values()) for one in result["ensemble"]["members"]]
    truth, _, weights, _ = compared_by("splits", folder, members[0])
    tables = [compared_by("splits", folder, one)[1] for one in members]
    expected = log_loss(truth, np.mean(tables, axis=0), sample_weight=weights)
    assert found["before"]["log_loss"] == pytest.approx(expected)
    model = load_bundle(folder)
    rows = np.random.default_rng(0).random((20, read_manifest(folder / "model").n_features))
    each = zip(model.estimator.models, model.estimator.columns, strict=True)
    mean = np.mean([one.predict_proba(rows[:, columns]) for one, columns in each], axis=0)
    np.testing.assert_allclose(
        model.probabilities_of_rows(rows), model.calibration.applied_to(mean), atol=1e-12
    )
    assert not np.allclose(model.probabilities_of_rows(rows), mean, atol=1e-3)


def test_an_ensemble_averages_probabilities_that_thresholds_have_moved(averaged):
    folder, _ = averaged
    card = (folder / "model" / "card.md").read_text()
    members = [" + ".join(one.values()) for one in told(folder)["ensemble"]["members"]]
    moved = [label for label in members if "threshold=" in label]
    assert moved
    section = card.split("## Thresholds")[1].split("\n## ")[0]
    assert re.findall(r"^- (.+): An image is called", section, re.M) == moved
    assert "one half is the border of the mean too" in section
    assert "decision_threshold" not in card
    # Each member calls an image by its own border and gives more than one half to what it calls.
    model = load_bundle(folder)
    chosen = read_manifest(folder / "model").chosen
    assert {f"{label}: decision_threshold" for label in moved} <= set(chosen)
    written = load_config(folder / "config.yaml")
    assert (written.ensemble, written.bundle.calibration) == ("tied", "temperature")
    assert model.manifest.calibration["method"] == "temperature"


@pytest.mark.parametrize("n_splits", [2, 30])
def test_groups_and_random_splits_are_tested_over_groups(images, n_splits):
    validation = f"{{splits: {n_splits}, test_size: 0.25}}"
    folder, summary = study(images, f"grouped{n_splits}", validation, group="patient")
    tested = {
        row["group"]
        for row in rows_of(folder / "dataset.csv")
        if "test" in [row[f"split_{number}"] for number in range(n_splits)]
    }
    assert (len(tested) < 16) == (n_splits == 2)
    over = "16 groups" if n_splits == 30 else f"{len(tested)} of 16 groups"
    assert f"differences were tested over {over}" in summary
    assert f"tested over {over})" in " ".join(
        row["words"] for row in rows_of(folder / "comparisons.csv")
    )
    assert "the variance between groups and that between splits" in summary
    rows = rows_of(folder / "comparisons.csv")
    assert all(0 <= float(row["p"]) <= 1 for row in rows if row["stage"] == "1")
    names = [test["name"] for test in told(folder)["tests"]]
    assert any(name.startswith("t over groups and folds") for name in names)


def test_of_groups_that_were_divided_once_nothing_is_claimed(images):
    folder, summary = study(images, "once", "{split: [0.5, 0.25, 0.25]}", group="patient")
    assert "With one split of 16 groups NOTHING IS CLAIMED" in summary
    for row in rows_of(folder / "comparisons.csv"):
        assert row["words"] == "not judged (one split of groups)"
        assert not row["p"]
        assert not row["p_first_better"]
    roles = {row["role"] for row in rows_of(folder / "ranking.csv")}
    assert roles <= {"best", "recommended", "tied", "baseline"}
    for forbidden in ("significantly", "clearly", "Chance that it is better", "EXPLORATORY"):
        assert forbidden not in summary
    assert told(folder)["honest_score"]["value"] is not None


def test_the_calibration_goes_by_the_images_that_candidates_are_compared_by(images):
    config = images / "few.yaml"
    for validation, n_units in (("{split: [0.5, 0.3, 0.2]}", 19), ("{folds: 4}", 64)):
        config.write_text(
            "dataset: {table: labels.csv, image: file, target: class, group: null}\n"
            f"extractors: [intensity]\nclassifiers: [lda]\nvalidation: {validation}\noutput: few\n"
        )
        assert f"calibration: temperature ({n_units} independent images" in check(config)
