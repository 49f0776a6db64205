"""ROC AUC of every candidate on many resampled versions of one data set.

It is the share of pairs (one image of a class, one of another) in the right order. Only pairs that
one model has scored are counted, because the models of two folds have different scales. Two ways
of counting, with the same result: from tables of all pairs, two matrix products a candidate, or,
where there are too many pairs, from the images in the order of their scores.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bioselect.data.targets import curves
from bioselect.metrics.curves import weighted_pairs
from bioselect.selection.outcome import OutOfFold

#: More pairs of images than this take too much memory for a table of pairs.
MAXIMUM_PAIRS = 4_000_000


def n_pairs_of(out_of_fold: OutOfFold) -> int:
    """Return how many pairs of images the largest curve compares."""
    positives = [is_positive.sum() for _, is_positive in curves_of(out_of_fold)]
    return int(max(n * (len(out_of_fold.class_indices) - n) for n in positives))


def curves_of(out_of_fold: OutOfFold) -> list[tuple[int, np.ndarray]]:
    """Return the column of probabilities of each curve, and which images are positive."""
    return curves(out_of_fold.class_indices, out_of_fold.n_classes)


def mean_of_present(table: np.ndarray) -> np.ndarray:
    """Average over the first axis what is not NaN; NaN where nothing is left."""
    present = np.isfinite(table)
    with np.errstate(invalid="ignore"):
        mean: np.ndarray = np.where(present, table, 0.0).sum(axis=0) / present.sum(axis=0)
    return mean


class PairScorer:
    """ROC AUC from tables of pairs: of two classes, or the mean of each against the rest."""

    def __init__(self, out_of_fold: OutOfFold) -> None:
        self.arrays = out_of_fold.arrays
        self.folds = out_of_fold.folds
        judged = curves_of(out_of_fold)
        self.positives = [place for place, _ in judged]
        self.members = [(np.flatnonzero(one), np.flatnonzero(~one)) for _, one in judged]
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
        return mean_of_present(areas)

    def _sum_of_pairs(
        self, multiplicities: np.ndarray, position: int, table: np.ndarray
    ) -> np.ndarray:
        inside, outside = self.members[position]
        weighted = multiplicities[:, inside] @ table
        total: np.ndarray = (weighted * multiplicities[:, outside]).sum(axis=1)
        return total

    def _of_one_model(
        self, repeat: int, inside: np.ndarray, outside: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield, fold by fold, the rows and columns of the pairs that one model has scored."""
        if self.folds is None:
            yield np.arange(len(inside)), np.arange(len(outside))
            return
        fold = self.folds[repeat]
        for number in np.unique(fold):
            yield np.flatnonzero(fold[inside] == number), np.flatnonzero(fold[outside] == number)

    def _comparable(self, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
        """Count in how many repeats two images were tested by one model."""
        total = np.zeros((len(inside), len(outside)))
        for repeat in range(self.arrays[0].shape[0]):
            for rows, columns in self._of_one_model(repeat, inside, outside):
                total[np.ix_(rows, columns)] += 1.0
        return total

    def _pairs(self, candidate: int, position: int) -> np.ndarray:
        """Count, over repeats, 2 for a pair in the right order and 1 for a tie."""
        key = (candidate, position)
        if key not in self._ordered:
            inside, outside = self.members[position]
            total = np.zeros((len(inside), len(outside)))
            for repeat, table in enumerate(self.arrays[candidate]):
                response = table[:, self.positives[position]]
                first, second = response[inside], response[outside]
                for rows, columns in self._of_one_model(repeat, inside, outside):
                    lead = first[rows][:, None] - second[columns][None]
                    total[np.ix_(rows, columns)] += np.sign(lead) + 1.0
            self._ordered = {**self._ordered, key: total} if self._small() else {key: total}
        return self._ordered[key]

    def _small(self) -> bool:
        """Tell whether the tables of all candidates may be kept in memory (under 0.5 GB)."""
        cells = sum(len(inside) * len(outside) for inside, outside in self.members)
        return cells * len(self.arrays) < 60_000_000


class RankScorer:
    """ROC AUC from the order of the scores in each fold: slower, but it needs no table of pairs."""

    def __init__(self, out_of_fold: OutOfFold) -> None:
        self.arrays = out_of_fold.arrays
        self.curves = curves_of(out_of_fold)
        n_repeats, n_images = self.arrays[0].shape[:2]
        folds = out_of_fold.folds
        if folds is None:
            folds = np.zeros((n_repeats, n_images), dtype=np.int64)
        #: Of each repeat, the images that one model has scored.
        self.tested = [
            [np.flatnonzero(row == number) for number in np.unique(row)]
            for row in folds[:n_repeats]
        ]

    def score_all(self, multiplicities: np.ndarray) -> np.ndarray:
        """Return the score of every draw and candidate."""
        columns = [self._score(multiplicities, number) for number in range(len(self.arrays))]
        return np.stack(columns, axis=1)

    def score_chosen(self, multiplicities: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Return the score of the chosen candidate in every draw."""
        scores = np.empty(len(chosen))
        for candidate in np.unique(chosen):
            rows = chosen == candidate
            scores[rows] = self._score(multiplicities[rows], int(candidate))
        return scores

    def _score(self, multiplicities: np.ndarray, candidate: int) -> np.ndarray:
        shape = (len(self.curves), len(multiplicities))
        ordered, compared = np.zeros(shape), np.zeros(shape)
        for table, parts in zip(self.arrays[candidate], self.tested, strict=True):
            for images in parts:
                weights = multiplicities[:, images]
                for position, (place, is_positive) in enumerate(self.curves):
                    twice, pairs = weighted_pairs(
                        is_positive[images], table[images, place], weights
                    )
                    ordered[position] += twice
                    compared[position] += pairs
        with np.errstate(invalid="ignore"):
            areas: np.ndarray = ordered / (2.0 * compared)
        return mean_of_present(areas)
