"""Scores of resampled images where splits test some images only, against loops."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from bioselect.metrics.base import get_metric
from bioselect.selection.honest import bbc_cv
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.partial_scores import PartialScorer, PartialWeightedScorer, is_partial
from bioselect.selection.resampled_scores import EVALUATIONS, affordable, choose_scorer

N, SPLITS = 60, 8
TRUTH = np.arange(N) % 3


def split_predictions(n_candidates=4, seed=0, right=0.4, n=N, truth=TRUTH, n_classes=3):
    """Return predictions of a random third of the images in each split, NaN elsewhere."""
    random = np.random.default_rng(seed)
    folds = np.where(random.random((SPLITS, n)) < 1 / 3, 0, -1)
    tables = []
    for _ in range(n_candidates):
        guess = np.where(random.random((SPLITS, n)) < right, truth, (truth + 1) % n_classes)
        table = 0.7 * np.eye(n_classes)[guess] + 0.3 * random.dirichlet(
            [1] * n_classes, (SPLITS, n)
        )
        table[folds < 0] = np.nan
        tables.append(table)
    return OutOfFold(tuple(tables), truth, np.arange(n), n_classes, folds)


def draws(n=5, seed=1):
    return np.random.default_rng(seed).multinomial(N, np.full(N, 1 / N), n).astype(float)


def told_by(out_of_fold, counts, candidate):
    """Yield what each split says of a draw: true classes and predictions of repeated images."""
    for split in range(SPLITS):
        times = (counts * (out_of_fold.folds[split] >= 0)).astype(int)
        places = np.repeat(np.arange(N), times)
        yield TRUTH[places], out_of_fold.probabilities[candidate][split, places]


def test_labels_are_counted_over_all_tests():
    out_of_fold = split_predictions()
    multiplicities = draws()
    for name, function in (
        ("accuracy", lambda y, guess: np.mean(y == guess)),
        ("balanced_accuracy", balanced_accuracy_score),
    ):
        scorer, n_draws = choose_scorer(out_of_fold, get_metric(name), 500)
        assert n_draws == 500
        scores = scorer.score_all(multiplicities)
        for row, counts in enumerate(multiplicities):
            for candidate in range(4):
                told = list(told_by(out_of_fold, counts, candidate))
                truth = np.concatenate([y for y, _ in told])
                guess = np.concatenate([table.argmax(axis=1) for _, table in told])
                assert scores[row, candidate] == pytest.approx(function(truth, guess))
        chosen = np.array([3, 0, 1, 2, 0])
        np.testing.assert_array_equal(
            scorer.score_chosen(multiplicities, chosen), scores[np.arange(5), chosen]
        )


@pytest.mark.parametrize("name", ["roc_auc", "f1_macro", "log_loss"])
def test_other_metrics_are_averaged_over_splits(name):
    from bioselect.metrics.base import evaluate

    out_of_fold, multiplicities, metric = split_predictions(), draws(), get_metric(name)
    scorer, n_draws = choose_scorer(out_of_fold, metric, 70_000)
    assert isinstance(scorer, PartialWeightedScorer)
    assert n_draws == 70_000
    # Somebody's own metric has no form for many draws, and gets as many as there is time for.
    general, fewer = choose_scorer(out_of_fold, replace(metric, weighted=None), 70_000)
    assert isinstance(general, PartialScorer)
    assert fewer < 7_000
    for one in (scorer, general):
        scores = one.score_all(multiplicities)
        for row, counts in enumerate(multiplicities):
            told = told_by(out_of_fold, counts, 2)
            expected = np.mean([evaluate(metric, y, table) for y, table in told])
            assert scores[row, 2] == pytest.approx(expected)
        chosen = np.array([3, 0, 1, 2, 0])
        np.testing.assert_allclose(
            one.score_chosen(multiplicities, chosen), scores[np.arange(5), chosen]
        )


def test_an_own_metric_says_that_it_got_fewer_draws(monkeypatch):
    metric = replace(get_metric("f1_macro"), name="mine", weighted=None)
    # 200,000 evaluations for 30 candidates on 8 splits: 833 draws.
    assert affordable("labels", 30, SPLITS, 1000) == (833, SPLITS)
    # 10,000 for 5 candidates: 250.
    monkeypatch.setitem(EVALUATIONS, "labels", 10_000)
    found = bbc_cv(split_predictions(5), metric, 0, 1000)
    assert found.n_draws == 250
    assert "250 random draws instead of 1000" in found.reduced


def test_whole_repeats_are_not_partial():
    out_of_fold = split_predictions()
    assert is_partial(out_of_fold)
    whole = OutOfFold(out_of_fold.probabilities, TRUTH, np.arange(N), 3, np.zeros((SPLITS, N), int))
    assert not is_partial(whole)
    assert not is_partial(OutOfFold(out_of_fold.probabilities, TRUTH, np.arange(N), 3))


def test_images_that_no_split_tests_are_left_out():
    out_of_fold = split_predictions()
    out_of_fold.folds[:, :6] = -1
    rest = out_of_fold.of_tested_images()
    assert len(rest.class_indices) == np.sum((out_of_fold.folds >= 0).any(axis=0)) <= N - 6
    found = bbc_cv(out_of_fold, get_metric("accuracy"), 0, 200)
    assert found == bbc_cv(rest, get_metric("accuracy"), 0, 200)
    assert 0.2 < found.value < 0.6


def test_the_best_of_many_equal_ones_is_not_flattered():
    # 24 candidates that guess: the best seems better than 0.5, the honest score does not.
    metric, truth = get_metric("accuracy"), np.arange(N) % 2
    naive, honest = [], []
    for draw in range(30):
        out_of_fold = split_predictions(24, [9, draw], 0.5, truth=truth, n_classes=2)
        scorer, _ = choose_scorer(out_of_fold, metric, 1)
        naive.append(scorer.score_all(np.ones((1, N))).max())
        honest.append(bbc_cv(out_of_fold, metric, 0, 300).value)
    assert np.mean(naive) > 0.56
    assert abs(np.mean(honest) - 0.5) < 0.02
