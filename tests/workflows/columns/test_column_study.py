"""A study of a table: folds as by hand with scikit-learn, words about rows, bytes that repeat."""

import csv
import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bioselect.exceptions import DataError
from bioselect.workflows.check import check
from bioselect.workflows.run import run

NUMBERS = ["mean texture", "worst symmetry", "mean smoothness"]


def rows_of(path):
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_predictions_equal_those_of_scikit_learn_by_hand(finished):
    folder, result = finished
    table = pd.read_csv(folder / "cells.csv").set_index("id")
    images = pd.read_csv(result.folder / "dataset.csv").set_index("image_id")
    table = table.loc[images.index]
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        (make_pipeline(OneHotEncoder(sparse_output=False), StandardScaler()), ["site"]),
    )
    with h5py.File(result.folder / "out_of_fold.h5") as file:
        found = next(
            item[...]
            for item in file["candidates"].values()
            if item.attrs["estimator"] == "logistic_regression"
        )
    for repeat in range(2):
        fold_of = images[f"fold_of_repeat_{repeat}"].to_numpy()
        for fold in range(3):
            test = fold_of == fold
            model = make_pipeline(steps, LogisticRegression(C=1.0, tol=1e-12, max_iter=10000))
            model.fit(table[~test], table["diagnosis"][~test])
            expected = model.predict_proba(table[test])
            assert np.allclose(found[repeat][test], expected, atol=1e-4)


def test_products_name_the_columns_and_speak_of_rows(finished):
    _, result = finished
    ranking = rows_of(result.folder / "ranking.csv")
    assert {row["extractor"] for row in ranking} == {"columns"}
    study = json.loads((result.folder / "study.json").read_text(encoding="utf-8"))
    card = (result.folder / "model" / "card.md").read_text(encoding="utf-8")
    log = (result.folder / "run.log").read_text(encoding="utf-8")
    for text in (study["in_words"], study["calibration"]["in_words"], card, log, result.summary):
        assert " image" not in text
        assert " row" in text
    assert "TABLE.csv" in result.summary
    assert "plan: 3 classifiers (the dummy included) on 4 columns = 3 combinations" in log
    assert "extractor" not in log.split("plan: ")[1].splitlines()[0]
    findings = rows_of(result.folder / "findings.csv")
    assert any("models of knn hold rows of the training table" in row["what"] for row in findings)
    assert any("missing values in 9 of 90 rows (mean texture 9)" in row["what"] for row in findings)


def test_the_same_bytes_whatever_the_number_of_jobs(finished, tmp_path):
    folder, first = finished
    second = run(folder / "study.yaml", output=tmp_path / "again", jobs=2)
    for name in ("scores.csv", "ranking.csv", "study.json", "dataset.csv", "findings.csv"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name
    for name in ("estimator.skops", "check_sample.npz", "manifest.json", "card.md"):
        old, new = first.folder / "model" / name, second.folder / "model" / name
        assert old.read_bytes() == new.read_bytes(), name


def test_a_second_run_does_nothing_again(finished):
    folder, first = finished
    before = (first.folder / "model" / "manifest.json").stat().st_mtime_ns
    run(folder / "study.yaml", jobs=1)
    assert (first.folder / "model" / "manifest.json").stat().st_mtime_ns == before
    assert "the model in" in (first.folder / "run.log").read_text(encoding="utf-8")


def test_what_was_written_runs_again(finished):
    _, result = finished
    assert "The configuration can be run." in check(result.folder / "config.yaml")


def test_check_names_columns_that_leak(table):
    path, configured = table
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    leaked = [f"{line},{1 + ('malignant' in line)}.5" for line in lines]
    path.write_text("\n".join([f"{header},stage", *leaked]), encoding="utf-8")
    words = check(configured())
    assert "columns that alone tell diagnosis in every row: stage." in words
    assert "dataset.exclude: [stage]" in words


def test_a_table_that_cannot_be_used_is_refused_in_one_line(table):
    path, configured = table
    path.write_text(path.read_text(encoding="utf-8").replace("m002", "m001"), encoding="utf-8")
    with pytest.raises(DataError, match="column 'id', the id, must name each row once") as caught:
        check(configured())
    assert "image" not in str(caught.value)


def test_groups_are_never_divided(table):
    path, configured = table
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    grouped = [f"{line},p{place // 3}" for place, line in enumerate(lines)]
    path.write_text("\n".join([f"{header},patient", *grouped]), encoding="utf-8")
    settings = "\nclassifiers: [lda]\nvalidation: {folds: 3, repeats: 1}\noutput: results\n"
    result = run(configured(", group: patient", settings), jobs=1)
    images = pd.read_csv(result.folder / "dataset.csv")
    assert images.groupby("group")["fold_of_repeat_0"].nunique().max() == 1
