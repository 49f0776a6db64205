"""Where the products of a run lie, and how values stand in its tables."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from bioselect.run_folder import RunFolder, as_text, write_table

PATHS = [name for name, value in vars(RunFolder).items() if isinstance(value, property)]


def test_every_product_has_its_own_place_in_the_folder():
    folder = RunFolder(Path("run"))
    places = [getattr(folder, name) for name in PATHS]
    assert len(set(places)) == len(places) == 41
    assert {place.parent for place in places} == {Path("run"), Path("run/evidence")}
    # What people look at; the rest is hidden.
    assert folder.ranking == Path("run/ranking.csv")
    assert folder.model == Path("run/model")
    assert [place.name for place in places if place.name.startswith(".")] == [
        ".training",
        ".journal",
        ".lock",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (np.float64(1) / 3, "0.3333333333333333"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (np.bool_(True), "True"),
        (math.nan, ""),
        (np.nan, ""),
        (None, ""),
        (-math.inf, "-inf"),
        ("", ""),
    ],
)
def test_values_as_text(value, text):
    assert as_text(value) == text


def test_table_gives_back_every_digit_and_any_text(tmp_path):
    path = tmp_path / "new" / "table.csv"
    numbers = np.random.default_rng(0).normal(size=5)
    write_table(path, ("name", "value"), [('é, "1"\nend', value) for value in numbers])
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["value"]) for row in rows] == numbers.tolist()
    assert [row["name"] for row in rows] == ['é, "1"\nend'] * 5
    assert b"\r" not in path.read_bytes()
