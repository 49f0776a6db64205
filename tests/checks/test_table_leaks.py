"""Columns that tell the target are named; those that merely help are not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from bioselect.checks.table_leaks import correlation, leak_findings, rank_correlation, tells
from bioselect.checks.table_remedies import ColumnRemedies
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable

RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=200)


def findings(targets, **columns):
    kinds = {"number": None}
    made = [Column(name, kinds.get(name)) for name in columns]
    table = FeatureTable(tuple(made), np.column_stack(list(columns.values())))
    return [one.what for one in leak_findings(table, targets, "size")]


def test_correlation_equals_numpy():
    noisy = VALUES + 0.3 * RANDOM.normal(size=200)
    assert correlation(noisy, VALUES) == pytest.approx(np.corrcoef(noisy, VALUES)[0, 1], abs=1e-12)
    gaps = noisy.copy()
    gaps[:50] = np.nan
    expected = np.corrcoef(noisy[50:], VALUES[50:])[0, 1]
    assert correlation(gaps, VALUES) == pytest.approx(expected, abs=1e-12)


def test_rank_correlation_equals_scipy():
    random = np.random.default_rng(2)
    rounded = np.round(VALUES + 0.3 * random.normal(size=200), 1)  # with ties
    rounded[:30] = np.nan
    expected = spearmanr(rounded[30:], VALUES[30:]).statistic
    assert rank_correlation(rounded, VALUES) == pytest.approx(expected, abs=1e-12)


def test_perimeter_and_area_tell_the_radius():
    # By SciPy: r of mean area is 0.9874, its rank correlation 0.9996; of worst radius 0.970.
    table = pd.read_csv(Path(__file__).parents[2] / "datasets" / "breast_cancer.csv")
    numbers = table.drop(columns=["id", "diagnosis", "mean radius"])
    columns = {name: numbers[name].to_numpy(dtype=float, copy=True) for name in numbers}
    columns["mean area"][3] = np.nan
    [told] = findings(table["mean radius"].to_numpy(), **columns)
    assert told == (
        "columns that correlate with size above 0.99: mean perimeter (r = 0.998), mean area (rank "
        "correlation 0.9996)."
    )


def test_one_missing_cell_hides_no_leak():
    classes = (VALUES > 0).astype(np.int64)
    gaps = VALUES.copy()
    gaps[3] = np.nan
    assert "value (missing in 1 rows)" in findings(classes, value=gaps)[0]
    codes = np.where(classes == 1, 1.0, 0.0)
    codes[:2] = np.nan
    assert tells(Column("stage", ("a", "b")), codes, classes)


def test_a_category_that_is_known_of_one_class_only():
    classes = np.repeat([0, 1], 30)
    cause = np.where(classes == 1, np.arange(60) % 3, np.nan)
    assert tells(Column("cause of death", ("a", "b", "c")), cause, classes)


def test_codes_that_do_not_rise_with_the_target():
    codes = np.repeat([1.0, 2, 3], 20)
    assert tells(Column("code"), codes, np.repeat([0, 1, 0], 20))
    assert tells(Column("code"), codes, np.repeat([2.5, 0.5, 4.0], 20))


def test_beside_images_the_remedy_is_a_key_that_goes_there():
    table = FeatureTable((Column("size"),), VALUES[:, None])
    [found] = leak_findings(table, VALUES, "age", ColumnRemedies(are_joined=True))
    assert "take size out of dataset.columns" in found.remedy
    assert "exclude" not in found.remedy


def test_above_099_is_told_and_below_is_not():
    # r of a value with itself and noise of deviation s is 1 / sqrt(1 + s^2): 0.9950 for 0.1,
    # 0.9806 for 0.2.
    noise = np.random.default_rng(1).normal(size=200)
    near, far = VALUES + 0.1 * noise, VALUES + 0.2 * noise
    [told] = findings(VALUES, near=near, far=far, minus=-VALUES)
    assert "near (r = 0.99" in told
    assert "minus (r = -1.000)" in told
    assert "far" not in told


def test_classes_that_lie_apart_in_one_column():
    classes = (VALUES > 0).astype(np.int64)
    [told] = findings(classes, value=VALUES, other=RANDOM.normal(size=200))
    assert "alone tell size in every row: value." in told
    classes[0] = 1 - classes[0]  # one row is enough for it to be no perfect predictor
    assert findings(classes, value=VALUES) == []


def test_categories():
    codes, classes = np.repeat([0.0, 1, 2], 10), np.repeat([0, 1, 1], 10)
    assert tells(Column("code", ("a", "b", "c")), codes, classes)
    classes[0] = 1
    assert not tells(Column("code", ("a", "b", "c")), codes, classes)
    each = Column("name", tuple("abcd"))
    assert not tells(each, np.arange(4.0), np.array([0, 0, 1, 1]))  # a name for every row


def test_few_rows_are_not_judged():
    assert findings(np.arange(5) % 2, value=np.arange(5.0) % 2) == []


def test_labels_are_not_judged():
    assert findings(np.zeros((200, 2), dtype=int), value=VALUES) == []
