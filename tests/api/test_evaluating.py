"""Evaluating and explaining from Python: the tables are those of the command line."""

import csv
import shutil

import fsspec
import numpy as np
import pytest

import bioselect
from bioselect.exceptions import DataError


def test_an_evaluation_has_its_tables(study, drawn_images, tmp_path):
    found = bioselect.evaluate(study, drawn_images, tmp_path / "e", jobs=1, progress=False)
    with (tmp_path / "e" / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert found.metrics["value"].tolist() == [float(row["value"]) for row in rows]
    assert found.metrics.dtypes["ci_low"] == np.float64
    assert found.folder == tmp_path / "e"
    assert "36 images evaluated" in str(found)
    assert "36 images evaluated" in found._repr_html_()
    assert len(found.groups) == 0
    assert {"measure", "value", "p"} <= set(found.drift.columns)


def test_a_table_names_its_columns(study, drawn_images, tmp_path):
    paths = enumerate(drawn_images.rglob("*.png"))
    lines = [f"{path},{path.parent.name},p{n % 3}" for n, path in paths]
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(["file,seen,patient", *lines]))
    found = bioselect.evaluate(
        study.folder,
        table,
        tmp_path / "e",
        image="file",
        target="seen",
        group="patient",
        jobs=1,
        progress=False,
    )
    assert found.groups["group"].tolist() == ["p0", "p1", "p2"]
    assert found.groups["n_images"].tolist() == [12, 12, 12]


def test_explanations_have_a_row_and_a_picture_for_each_image(study, drawn_images, tmp_path):
    path = drawn_images / "dots" / "03.png"
    found = bioselect.explain_images(study, path, tmp_path / "x", ["bars"], progress=False)
    assert found.table["explained"].tolist() == ["bars"]
    assert found.table["image"].tolist() == [str(path)]
    assert found.table.dtypes["neighbour_1_distance"] == np.float64
    assert found.table.dtypes["largest_drop"] == np.float64
    assert [one.suffix for one in found.pictures] == [".png"]
    with pytest.raises(DataError, match="no such file"):
        bioselect.explain_images(study, "none.png", tmp_path / "y", progress=False)


def test_results_at_an_address_have_their_tables(study, drawn_images, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    store = fsspec.filesystem("memory")
    store.store.clear()
    path = drawn_images / "dots" / "03.png"
    where = "memory://lab/results"
    found = bioselect.evaluate(study, drawn_images, f"{where}/e", jobs=1, progress=False)
    told = bioselect.explain_images(study, path, f"{where}/x", ["bars"], progress=False)
    names = {name.removeprefix("/lab/results/") for name in store.find("/lab/results")}
    assert {"e/metrics.csv", "e/drift.csv", "x/explanations.csv"} <= names
    rows = list(csv.DictReader(store.cat("/lab/results/e/metrics.csv").decode().splitlines()))
    assert found.metrics["value"].tolist() == [float(row["value"]) for row in rows]
    assert len(found.drift) > 0
    assert told.table["explained"].tolist() == ["bars"]
    assert len(told.pictures) == 1
    store.store.clear()
    shutil.rmtree(found.folder)
    with pytest.raises(DataError, match=r"^memory://lab/results/e/metrics.csv: no such file"):
        found.metrics.size  # noqa: B018
