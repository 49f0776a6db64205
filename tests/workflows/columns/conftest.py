"""A finished study of a small table, for everything that asks what came of it."""

from pathlib import Path

import pytest

from bioselect.workflows.run import run

ROOT = Path(__file__).parents[3]
BREAST_CANCER = ROOT / "datasets" / "breast_cancer.csv"
SETTINGS = """
classifiers: [logistic_regression, {name: knn, search: {n_neighbors: [3, 5]}}]
validation: {folds: 3, repeats: 2, seed: 0}
output: results
"""


def small_table(folder, gaps=True):
    """Write a table of 90 masses with 4 measurements, a category, and some gaps."""
    lines = BREAST_CANCER.read_text(encoding="utf-8").splitlines()
    header, *rows = [line.split(",") for line in lines[:91]]
    kept = [header.index(name) for name in ("id", "diagnosis", "mean texture", "worst symmetry")]
    table = [[header[place] for place in kept] + ["site", "mean smoothness"]]
    for number, row in enumerate(rows):
        cells = [row[place] for place in kept]
        if gaps and number % 11 == 0:
            cells[2] = "NA"
        table.append([*cells, "left" if number % 3 else "right", row[header.index(table[0][-1])]])
    path = folder / "cells.csv"
    path.write_text("".join(",".join(row) + "\n" for row in table), encoding="utf-8")
    return path


def configuration(folder, more="", settings=SETTINGS):
    """Write a configuration for the small table."""
    path = folder / "study.yaml"
    text = f"dataset: {{table: cells.csv, target: diagnosis, id: id{more}}}{settings}"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a finished study; the model is never touched."""
    folder = tmp_path_factory.mktemp("columns")
    small_table(folder)
    result = run(configuration(folder), jobs=1)
    return folder, result


@pytest.fixture
def table(tmp_path):
    """Return the small table, and what writes a configuration beside it."""
    return small_table(tmp_path), lambda *more: configuration(tmp_path, *more)
