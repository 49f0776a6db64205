"""A study with prediction sets, from the configuration to the tables of new rows."""

import csv
import json
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.estimators.calibration import Calibration
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.judged_sets import judged_sets, sets_in_words
from bioselect.workflows.labelled_images import TableColumns
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

NAMES = ("flat", "round", "spiky")
N_GROUPS, PER_GROUP = 14, 6
#: Of the last class only so many groups have a row.
N_WITH_SPIKY = 5
LEVEL = 0.8


def write_rows(path, seed):
    """Write a table of groups, in which the classes overlap."""
    random = np.random.default_rng(seed)
    lines = ["id,patient,kind,one,two"]
    for group in range(N_GROUPS):
        for place in range(PER_GROUP):
            kind = place % 2
            if place == 5 and group < N_WITH_SPIKY:
                kind = 2
            one, two = random.normal([1.6 * (kind == 1), 1.6 * (kind == 2)])
            lines.append(f"{group}-{place},p{group},{NAMES[kind]},{one:.4f},{two:.4f}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished study, and its summary."""
    folder = tmp_path_factory.mktemp("sets")
    write_rows(folder / "cells.csv", 0)
    (folder / "config.yaml").write_text(
        "dataset: {table: cells.csv, target: kind, id: id, group: patient}\n"
        "classifiers: [lda]\nvalidation: {folds: 5, repeats: 2}\noutput: run\n"
        f"bundle: {{coverage: {LEVEL}, calibration: none}}\n"
    )
    return folder / "run", run(folder / "config.yaml", jobs=1).summary


@pytest.fixture
def new(tmp_path):
    return write_rows(tmp_path / "new.csv", 1)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def border(reached, groups):
    """Return the border by the definition: groups weigh the same, and one more has nothing."""
    shares = [
        (value, 1 / np.sum(groups == group)) for value, group in zip(reached, groups, strict=True)
    ]
    enough, total = LEVEL * (len(np.unique(groups)) + 1) - 1e-9, 0.0
    for value, share in sorted(shares, reverse=True):
        total += share
        if total >= enough:
            return value
    raise AssertionError("too few groups")


def test_borders_follow_from_the_out_of_fold_predictions(finished):
    folder, _ = finished
    groups = np.array([row["group"] for row in read(folder / "dataset.csv")])
    with h5py.File(folder / "out_of_fold.h5") as file:
        [table] = [one[:] for one in file["candidates"].values() if one.attrs["estimator"] == "lda"]
        true = np.tile(file["class_index"][:], 2)
    table, groups = table.reshape(-1, 3), np.tile(groups, 2)
    reached = table[np.arange(len(true)), true]
    reached[table.argmax(axis=1) == true] = 1.0
    # Four groups are enough for 0.8, so that the five with a spiky one are too.
    expected = [border(reached[true == k], groups[true == k]) for k in range(3)]
    assert list(load_bundle(folder).sets.borders) == expected
    written = json.loads((folder / "study.json").read_text())["prediction_sets"]
    assert written["borders"] == dict(zip(NAMES, expected, strict=True))
    assert (written["level"], written["shared"], written["n_units"]) == (LEVEL, [], N_GROUPS)
    assert any(0 < one < 1 for one in expected)


def test_what_was_measured_is_said_everywhere(finished):
    folder, summary = finished
    found = json.loads((folder / "study.json").read_text())["prediction_sets"]
    coverage = f"{100 * found['measured']['coverage']:.3g} % of rows"
    sentence = f"80 % sets held the true class for {coverage}"
    assert sentence in " ".join(summary.split())
    assert sentence in (folder / "model" / "card.md").read_text()
    assert sentence in (folder / "report.html").read_text()
    manifest = json.loads((folder / "model" / "manifest.json").read_text())
    assert manifest["format"] == 7
    measured = {key: value for key, value in found["measured"].items() if key != "of_classes"}
    assert manifest["sets"]["measured"] == measured
    assert 0.7 < measured["coverage"] <= 1
    assert [one["level"] for one in found["by_level"]] == [0.8, 0.9]


def inputs(coverage, is_multilabel=False):
    bundle = SimpleNamespace(coverage=coverage)
    dataset = SimpleNamespace(is_multilabel=is_multilabel)
    return SimpleNamespace(config=SimpleNamespace(bundle=bundle), dataset=dataset)


def test_where_there_are_none_it_is_said_unless_nobody_wanted_them():
    of_labels = SimpleNamespace(class_indices=np.array([[1, 0], [0, 1]]))
    calibrated = SimpleNamespace(calibration=Calibration())
    assert judged_sets(inputs(0.9, True), of_labels, None, 0, calibrated) is None
    assert "may have several labels" in sets_in_words(inputs(0.9, True), None, None, "image")
    assert sets_in_words(inputs(None, True), None, None, "image") == ""
    of_classes = SimpleNamespace(class_indices=np.array([0, 1]))
    assert judged_sets(inputs(None), of_classes, None, 0, calibrated) is None
    # Numbers are not calibrated.
    of_numbers = SimpleNamespace(class_indices=np.array([0.5, 1.5]))
    assert judged_sets(inputs(0.9), of_numbers, None, 0, None) is None
    assert sets_in_words(inputs(0.9), None, None, "image") == ""


def test_predict_evaluate_and_abstain_tell_the_same_sets(finished, new, tmp_path, capsys):
    folder, _ = finished
    predict(folder, [new], tmp_path / "p.csv")
    rows = read(tmp_path / "p.csv")
    borders = json.loads((folder / "study.json").read_text())["prediction_sets"]["borders"]
    for row in rows:
        shares = {name: float(row[f"probability_{name}"]) for name in NAMES}
        inside = [n for n in NAMES if shares[n] >= borders[n] or n == row["prediction"]]
        assert row["prediction_set"].split(" | ") == sorted(inside, key=lambda n: -shares[n])
    words = evaluate(
        folder, new, tmp_path / "judged", columns=TableColumns(None, "kind", "patient")
    )
    metrics = {row["metric"]: row["value"] for row in read(tmp_path / "judged" / "metrics.csv")}
    judged = read(tmp_path / "judged" / "predictions.csv")
    sets = [row["prediction_set"].split(" | ") for row in judged]
    held = [row["true"] in one for row, one in zip(judged, sets, strict=True)]
    assert float(metrics["set_coverage"]) == pytest.approx(np.mean(held))
    assert float(metrics["set_size"]) == pytest.approx(np.mean([len(one) for one in sets]))
    assert float(metrics["set_level"]) == LEVEL
    assert f"hold it for {100 * np.mean(held):.3g} %" in words
    output = tmp_path / "left.csv"
    main(["predict", str(folder), str(new), "-o", str(output), "--abstain", "--json"])
    told = json.loads(capsys.readouterr().out)
    left = [row["row"] for row in told["predictions"] if row["abstained_because"]]
    several = [row["row"] for row in rows if " | " in row["prediction_set"]]
    assert left == several
    assert 0 < len(left) < len(rows)
    assert f"{len(left)} of {len(rows)} rows left to a person" in told["summary"]
