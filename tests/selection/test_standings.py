"""Who is ahead after some folds."""

import math
from types import SimpleNamespace

import numpy as np

from bioselect.data.splitting import draw_folds
from bioselect.metrics.base import get_metric
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.standings import mean_scores, ranked

CLASSES = np.arange(20) % 2
PLAN = draw_folds(CLASSES, np.arange(20), 4, 2, 0)
PROBLEM = Problem(CLASSES, 2, np.arange(20), PLAN, "accuracy", 0)


def candidate(name):
    return Candidate(ComponentSpec("hog"), ComponentSpec(name))


def folds_of(one, n_folds, n_wrong=0):
    """Return folds in each of which so many images are taken for the other class."""
    results = []
    for fold in PLAN.folds[:n_folds]:
        truth = CLASSES[fold.test].copy()
        truth[:n_wrong] = 1 - truth[:n_wrong]
        results.append(FoldResult(one, fold.repeat, fold.index, np.eye(2)[truth]))
    return results


def test_means_are_over_the_folds_that_are_there():
    good, bad = candidate("svm"), candidate("lda")
    scores = mean_scores(
        {good: folds_of(good, 4), bad: folds_of(bad, 8, n_wrong=1)}, PROBLEM, get_metric("accuracy")
    )
    assert scores == {good: 1.0, bad: 0.8}  # 4 of 5 images right in each fold


def test_a_failed_fold_leaves_no_score():
    one = candidate("svm")
    results = [*folds_of(one, 3), FoldResult(one, 0, 3, None, error="boom")]
    assert math.isnan(mean_scores({one: results}, PROBLEM, get_metric("accuracy"))[one])


def test_the_direction_of_the_metric_and_the_label_decide():
    a, b, c = candidate("a"), candidate("b"), candidate("c")
    scores = {c: 0.5, b: 0.5, a: 0.9}
    assert ranked(scores, SimpleNamespace(higher_is_better=True)) == [a, b, c]
    assert ranked(scores, SimpleNamespace(higher_is_better=False)) == [b, c, a]
