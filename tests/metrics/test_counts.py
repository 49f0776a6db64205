"""Metrics of counts: published tables and arithmetic by hand."""

import numpy as np
import pytest

from bioselect.metrics.counts import (
    accuracy_of,
    confusion_counts,
    f1_scores_of,
    kappa_of,
    matthews_of,
    mean_f1_of,
    mean_precision_of,
    mean_recall_of,
    precisions_of,
    recalls_of,
    weighted_counts,
    weighted_f1_of,
    weighted_precision_of,
)

#: True 0: 4 right, 1 called 1. True 1: 2 right, 1 called 0, 2 called 2. True 2: none. Class 3 is
#: neither true nor predicted.
COUNTS = np.array([[4, 1, 0, 0], [1, 2, 2, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=float)


def test_counting():
    true, predicted = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]), [0, 0, 1, 0, 0, 0, 1, 2, 1, 2]
    np.testing.assert_array_equal(confusion_counts(true, np.array(predicted), 4), COUNTS)


def test_accuracy():
    assert accuracy_of(COUNTS) == 0.6


def test_recalls_of_the_true_classes_only():
    np.testing.assert_allclose(recalls_of(COUNTS), [4 / 5, 2 / 5, np.nan, np.nan])
    assert mean_recall_of(COUNTS) == pytest.approx(0.6)


def test_precisions_of_the_classes_that_occur():
    # Class 2 was predicted twice and never rightly.
    np.testing.assert_allclose(precisions_of(COUNTS), [4 / 5, 2 / 3, 0, np.nan])
    assert mean_precision_of(COUNTS) == pytest.approx((4 / 5 + 2 / 3) / 3)
    # 5 true images each; class 2 has none and so no weight.
    assert weighted_precision_of(COUNTS) == pytest.approx((4 / 5 + 2 / 3) / 2)
    # A true class that is never predicted counts with 0.
    np.testing.assert_allclose(precisions_of(np.array([[2.0, 0.0], [1.0, 0.0]])), [2 / 3, 0])


def test_f1():
    # 2 * 4 / (5 + 5), 2 * 2 / (5 + 3), 0 / (0 + 2); weights 5, 5, 0 of 10.
    np.testing.assert_allclose(f1_scores_of(COUNTS), [0.8, 0.5, 0.0, np.nan])
    assert mean_f1_of(COUNTS) == pytest.approx((0.8 + 0.5 + 0.0) / 3)
    assert weighted_f1_of(COUNTS) == pytest.approx((0.8 + 0.5) / 2)


ALL = (
    accuracy_of,
    mean_recall_of,
    mean_precision_of,
    mean_f1_of,
    weighted_precision_of,
    weighted_f1_of,
    matthews_of,
    kappa_of,
)


@pytest.mark.parametrize("of_counts", ALL)
@pytest.mark.filterwarnings("error")
def test_of_many_tables_each_has_its_own_value_and_an_empty_one_has_none(of_counts):
    tables = np.random.default_rng(0).integers(0, 6, (2, 5, 4, 4)).astype(float)
    tables[1, 3] = 0
    values = of_counts(tables)
    assert values.shape == (2, 5)
    for place in np.ndindex(2, 5):
        np.testing.assert_array_equal(values[place], of_counts(tables[place]))
    assert np.flatnonzero(np.isnan(values)).tolist() == [8]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_weighted_counts_are_those_of_repeated_images(is_sorted):
    random = np.random.default_rng(1)
    true, predicted = random.integers(0, 5, (2, 40))
    true[true == 3] = 2  # One class has no image.
    if is_sorted:
        true = np.sort(true)
    weights = random.integers(0, 4, (7, 40)).astype(float)
    counts = weighted_counts(true, predicted, 5, weights)
    for row, table in zip(weights.astype(int), counts, strict=True):
        images = np.repeat(np.arange(40), row)
        np.testing.assert_array_equal(confusion_counts(true[images], predicted[images], 5), table)


def test_matthews_of_two_classes():
    # (TP * TN - FP * FN) / sqrt((TP+FP)(TP+FN)(TN+FP)(TN+FN)) for TN 20, FP 5, FN 10, TP 15.
    expected = (15 * 20 - 5 * 10) / np.sqrt(20 * 25 * 25 * 30)
    assert matthews_of(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(expected)


def test_matthews_at_its_ends():
    assert matthews_of(np.diag([7.0, 3.0, 11.0])) == 1.0
    assert matthews_of(np.array([[0.0, 5.0], [5.0, 0.0]])) == -1.0
    assert matthews_of(np.array([[5.0, 0.0], [5.0, 0.0]])) == 0.0
    assert matthews_of(np.array([[5.0, 5.0], [0.0, 0.0]])) == 0.0


def test_kappa_of_cohen():
    # Cohen (1960), table 1: proportions of three categories, agreement 0.70, by chance 0.41:
    # kappa (0.70 - 0.41) / (1 - 0.41) = 0.492.
    table = np.array([[88.0, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert kappa_of(table) == pytest.approx(0.492, abs=5e-4)


@pytest.mark.filterwarnings("error")
def test_kappa_without_any_chance():
    assert np.isnan(kappa_of(np.array([[9.0, 0.0], [0.0, 0.0]])))
    assert kappa_of(np.array([[5.0, 4.0], [0.0, 0.0]])) == 0.0
