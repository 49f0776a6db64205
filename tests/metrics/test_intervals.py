"""Bootstrap intervals: the binomial law, groups, determinism, what cannot be said."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from bioselect.metrics.base import ChosenMetric, Metric, UndefinedMetricError, get_metric
from bioselect.metrics.intervals import bootstrap_interval, widened_if_perfect
from bioselect.registry import ComponentSpec


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
    # One image of class 0 among 8: (7/8)**8 = 34 % of the draws hold none of it. All others give
    # 1, and the rarest of the 2 classes has 1 image: 0.05 ** (1 / 2).
    truth = np.array([0, 1, 1, 1, 1, 1, 1, 1])
    table = np.column_stack([np.linspace(0.6, 0.1, 8), np.linspace(0.4, 0.9, 8)])
    found = bootstrap_interval(get_metric("roc_auc"), truth, table, np.arange(8), 0)
    assert found == (pytest.approx(math.sqrt(0.05)), 1.0)


@pytest.mark.parametrize(
    ("name", "units", "n"),
    [
        ("accuracy", np.arange(40), 40),
        ("accuracy", np.repeat(np.arange(10), 4), 10),
        # 10 and 30 images of two classes: as much as 2 x 10.
        ("balanced_accuracy", np.arange(40), 20),
        # Groups of 5: 2 of one class and 6 of the other.
        ("balanced_accuracy", np.repeat(np.arange(8), 5), 4),
    ],
)
def test_what_is_all_right_has_the_exact_binomial_limit(name, units, n):
    truth = np.repeat([0, 1], [10, 30])
    found = bootstrap_interval(get_metric(name), truth, np.eye(2)[truth], units, 0)
    # scipy's exact interval of n successes in n trials; one-sided 95 % is two-sided 90 %.
    exact = binomtest(n, n).proportion_ci(0.90, method="exact")
    assert found == (pytest.approx(exact.low), 1.0)
    assert found[0] == pytest.approx(1 - 3 / n, abs=5 / n**2)  # the rule of three


def test_the_limit_of_balanced_accuracy_holds_whichever_class_is_hard():
    # Recalls r and s of classes with 10 and 30 images: all 40 are right with r**10 * s**30. Among
    # those for which that is at least 5 % the lowest mean must not lie under the limit.
    r = np.linspace(0.05**0.1, 1.0, 2001)
    s = np.minimum(1.0, (0.05 / r**10) ** (1 / 30))
    truth = np.repeat([0, 1], [10, 30])
    limit, _ = widened_if_perfect(1.0, 1.0, get_metric("balanced_accuracy"), truth, np.arange(40))
    assert limit < ((r + s) / 2).min() < limit + 0.01


def test_other_scales_and_directions_of_a_perfect_score():
    truth, units = np.repeat([0, 1], 20), np.arange(40)
    short = 1 - 0.05 ** (1 / 40)
    for name, best, expected in [
        ("matthews_corrcoef", 1.0, (1 - 2 * short, 1.0)),
        ("brier", 0.0, (0.0, 2 * short)),
    ]:
        found = widened_if_perfect(best, best, get_metric(name), truth, units)
        assert found == pytest.approx(expected)
    endless = Metric("endless", "lower", (0.0, math.inf), "probabilities", lambda y, p, n: 0.0)
    assert widened_if_perfect(0.0, 0.0, endless, truth, units) == (0.0, 0.0)


@pytest.mark.parametrize("interval", [(0.9, 1.0), (0.8, 0.8), (0.0, 0.0)])
def test_an_interval_of_anything_else_stays(interval):
    truth = np.repeat([0, 1], 20)
    metric = get_metric("balanced_accuracy")
    assert widened_if_perfect(*interval, metric, truth, np.arange(40)) == interval


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


def test_labels_are_drawn_at_once_with_the_values_of_one_by_one():
    random = np.random.default_rng(5)
    labels = (random.random((50, 3)) < [0.5, 0.2, 0.06]).astype(int)
    table = np.clip(0.6 * random.random((50, 3)) + 0.4 * labels, 0, 1)
    units = np.repeat(np.arange(25), 2)
    spec = ComponentSpec.of("recall", {"positive": "rare"})
    for chosen in (
        ChosenMetric(ComponentSpec("f1_macro"), ("a", "b", "rare"), True),
        ChosenMetric(spec, ("a", "b", "rare"), True),
    ):
        metric = get_metric(chosen)
        one_by_one = replace(metric, weighted=None)
        found = bootstrap_interval(metric, labels, table, units, seed=1)
        assert found == pytest.approx(
            bootstrap_interval(one_by_one, labels, table, units, seed=1), abs=1e-12
        )
