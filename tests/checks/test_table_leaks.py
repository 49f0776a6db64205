"""Columns that tell the target are named; those that merely help are not."""

import numpy as np
import pytest

from bioselect.checks.table_leaks import correlation, leak_findings, tells
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
