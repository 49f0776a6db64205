"""Resampled scores where an image is tested in some splits and not in others.

As :mod:`bioselect.selection.resampled_scores`, with three ways of scoring: accuracy and balanced
accuracy count every test of an image; any other metric is evaluated split by split on the images
that the split tests, and averaged: one with a form for many draws on all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_label_sets
from bioselect.execution import one_thread
from bioselect.metrics.base import Metric, response_to
from bioselect.selection.outcome import OutOfFold


def is_partial(out_of_fold: OutOfFold) -> bool:
    """Tell whether some image is not tested in some repeat."""
    return out_of_fold.folds is not None and bool((tested_in(out_of_fold) == 0).any())


def tested_in(out_of_fold: OutOfFold) -> np.ndarray:
    """Return float64 ``(n_repeats, n_images)``: 1 where a repeat tests an image, else 0."""
    n_repeats = max(len(table) for table in out_of_fold.probabilities if table is not None)
    if out_of_fold.folds is None:
        return np.ones((n_repeats, len(out_of_fold.class_indices)))
    tested: np.ndarray = (out_of_fold.folds[:n_repeats] >= 0).astype(np.float64)
    return tested


def image_order(targets: np.ndarray) -> np.ndarray:
    """Return the order in which images are scored quickest.

    Sorted by class, the images of one are a part of each array and need not be gathered.
    """
    if is_label_sets(targets):
        return np.arange(len(targets))
    return np.argsort(targets, kind="stable")


@dataclass(frozen=True, eq=False)
class PartialCorrectness:
    """Accuracy, or its mean over the classes that a draw holds, over all tests of all images.

    `correct` is (n_images, n_candidates): how often an image was right; `n_tests` (n_images,): how
    often it was tested.
    """

    correct: np.ndarray
    n_tests: np.ndarray
    class_indices: np.ndarray
    by_class: bool

    @classmethod
    def of(cls, out_of_fold: OutOfFold, by_class: bool) -> PartialCorrectness:
        """Count over the splits."""
        tested, truth = tested_in(out_of_fold), out_of_fold.class_indices
        columns = []
        for table in out_of_fold.probabilities:
            if table is None:
                raise ValueError("candidates without predictions must be left out first.")
            # Rows that were not tested are NaN; what argmax makes of them does not count.
            columns.append(((table.argmax(axis=2) == truth) * tested).sum(axis=0))
        return cls(np.stack(columns, axis=1), tested.sum(axis=0), truth, by_class)

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        if not self.by_class:
            return self._share(multiplicities, np.ones(len(self.n_tests), dtype=bool))
        of_classes = [
            self._share(multiplicities, self.class_indices == index)
            for index in np.unique(self.class_indices)
        ]
        return _mean_of_finite(np.stack(of_classes))

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        scores: np.ndarray = self.score_all(multiplicities)[np.arange(len(chosen)), chosen]
        return scores

    def _share(self, multiplicities: np.ndarray, members: np.ndarray) -> np.ndarray:
        drawn = multiplicities[:, members]
        n_tests = drawn @ self.n_tests[members]
        with np.errstate(invalid="ignore"):
            share: np.ndarray = (drawn @ self.correct[members]) / n_tests[:, None]
        return share


class PartialWeightedScorer:
    """A metric with a form for many draws: split by split on all draws, averaged over splits."""

    def __init__(self, out_of_fold: OutOfFold, metric: Metric) -> None:
        if metric.weighted is None:
            raise ValueError(f"{metric.name} must have a form for many draws. Got none.")
        self.weighted, self.n_classes = metric.weighted, out_of_fold.n_classes
        self.metric = metric
        self.arrays, self.truth = out_of_fold.arrays, out_of_fold.class_indices
        order = image_order(self.truth)
        tested = tested_in(out_of_fold) > 0
        self.places = [order[row[order]] for row in tested]

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        with one_thread():
            columns = [self._score(multiplicities, one) for one in range(len(self.arrays))]
        return np.stack(columns, axis=1)

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        scores = np.empty(len(chosen))
        with one_thread():
            for candidate in np.unique(chosen):
                rows = chosen == candidate
                scores[rows] = self._score(multiplicities[rows], int(candidate))
        return scores

    def _score(self, multiplicities: np.ndarray, candidate: int) -> np.ndarray:
        scores = []
        for table, places in zip(self.arrays[candidate], self.places, strict=False):
            response = response_to(self.metric, table[places])
            weights = np.asfortranarray(multiplicities[:, places])
            scores.append(self.weighted(self.truth[places], response, self.n_classes, weights))
        return _mean_of_finite(np.stack(scores))


@dataclass(frozen=True, eq=False)
class PartialScorer:
    """Any metric: split by split on the repeated images that are tested, averaged over splits."""

    out_of_fold: OutOfFold
    metric: Metric
    n_repeats: int

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        n_candidates = len(self.out_of_fold.probabilities)
        return np.array(
            [[self._score(row, one) for one in range(n_candidates)] for row in multiplicities]
        )

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        pairs = zip(multiplicities, chosen, strict=True)
        return np.array([self._score(row, int(candidate)) for row, candidate in pairs])

    def _score(self, counts: np.ndarray, candidate: int) -> float:
        from bioselect.selection.resampled_scores import evaluate_if_defined

        table, truth = self.out_of_fold.probabilities[candidate], self.out_of_fold.class_indices
        if table is None:
            raise ValueError("candidates without predictions must be left out first.")
        scores = []
        for tested, predictions in zip(tested_in(self.out_of_fold), table, strict=False):
            times = (counts * tested).astype(np.int64)
            places = np.repeat(np.arange(len(times)), times)
            if len(places):
                scores.append(evaluate_if_defined(self.metric, truth[places], predictions[places]))
            if len(scores) == self.n_repeats:
                break
        return float(_mean_of_finite(np.array(scores or [np.nan])))


def _mean_of_finite(table: np.ndarray) -> np.ndarray:
    """Average over the first axis what is finite; NaN where nothing is."""
    finite = np.isfinite(table)
    with np.errstate(invalid="ignore"):
        mean: np.ndarray = np.where(finite, table, 0.0).sum(axis=0) / finite.sum(axis=0)
    return mean
