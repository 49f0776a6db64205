"""The map of studies whose features are learnt, joined, or of a table without images."""

import csv

import numpy as np
import pytest

from bioselect.workflows.run import run

REST = "report: {pictures: false, learning_curve: false}"


def mapped(folder):
    with (folder / "evidence/map.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "extractors",
    [
        "[{name: orb_bow, params: {words: 6}}]",
        "[{name: views, params: {extractor: intensity, steps: [rotation], views: 2}}]",
    ],
    ids=["words", "views"],
)
def test_every_image_has_one_place_whatever_its_rows_hold(write_config, tmp_path, extractors):
    run(write_config(extractors=extractors, classifiers="[lda]", rest=REST), jobs=1)
    rows = mapped(tmp_path / "run")
    assert len({row["image_id"] for row in rows}) == len(rows) == 36
    places = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    assert np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) > 30


def test_rows_of_a_table_with_gaps(tmp_path) -> None:
    n_rows = 24
    random = np.random.default_rng(0)
    with (tmp_path / "t.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "size", "kind", "sick"])
        for number in range(n_rows):
            size = "" if number == 3 else round(random.normal() + 3 * (number % 2), 3)
            writer.writerow([f"r{number}", size, "ab"[number // 2 % 2], ("no", "yes")[number % 2]])
    (tmp_path / "c.yaml").write_text(
        "dataset: {table: t.csv, id: id, target: sick}\nclassifiers: [lda]\n"
        f"validation: {{folds: 2, repeats: 1}}\noutput: run\n{REST}\n"
    )
    run(tmp_path / "c.yaml", jobs=1)
    rows = mapped(tmp_path / "run")
    assert {row["image_id"] for row in rows} == {f"r{number}" for number in range(n_rows)}
    assert "Map of the rows" in (tmp_path / "run/report.html").read_text(encoding="utf-8")
