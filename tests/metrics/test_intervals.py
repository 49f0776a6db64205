"""Bootstrap intervals: the binomial law, groups, determinism, what cannot be said."""

import numpy as np
import pytest
from scipy.stats import binom

from bioselect.metrics.base import Metric, UndefinedMetricError, get_metric
from bioselect.metrics.intervals import bootstrap_interval


def right_and_wrong(n_right, n_wrong):
    """One class beside another: the first `n_right` are right."""
    truth = np.zeros(n_right + n_wrong, dtype=np.int64)
    return truth, np.eye(2)[np.repeat([0, 1], [n_right, n_wrong])]


def test_accuracy_of_independent_images_follows_the_binomial_law():
    # The number right in a draw of 100 is binomial with p = 0.8: its percentiles are 72 and 88.
    truth, table = right_and_wrong(80, 20)
    expected = binom.ppf([0.025, 0.975], 100, 0.8) / 100
    assert expected.tolist() == [0.72, 0.88]
    found = bootstrap_interval(get_metric("accuracy"), truth, table, np.arange(100), 0, 5000)
    assert found == pytest.approx(expected, abs=0.011)


def test_groups_are_drawn_whole():
    # 20 patients of 5 images, all right or all wrong: binomial of 20, four times as wide.
    truth, table = right_and_wrong(80, 20)
    units = np.repeat(np.arange(20), 5)
    expected = binom.ppf([0.025, 0.975], 20, 0.8) / 20
    found = bootstrap_interval(get_metric("accuracy"), truth, table, units, 0, 5000)
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_names_and_the_order_of_units_do_not_matter():
    truth, table = right_and_wrong(8, 4)
    units = np.repeat([0, 1, 2], 4)
    first = bootstrap_interval(get_metric("accuracy"), truth, table, units, 3)
    assert first == bootstrap_interval(get_metric("accuracy"), truth, table, units * 7 + 5, 3)
    mixed = np.random.default_rng(0).permutation(12)
    again = bootstrap_interval(get_metric("accuracy"), truth[mixed], table[mixed], units[mixed], 3)
    assert first == again


def test_unequal_units_bring_all_their_images():
    # Units of 3 right and 1 wrong image: draws have 3 of 3, 3 of 4 or 0 of 1 right... of 2 units:
    # both first (6/6), one each (3/4), both second (0/2), with chances 1/4, 1/2, 1/4.
    truth, table = right_and_wrong(3, 1)
    seen = []

    def noting(y_true, y_pred, n_classes):
        seen.append((len(y_true), int((y_true == y_pred).sum())))
        return seen[-1][1] / seen[-1][0]

    metric = Metric("noting", "higher", (0.0, 1.0), "labels", noting)
    assert bootstrap_interval(metric, truth, table, np.array([0, 0, 0, 1]), 0) == (0.0, 1.0)
    assert set(seen) == {(6, 6), (4, 3), (2, 0)}
    assert len(seen) == 1000
    assert abs(seen.count((4, 3)) - 500) < 80


def test_the_seed_decides():
    random = np.random.default_rng(0)
    truth, table = random.integers(0, 3, 60), random.dirichlet(np.ones(3), 60)
    first, second, other = (
        bootstrap_interval(get_metric("brier"), truth, table, np.arange(60), seed, 200)
        for seed in (0, 0, 1)
    )
    assert first == second != other
    low, high = first
    assert low < get_metric("brier").function(truth, table, 3) < high


def test_draws_without_a_value_are_left_out():
    # One image of class 0 among 8: (7/8)**8 = 34 % of the draws hold none of it.
    truth = np.array([0, 1, 1, 1, 1, 1, 1, 1])
    table = np.column_stack([np.linspace(0.6, 0.1, 8), np.linspace(0.4, 0.9, 8)])
    assert bootstrap_interval(get_metric("roc_auc"), truth, table, np.arange(8), 0) == (1.0, 1.0)


def test_too_few_draws_with_a_value_are_an_error():
    # All 4 images are in 4! / 4**4 = 9 % of the draws.
    def of_all_four(y_true, probabilities, n_classes):
        if len(np.unique(probabilities[:, 0])) < 4:
            raise UndefinedMetricError("an image is missing")
        return 1.0

    metric = Metric("fussy", "higher", (0.0, 1.0), "probabilities", of_all_four)
    table = np.column_stack([np.linspace(0, 1, 4), np.linspace(1, 0, 4)])
    with pytest.raises(UndefinedMetricError, match=r"fussy: .* of the 1000 .* Got one in \d\d:"):
        bootstrap_interval(metric, np.array([0, 1, 0, 1]), table, np.arange(4), 0)


def test_one_unit_says_nothing():
    truth, table = right_and_wrong(3, 1)
    with pytest.raises(
        UndefinedMetricError, match=r"at least 2 independent images or groups. Got 1"
    ):
        bootstrap_interval(get_metric("accuracy"), truth, table, np.zeros(4), 0)
