"""Areas under curves: published values, counting pairs, and scikit-learn with many ties."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from bioselect.metrics.curves import (
    average_precision_of,
    ranking_area,
    running_sums,
    sensitivity_at,
    weighted_average_precision,
    weighted_ranking_area,
)


def test_the_area_of_hanley_and_mcneil():
    # Hanley and McNeil (1982), table I: 58 normal and 51 abnormal CT images, rated 1 to 5; the
    # area by Wilcoxon's statistic is 0.893.
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    ratings = np.concatenate([np.repeat(np.arange(1, 6), counts) for counts in (normal, abnormal)])
    assert ranking_area(np.repeat([False, True], [58, 51]), ratings) == pytest.approx(
        0.893, abs=5e-4
    )


def test_the_area_counts_pairs():
    random = np.random.default_rng(0)
    scores, positive = random.integers(0, 5, 40) / 4, random.random(40) < 0.3
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[positive] for n in scores[~positive]]
    assert ranking_area(positive, scores) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_the_ends_of_the_area():
    positive = np.array([False, False, True])
    assert ranking_area(positive, np.array([0.1, 0.2, 0.3])) == 1.0
    assert ranking_area(positive, np.array([0.2, 0.3, 0.1])) == 0.0
    assert ranking_area(positive, np.full(3, 0.2)) == 0.5


def test_average_precision_by_hand():
    # By score: positive, negative, positive, positive, negative. Precision at the positives: 1/1,
    # 2/3, 3/4, each adding a recall of 1/3.
    positive = np.array([True, False, True, True, False])
    value = average_precision_of(positive, np.array([0.9, 0.8, 0.7, 0.6, 0.5]))
    assert value == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    # All scores equal: one step, with the share of positives as its precision.
    assert average_precision_of(positive, np.zeros(5)) == pytest.approx(3 / 5)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("levels", [3, 50, 10**9])
def test_the_values_of_scikit_learn(seed, levels):
    random = np.random.default_rng(seed)
    scores, positive = random.integers(0, levels, 60) / levels, random.random(60) < 0.4
    assert ranking_area(positive, scores) == pytest.approx(
        roc_auc_score(positive, scores), abs=1e-12
    )
    assert average_precision_of(positive, scores) == pytest.approx(
        average_precision_score(positive, scores), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("levels", [3, 10**9])
def test_draws_are_those_of_repeated_images(seed, levels):
    random = np.random.default_rng(seed)
    scores, positive = random.integers(0, levels, 40) / levels, random.random(40) < 0.3
    drawn = random.integers(0, 40, (8, 40))
    weights = np.stack([np.bincount(row, minlength=40) for row in drawn]).astype(float)
    areas = weighted_ranking_area(positive, scores, weights)
    precisions = weighted_average_precision(positive, scores, weights)
    sensitivities = sensitivity_at(positive, scores, weights, 0.75)
    for place, row in enumerate(drawn):
        assert areas[place] == pytest.approx(roc_auc_score(positive[row], scores[row]))
        expected = average_precision_score(positive[row], scores[row])
        assert precisions[place] == pytest.approx(expected)
        false, true, _ = roc_curve(positive[row], scores[row], drop_intermediate=False)
        assert sensitivities[place] == pytest.approx(true[false <= 0.25 + 1e-12].max())


def test_a_draw_without_positives_or_negatives_has_no_value():
    positive, scores = np.array([True, False, True]), np.array([0.9, 0.5, 0.1])
    weights = np.array([[0.0, 3.0, 0.0], [1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    assert np.isnan(weighted_ranking_area(positive, scores, weights)).all()
    assert np.isnan(sensitivity_at(positive, scores, weights, 0.5)).all()
    # Without negatives every prediction is right.
    values = weighted_average_precision(positive, scores, weights)
    assert np.isnan(values[[0, 2]]).all()
    assert values[1] == 1.0


@pytest.mark.parametrize("n_rows", [1, 49, 50, 51, 100, 237])
@pytest.mark.parametrize("n_draws", [1, 7])
def test_running_sums_are_those_of_numpy(n_rows, n_draws):
    rows = np.random.default_rng(0).integers(0, 9, (n_rows, n_draws)).astype(float)
    np.testing.assert_array_equal(running_sums(rows), np.cumsum(rows, axis=0))
