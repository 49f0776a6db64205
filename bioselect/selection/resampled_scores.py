"""Scores of every candidate on many resampled versions of one data set.

A resampled version is a row of multiplicities: how often each image occurs in it. Three ways of
scoring, from fast to general:

* accuracy and balanced accuracy are averages of per-image correctness: two matrix products;
* ROC AUC is a count of pairs in the right order: two matrix products a candidate. Only pairs that
  one model has scored are counted, because the models of two folds have different scales;
* any other metric is evaluated on the repeated images of each draw and repeat, pooled over the
  folds of a repeat. Its cost is bounded by :data:`EVALUATIONS`.

Sums are sums of whole numbers, so that they do not depend on the number of threads.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bioselect.metrics.base import Metric, evaluate
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.partial_scores import PartialCorrectness, PartialScorer, is_partial

#: Evaluations of a metric that the general way may cost, by what the metric takes: with the
#: built-in metrics and 1,000 images less than a minute. It is a count, not a time, so that the
#: result is the same on every machine.
EVALUATIONS = {"labels": 200_000, "probabilities": 60_000}

#: The general way uses at least this many draws, and fewer repeats where that is too costly.
MINIMUM_DRAWS = 200

#: ROC AUC of more pairs of images than this takes too much memory for the matrix of pairs.
MAXIMUM_PAIRS = 4_000_000


class ResampledScorer(Protocol):
    """Scores candidates on resampled images; NaN where a draw has no score."""

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return (n_draws, n_candidates) from multiplicities (n_draws, n_images)."""
        ...

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return (n_draws,): in every draw the score of the candidate chosen for it."""
        ...


def choose_scorer(
    out_of_fold: OutOfFold, metric: Metric, n_draws: int
) -> tuple[ResampledScorer, int]:
    """Return the fastest scorer for a metric, and the number of draws it can afford.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Of candidates that did not fail, at least one.
    metric : Metric
        The deciding metric.
    n_draws : int
        The number of draws that is wanted.
    """
    if is_partial(out_of_fold):
        return _partial_scorer(out_of_fold, metric, n_draws)
    if metric.name in ("accuracy", "balanced_accuracy"):
        by_class = metric.name == "balanced_accuracy"
        correct = correct_counts(out_of_fold)
        n_repeats = _arrays(out_of_fold)[0].shape[0]
        classes = out_of_fold.class_indices
        return CorrectnessScorer(correct, n_repeats, classes, by_class), n_draws
    counts = np.bincount(out_of_fold.class_indices, minlength=out_of_fold.n_classes)
    n_pairs = int(np.max(counts * (counts.sum() - counts)))
    if metric.name == "roc_auc" and n_pairs <= MAXIMUM_PAIRS:
        return PairScorer(out_of_fold), n_draws
    n_repeats = _arrays(out_of_fold)[0].shape[0]
    draws, repeats = affordable(metric.response, len(out_of_fold.probabilities), n_repeats, n_draws)
    return GeneralScorer(out_of_fold, metric, repeats), draws


def _partial_scorer(
    out_of_fold: OutOfFold, metric: Metric, n_draws: int
) -> tuple[ResampledScorer, int]:
    if metric.name in ("accuracy", "balanced_accuracy"):
        by_class = metric.name == "balanced_accuracy"
        return PartialCorrectness.of(out_of_fold, by_class), n_draws
    n_repeats = _arrays(out_of_fold)[0].shape[0]
    draws, repeats = affordable(metric.response, len(out_of_fold.probabilities), n_repeats, n_draws)
    return PartialScorer(out_of_fold, metric, repeats), draws


def affordable(response: str, n_candidates: int, n_repeats: int, n_draws: int) -> tuple[int, int]:
    """Return how many draws and repeats keep the general way within :data:`EVALUATIONS`.

    Examples
    --------
    >>> affordable("labels", n_candidates=2, n_repeats=10, n_draws=1000)
    (1000, 10)
    >>> affordable("probabilities", n_candidates=48, n_repeats=10, n_draws=1000)
    (200, 6)
    """
    budget = EVALUATIONS[response]
    draws = min(n_draws, max(MINIMUM_DRAWS, budget // (n_candidates * n_repeats)))
    return draws, min(n_repeats, max(1, budget // (n_candidates * draws)))


def correct_counts(out_of_fold: OutOfFold) -> np.ndarray:
    """Return (n_images, n_candidates): in how many repeats an image was classified rightly."""
    truth = out_of_fold.class_indices
    columns = [(array.argmax(axis=2) == truth).sum(axis=0) for array in _arrays(out_of_fold)]
    return np.stack(columns, axis=1).astype(np.float64)


def _arrays(out_of_fold: OutOfFold) -> list[np.ndarray]:
    arrays = [array for array in out_of_fold.probabilities if array is not None]
    if not arrays or len(arrays) != len(out_of_fold.probabilities):
        raise ValueError("candidates without predictions must be left out first.")
    return arrays


def _mean_of_present(table: np.ndarray) -> np.ndarray:
    """Average over the first axis what is not NaN; NaN where nothing is left."""
    present = np.isfinite(table)
    with np.errstate(invalid="ignore"):
        mean: np.ndarray = np.where(present, table, 0.0).sum(axis=0) / present.sum(axis=0)
    return mean


@dataclass(frozen=True, eq=False)
class CorrectnessScorer:
    """Accuracy, or its mean over the classes that a draw holds.

    `correct` is (n_images, n_candidates): in how many of `n_repeats` an image was right.
    """

    correct: np.ndarray
    n_repeats: int
    class_indices: np.ndarray
    by_class: bool

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        if not self.by_class:
            return self._share(multiplicities, self.correct)
        shares = []
        for index in np.unique(self.class_indices):
            members = self.class_indices == index
            shares.append(self._share(multiplicities[:, members], self.correct[members]))
        return _mean_of_present(np.stack(shares))

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        scores: np.ndarray = self.score_all(multiplicities)[np.arange(len(chosen)), chosen]
        return scores

    def _share(self, multiplicities: np.ndarray, correct: np.ndarray) -> np.ndarray:
        tested = multiplicities.sum(axis=1, keepdims=True) * self.n_repeats
        with np.errstate(invalid="ignore"):
            share: np.ndarray = (multiplicities @ correct) / tested
        return share


class PairScorer:
    """ROC AUC: of two classes, or one class against the rest averaged over the classes.

    It is the share of pairs (one image of the class, one of another) in the right order, over
    the pairs that were tested in the same fold of a repeat; ties count half.
    """

    def __init__(self, out_of_fold: OutOfFold) -> None:
        self.arrays = _arrays(out_of_fold)
        self.folds = out_of_fold.folds
        truth = out_of_fold.class_indices
        present = [int(index) for index in np.unique(truth)]
        self.positives = [1] if out_of_fold.n_classes == 2 else present
        self.members = [
            (np.flatnonzero(truth == index), np.flatnonzero(truth != index))
            for index in self.positives
        ]
        self.comparable = [self._comparable(inside, outside) for inside, outside in self.members]
        self._ordered: dict[tuple[int, int], np.ndarray] = {}

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        compared = self._compared(multiplicities)
        columns = [
            self._score(multiplicities, compared, candidate)
            for candidate in range(len(self.arrays))
        ]
        return np.stack(columns, axis=1)

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        compared = self._compared(multiplicities)
        scores = np.empty(len(chosen))
        for candidate in np.unique(chosen):
            rows = chosen == candidate
            scores[rows] = self._score(multiplicities[rows], compared[:, rows], int(candidate))
        return scores

    def _compared(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return (n_curves, n_draws): how many pairs each draw compares."""
        return np.stack(
            [
                self._sum_of_pairs(multiplicities, position, table)
                for position, table in enumerate(self.comparable)
            ]
        )

    def _score(
        self, multiplicities: np.ndarray, compared: np.ndarray, candidate: int
    ) -> np.ndarray:
        ordered = [
            self._sum_of_pairs(multiplicities, position, self._pairs(candidate, position))
            for position in range(len(self.members))
        ]
        with np.errstate(invalid="ignore"):
            areas: np.ndarray = np.stack(ordered) / (2.0 * compared)
        return _mean_of_present(areas)

    def _sum_of_pairs(
        self, multiplicities: np.ndarray, position: int, table: np.ndarray
    ) -> np.ndarray:
        inside, outside = self.members[position]
        weighted = multiplicities[:, inside] @ table
        total: np.ndarray = (weighted * multiplicities[:, outside]).sum(axis=1)
        return total

    def _same_fold(self, repeat: int, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
        if self.folds is None:
            return np.ones((len(inside), len(outside)))
        fold = self.folds[repeat]
        same: np.ndarray = fold[inside][:, None] == fold[outside][None]
        return same.astype(np.float64)

    def _comparable(self, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
        """Count in how many repeats two images were tested by one model."""
        total = np.zeros((len(inside), len(outside)))
        for repeat in range(self.arrays[0].shape[0]):
            total += self._same_fold(repeat, inside, outside)
        return total

    def _pairs(self, candidate: int, position: int) -> np.ndarray:
        """Count, over repeats, 2 for a pair in the right order and 1 for a tie."""
        key = (candidate, position)
        if key not in self._ordered:
            inside, outside = self.members[position]
            total = np.zeros((len(inside), len(outside)))
            for repeat, table in enumerate(self.arrays[candidate]):
                response = table[:, self.positives[position]]
                order = np.sign(response[inside][:, None] - response[outside][None]) + 1.0
                total += order * self._same_fold(repeat, inside, outside)
            self._ordered = {**self._ordered, key: total} if self._small() else {key: total}
        return self._ordered[key]

    def _small(self) -> bool:
        """Tell whether the tables of all candidates may be kept in memory (under 0.5 GB)."""
        cells = sum(len(inside) * len(outside) for inside, outside in self.members)
        return cells * len(self.arrays) < 60_000_000


@dataclass(frozen=True, eq=False)
class GeneralScorer:
    """Any metric: evaluated on the repeated images of a draw, averaged over some repeats."""

    out_of_fold: OutOfFold
    metric: Metric
    n_repeats: int

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        n_candidates = len(self.out_of_fold.probabilities)
        scores = np.empty((len(multiplicities), n_candidates))
        for row, counts in enumerate(multiplicities):
            indices = _repeated(counts)
            for candidate in range(n_candidates):
                scores[row, candidate] = self._score(indices, candidate)
        return scores

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        pairs = zip(multiplicities, chosen, strict=True)
        return np.array([self._score(_repeated(counts), int(index)) for counts, index in pairs])

    def _score(self, indices: np.ndarray, candidate: int) -> float:
        truth = self.out_of_fold.class_indices[indices]
        table = _arrays(self.out_of_fold)[candidate]
        scores = [
            evaluate_if_defined(self.metric, truth, table[repeat, indices])
            for repeat in range(self.n_repeats)
        ]
        return float(np.mean(scores))


def _repeated(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts.astype(np.int64))


def evaluate_if_defined(metric: Metric, truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Evaluate a metric; NaN where it has no value, or raises, because a class is absent.

    Resampled images may lack a class that all folds had.
    """
    with warnings.catch_warnings():
        # scikit-learn warns of absent classes at every draw.
        warnings.simplefilter("ignore")
        try:
            return evaluate(metric, truth, probabilities)
        except ValueError:
            return math.nan
