"""Scores of every candidate on many resampled versions of one data set.

A resampled version is a row of multiplicities: how often each image occurs in it. The ways of
scoring, from fast to general:

* accuracy and balanced accuracy are averages of per-image correctness: two matrix products;
* ROC AUC is a count of pairs in the right order (:mod:`bioselect.selection.resampled_areas`);
* a metric with a form for many draws (all built-in ones) is evaluated on all of them at once, the
  folds of a repeat pooled;
* any other metric is evaluated on the repeated images of each draw and repeat. Its cost is bounded
  by :data:`EVALUATIONS`, and the result says how many draws and repeats there was time for.

Sums of whole numbers do not depend on the number of threads; other sums are made in one thread.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bioselect.execution import one_thread
from bioselect.metrics.base import Metric, evaluate, response_to
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.partial_scores import (
    PartialCorrectness,
    PartialScorer,
    PartialWeightedScorer,
    image_order,
    is_partial,
)
from bioselect.selection.resampled_areas import (
    MAXIMUM_PAIRS,
    PairScorer,
    RankScorer,
    mean_of_present,
    n_pairs_of,
)

#: Evaluations of a metric that the general way may cost, by what the metric takes: with metrics
#: like the built-in ones and 1,000 images less than a minute. It is a count, not a time, so that
#: the result is the same on every machine.
EVALUATIONS = {
    "labels": 200_000,
    "label_sets": 200_000,
    "probabilities": 60_000,
    "label_probabilities": 60_000,
    "values": 200_000,
    "scores": 200_000,
}

#: Draws are evaluated in parts of so many multiplicities, which fit into the cache of a processor.
PART_CELLS = 64_000
#: But of at least so many draws, for which the images are sorted or counted once.
PART_DRAWS = 32

#: The general way uses at least this many draws, and fewer repeats where that is too costly.
MINIMUM_DRAWS = 200


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

    All but the general one afford all draws, on all repeats.

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
    n_repeats = len(out_of_fold.arrays[0])
    if metric.name in ("accuracy", "balanced_accuracy"):
        by_class = metric.name == "balanced_accuracy"
        correct = correct_counts(out_of_fold)
        classes = out_of_fold.class_indices
        return CorrectnessScorer(correct, n_repeats, classes, by_class), n_draws
    if metric.name == "roc_auc":
        small = n_pairs_of(out_of_fold) <= MAXIMUM_PAIRS
        return PairScorer(out_of_fold) if small else RankScorer(out_of_fold), n_draws
    if metric.weighted is not None:
        return WeightedScorer(out_of_fold, metric), n_draws
    draws, repeats = affordable(metric.response, len(out_of_fold.probabilities), n_repeats, n_draws)
    return GeneralScorer(out_of_fold, metric, repeats), draws


def _partial_scorer(
    out_of_fold: OutOfFold, metric: Metric, n_draws: int
) -> tuple[ResampledScorer, int]:
    if metric.name in ("accuracy", "balanced_accuracy"):
        by_class = metric.name == "balanced_accuracy"
        return PartialCorrectness.of(out_of_fold, by_class), n_draws
    if metric.weighted is not None:
        return PartialWeightedScorer(out_of_fold, metric), n_draws
    n_repeats = len(out_of_fold.arrays[0])
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
    columns = [(array.argmax(axis=2) == truth).sum(axis=0) for array in out_of_fold.arrays]
    return np.stack(columns, axis=1).astype(np.float64)


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
        return mean_of_present(np.stack(shares))

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        scores: np.ndarray = self.score_all(multiplicities)[np.arange(len(chosen)), chosen]
        return scores

    def _share(self, multiplicities: np.ndarray, correct: np.ndarray) -> np.ndarray:
        tested = multiplicities.sum(axis=1, keepdims=True) * self.n_repeats
        with np.errstate(invalid="ignore"):
            share: np.ndarray = (multiplicities @ correct) / tested
        return share


class WeightedScorer:
    """A metric with a form for many draws: all draws at once, averaged over the repeats."""

    def __init__(self, out_of_fold: OutOfFold, metric: Metric) -> None:
        if metric.weighted is None:
            raise ValueError(f"{metric.name} must have a form for many draws. Got none.")
        self.weighted, self.n_classes = metric.weighted, out_of_fold.n_classes
        self.order = image_order(out_of_fold.class_indices)
        self.truth = out_of_fold.class_indices[self.order]
        self.responses = [response_to(metric, array) for array in out_of_fold.arrays]

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        weights = multiplicities[:, self.order]
        scores = np.empty((len(weights), len(self.responses)))
        with one_thread():
            for rows, part in self._parts(weights):
                for number in range(len(self.responses)):
                    scores[rows, number] = self._score(part, number)
        return scores

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        weights = multiplicities[:, self.order]
        scores = np.empty(len(chosen))
        with one_thread():
            for candidate in np.unique(chosen):
                draws = np.flatnonzero(chosen == candidate)
                for rows, part in self._parts(weights[draws]):
                    scores[draws[rows]] = self._score(part, int(candidate))
        return scores

    def _parts(self, weights: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the draws in parts; in memory one image stands after the other.

        Metrics that sort gather images, and so whole rows of numbers.
        """
        n_rows = max(PART_DRAWS, PART_CELLS // len(self.truth))
        for start in range(0, len(weights), n_rows):
            rows = slice(start, start + n_rows)
            yield rows, np.asfortranarray(weights[rows])

    def _score(self, weights: np.ndarray, candidate: int) -> np.ndarray:
        scores = [
            self.weighted(self.truth, response[self.order], self.n_classes, weights)
            for response in self.responses[candidate]
        ]
        mean: np.ndarray = np.mean(scores, axis=0)
        return mean


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
        table = self.out_of_fold.arrays[candidate]
        scores = [
            evaluate_if_defined(self.metric, truth, table[repeat, indices])
            for repeat in range(self.n_repeats)
        ]
        return float(np.mean(scores))


def _repeated(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts.astype(np.int64))


def evaluate_if_defined(metric: Metric, truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Evaluate a metric; NaN where it has no value, or raises, because a class is absent.

    Resampled images may lack a class that all folds had, and somebody's own metric may then divide
    by zero, or raise anything: hours of work must not end there. What it raises on the folds is
    told with their scores.
    """
    with warnings.catch_warnings():
        # scikit-learn warns of absent classes at every draw.
        warnings.simplefilter("ignore")
        try:
            return evaluate(metric, truth, probabilities)
        except Exception:
            return math.nan
