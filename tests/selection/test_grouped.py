"""Errors over groups: against arithmetic, plain loops and scikit-learn, and at their level."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, f1_score

from bioselect.metrics.base import get_metric
from bioselect.selection import grouped
from bioselect.selection.grouped import (
    GroupedErrors,
    effective_groups,
    grouped_omnibus,
    leave_out_groups,
)
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.significance import corrected_omnibus, corrected_t, student_t
from bioselect.selection.verdict import decide

N_EFF = 3.7


def drawn(units, classes, n_candidates=3, n_repeats=4, seed=0):
    """Return predictions of candidates, and scores of rounds of which nothing else is known."""
    generator = np.random.default_rng(seed)
    tables = []
    for _ in range(n_candidates):
        right = generator.random((n_repeats, len(units))) < 0.7
        tables.append(np.eye(2)[np.where(right, classes, 1 - classes)])
    scores = 0.7 + 0.05 * generator.standard_normal((n_candidates, 5 * n_repeats))
    return OutOfFold(tuple(tables), classes, units, 2), scores


def labels_of(table):
    return table.argmax(axis=2)


def test_groups_of_one_size_that_hold_both_classes_all_count():
    classes = np.tile([0, 1], 60)
    assert effective_groups(classes, np.repeat(np.arange(12), 10)) == pytest.approx(12)


def test_one_large_group_is_hardly_more_than_one():
    units = np.array([0] * 60 + list(range(1, 11)) * 2)
    # shares 60 / 80 and ten times 2 / 80: 1 / (0.5625 + 10 * 0.000625) = 1.758; at least 2.
    assert effective_groups(np.tile([0, 1], 40), units) == 2.0
    units = np.array([0] * 20 + list(range(1, 31)) * 2)
    # 1 / ((20 / 80) ** 2 + 30 * (2 / 80) ** 2) = 12.308
    assert effective_groups(np.tile([0, 1], 40), units) == pytest.approx(12.3077, abs=1e-4)


def test_groups_of_one_class_each_count_as_welch_says():
    # 5 groups of one class and 15 of the other, variances 1 / 5 and 1 / 15 (times 1 / 4):
    # (1 / 5 + 1 / 15) ** 2 / ((1 / 5) ** 2 / 4 + (1 / 15) ** 2 / 14) = 6.8923
    classes = np.repeat([0, 1], [50, 150])
    units = np.repeat(np.arange(20), 10)
    assert effective_groups(classes, units) == pytest.approx(1 + 6.8923, abs=1e-4)


def test_for_groups_of_one_size_the_jackknife_is_the_error_of_a_mean():
    units, classes = np.repeat(np.arange(20), 5), np.tile([0, 1], 50)
    data, scores = drawn(units, classes)
    errors = leave_out_groups(data, get_metric("accuracy"), scores, [0, 1, 2], N_EFF)
    right = [(labels_of(table) == classes).mean(axis=0) for table in data.probabilities]
    by_group = (right[0] - right[1]).reshape(20, 5).mean(axis=1)
    of_groups = by_group.var(ddof=1) / 20
    of_folds = (scores[0] - scores[1]).var(ddof=1) / N_EFF
    assert errors.of_difference(0, 1) ** 2 == pytest.approx(of_groups + of_folds)
    assert (errors.n_groups, errors.df) == (20, pytest.approx(19))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("balanced_accuracy", balanced_accuracy_score),
        ("f1_macro", lambda truth, labels: f1_score(truth, labels, average="macro")),
    ],
)
def test_unequal_groups_are_left_out_one_by_one(name, function):
    generator = np.random.default_rng(3)
    units = np.repeat(np.arange(12), generator.integers(1, 20, 12))
    classes = generator.integers(0, 2, len(units))
    data, scores = drawn(units, classes)
    errors = leave_out_groups(data, get_metric(name), scores, [0, 1, 2], N_EFF)
    moved = np.array(
        [
            [
                np.mean([function(classes[kept], row[kept]) for row in labels_of(table)])
                for table in data.probabilities
            ]
            for kept in (units != group for group in range(12))
        ]
    )
    of_folds = np.cov(scores) / N_EFF
    expected = 11 / 12 * (moved - moved.mean(axis=0)).T @ (moved - moved.mean(axis=0)) + of_folds
    np.testing.assert_allclose(errors.covariance([0, 1, 2]), expected)
    assert errors.of(2) == pytest.approx(np.sqrt(expected[2, 2]))


def test_many_groups_are_left_out_several_at_a_time(monkeypatch):
    units, classes = np.arange(600), np.tile([0, 1], 300)
    data, scores = drawn(units, classes)
    metric = get_metric("accuracy")
    alone = leave_out_groups(data, metric, scores, [0, 1], N_EFF)
    assert len(alone.deviations) == 200 + 20
    monkeypatch.setattr(grouped, "MAXIMUM_PARTS", 600)
    exact = leave_out_groups(data, metric, scores, [0, 1], N_EFF)
    assert len(exact.deviations) == 600 + 20
    assert alone.of_difference(0, 1) == pytest.approx(exact.of_difference(0, 1), rel=0.1)


def test_two_candidates_with_the_same_predictions_have_no_error():
    units, classes = np.repeat(np.arange(10), 7), np.tile([0, 1], 35)
    data, scores = drawn(units, classes)
    data = OutOfFold((data.probabilities[0],) * 2, classes, units, 2)
    scores = scores[[0, 0]]
    errors = leave_out_groups(data, get_metric("accuracy"), scores, [0, 1], N_EFF)
    assert errors.of_difference(0, 1) == 0.0
    assert student_t(0.0, 0.0, errors.df).p == 1.0
    assert grouped_omnibus([0.7, 0.7], errors, [0, 1]).p == 1.0


def test_who_is_not_looked_at_has_no_error():
    units, classes = np.repeat(np.arange(10), 7), np.tile([0, 1], 35)
    data, scores = drawn(units, classes)
    data = OutOfFold((*data.probabilities[:2], None), classes, units, 2)
    errors = leave_out_groups(data, get_metric("accuracy"), scores, [0, 1], N_EFF)
    assert np.isnan(errors.of(2))
    assert np.isfinite(errors.of_difference(0, 1))


def test_the_omnibus_test_is_that_of_the_folds_where_only_they_vary():
    scores = 0.7 + 0.05 * np.random.default_rng(5).standard_normal((4, 50))
    centred = (scores - scores.mean(axis=1, keepdims=True)).T / np.sqrt(49 * N_EFF)
    errors = GroupedErrors(centred, n_groups=50, n_effective=50.0)
    found = grouped_omnibus(scores.mean(axis=1), errors, [0, 1, 2, 3])
    expected = corrected_omnibus(scores.T, N_EFF)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.epsilon == pytest.approx(expected.epsilon)
    assert found.p == pytest.approx(expected.p)
    pair = grouped_omnibus(scores[:2].mean(axis=1), errors, [0, 1])
    assert pair.statistic == pytest.approx(corrected_t(scores[0] - scores[1], N_EFF).t ** 2)


def test_one_group_says_nothing():
    units, classes = np.zeros(20, dtype=int), np.tile([0, 1], 10)
    data, scores = drawn(units, classes)
    with pytest.raises(ValueError, match=r"at least 2 groups are needed\. Got 1\."):
        leave_out_groups(data, get_metric("accuracy"), scores, [0], N_EFF)


def test_groups_whose_images_agree_are_not_taken_for_many_images():
    # 20 donors, all images of a donor right or all wrong, so that images would claim much more:
    # the t over images calls half of all pairs different, that over groups at most 1 in 20.
    units, classes = np.repeat(np.arange(20), 20), np.tile([0, 1], 200)
    generator = np.random.default_rng(8)
    called = {"groups": 0, "images": 0}
    for _ in range(100):
        right = generator.random((2, 20)) < 0.7
        labels = [np.where(one[units], classes, 1 - classes) for one in right]
        data = OutOfFold(tuple(np.eye(2)[one][None] for one in labels), classes, units, 2)
        folds = generator.permutation(np.arange(20) % 5)
        scores = np.array([[one[folds == fold].mean() for fold in range(5)] for one in right])
        errors = leave_out_groups(data, get_metric("accuracy"), scores, [0, 1], 2.2)
        difference = scores[0].mean() - scores[1].mean()
        result = student_t(difference, errors.of_difference(0, 1), errors.df)
        called["groups"] += result.p < 0.05
        called["images"] += stats.ttest_rel(*(right[:, units].astype(float))).pvalue < 0.05
    assert called["groups"] <= 5
    assert called["images"] >= 40


def test_groups_that_no_random_split_tests_tell_nothing():
    n_splits, units = 8, np.repeat(np.arange(20), 4)
    classes = np.arange(80) % 2
    out_of_fold, _ = drawn(units, classes, n_repeats=n_splits, seed=3)
    random = np.random.default_rng(4)
    folds = np.full((n_splits, 80), -1)
    for row in folds:  # of the first 15 groups
        row[np.isin(units, random.choice(15, 4, replace=False))] = 0
    tables = []
    for table in out_of_fold.probabilities:
        tables.append(np.where(folds[:, :, None] >= 0, table, np.nan))
    right = [(table.argmax(axis=2) == classes) & (folds >= 0) for table in tables]
    scores = np.array([one.sum(axis=1) / 16 for one in right])
    entrants = [Entrant("hog", f"knn{number}") for number in range(3)]
    context = Context((("a", 40), ("b", 40)), 1, n_splits, 0, 20, test_to_train=0.25)
    partial = OutOfFold(tuple(tables), classes, units, 2, folds)
    metric = get_metric("accuracy")
    found = decide(entrants, scores, partial, metric, context)
    tested = np.flatnonzero((folds >= 0).any(axis=0))
    assert len(tested) == 48  # 12 groups
    only = decide(entrants, scores, partial.of_images(tested), metric, context)
    assert found.comparisons == only.comparisons
    # By hand: one tested group after the other left out of all splits, and the spread of these.
    row = found.comparisons[0]
    first, second = (int(label[-1]) for label in (row.first, row.second))
    moved = []
    for group in np.unique(units[tested]):
        kept = (folds >= 0) & (units != group)
        moved.append((right[first][kept].sum() - right[second][kept].sum()) / kept.sum())
    of_groups = (len(moved) - 1) / len(moved) * np.sum((moved - np.mean(moved)) ** 2)
    between = scores[first] - scores[second]
    error = np.sqrt(of_groups + between.var(ddof=1) * (1 / n_splits + 0.25))
    assert row.t == pytest.approx(between.mean() / error)
    assert row.p == pytest.approx(2 * stats.t.sf(abs(row.t), 11))
