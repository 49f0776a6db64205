"""Metrics of counts: published tables and arithmetic by hand."""

import numpy as np
import pytest

from bioselect.metrics.counts import (
    accuracy_of,
    confusion_counts,
    f1_of,
    kappa_of,
    matthews_of,
    precisions_of,
    recalls_of,
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
    np.testing.assert_allclose(recalls_of(COUNTS), [4 / 5, 2 / 5])


def test_precisions_of_the_classes_that_occur():
    # Class 2 was predicted twice and never rightly.
    np.testing.assert_allclose(precisions_of(COUNTS), [4 / 5, 2 / 3, 0])
    # A true class that is never predicted counts with 0.
    np.testing.assert_allclose(precisions_of(np.array([[2.0, 0.0], [1.0, 0.0]])), [2 / 3, 0])


def test_f1():
    # 2 * 4 / (5 + 5), 2 * 2 / (5 + 3), 0 / (0 + 2); weights 5, 5, 0 of 10.
    assert f1_of(COUNTS, weighted=False) == pytest.approx((0.8 + 0.5 + 0.0) / 3)
    assert f1_of(COUNTS, weighted=True) == pytest.approx((0.8 + 0.5) / 2)


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
