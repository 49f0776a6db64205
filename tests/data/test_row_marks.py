"""Equal rows are copies, where chance would not make them equal."""

from pathlib import Path

import numpy as np
import pytest

from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.row_marks import chance_pairs, row_marks
from bioselect.data.splitting import independent_units


def marks_of(rows):
    rows = np.asarray(rows, dtype=float)
    names = [f"r{place}" for place in range(len(rows))]
    records = tuple(ImageRecord(name, Path("t.csv"), "a", part=name) for name in names)
    table = FeatureTable(tuple(Column(f"c{n}") for n in range(rows.shape[1])), rows)
    return row_marks(ImageDataset("t", Path(), records, ("a",)), table)


def units_of(rows):
    marks = marks_of(rows)
    pictures = [one.picture_sha256 for one in marks]
    return independent_units([None] * len(marks), pictures, [one.is_constant for one in marks])


def test_measured_rows_that_are_equal_stay_together():
    rows = np.random.default_rng(0).normal(size=(50, 5))
    rows[7] = rows[3]
    units = units_of(rows)
    assert units[7] == units[3]
    assert len(set(units.tolist())) == 49


def test_rows_that_chance_makes_equal_do_not():
    # One column of yes and no: half of all pairs are equal by chance.
    assert len(set(units_of(np.tile([[0.0], [1.0]], (20, 1))).tolist())) == 40


def test_rows_in_which_nothing_is_known_are_no_copies():
    rows = np.random.default_rng(0).normal(size=(50, 5))
    rows[:2] = np.nan
    assert [one.is_constant for one in marks_of(rows)][:3] == [True, True, False]


def test_chance_by_simulation():
    # Two columns with 4 and 5 equally likely values, 100 rows: 4950 pairs, each equal with
    # probability 1/20; 247.5 by arithmetic, and by drawing many times.
    random = np.random.default_rng(0)
    counts = []
    for _ in range(200):
        drawn = random.integers(0, 4, 100) * 5 + random.integers(0, 5, 100)
        same = np.bincount(drawn)
        counts.append((same * (same - 1) // 2).sum())
    even = np.array([[a, b] for a in range(4) for b in range(5)] * 5, dtype=float)
    assert chance_pairs(even) == pytest.approx(4950 / 20)
    assert np.mean(counts) == pytest.approx(4950 / 20, rel=0.03)
