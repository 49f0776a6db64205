"""ROC and precision-recall curves of out-of-fold predictions: the mean over folds.

Every fold has a model of its own, and probabilities of two models do not compare; so each fold
gets its curve, and these are averaged upwards at the same place (T. Fawcett, "An introduction to
ROC analysis", Pattern Recognition Letters 27, 2006, "vertical averaging"). The area under the mean
is the mean of the areas, which is what tables have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.curves import average_precision_of, ranking_area

#: Where curves are averaged.
GRID = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, eq=False)
class MeanCurves:
    """Of one class against the rest.

    Attributes
    ----------
    roc : np.ndarray
        float64 ``(101,)``: the share of the class that is found, where a share of the others
        (:data:`GRID`) is taken for it.
    precision : np.ndarray
        float64 ``(101,)``: how many of what is called so are so, where a share of the class
        (:data:`GRID`) is found.
    roc_area, average_precision : float
        Means over the folds.
    n_folds : int
        Those that held images of the class and others; the rest has no curve.
    """

    roc: np.ndarray
    precision: np.ndarray
    roc_area: float
    average_precision: float
    n_folds: int


def mean_curves(
    is_positive: np.ndarray, scores: np.ndarray, folds: np.ndarray
) -> MeanCurves | None:
    """Return the mean curves; None where no fold holds both kinds of images.

    Parameters
    ----------
    is_positive : np.ndarray
        bool ``(n_images,)``.
    scores : np.ndarray
        float64 ``(n_repeats, n_images)``, higher means more likely positive; NaN where not tested.
    folds : np.ndarray
        int ``(n_repeats, n_images)``, -1 where not tested.

    Examples
    --------
    >>> found = mean_curves(
    ...     np.array([True, False, True]), np.array([[0.9, 0.5, 0.1]]), np.zeros((1, 3), dtype=int)
    ... )
    >>> found.roc_area, found.roc[[0, -1]].tolist()
    (0.5, [0.5, 1.0])
    """
    parts = [
        (is_positive[part], row[part])
        for row, part in _parts(scores, folds)
        if is_positive[part].any() and not is_positive[part].all()
    ]
    if not parts:
        return None
    return MeanCurves(
        np.mean([_roc(*part) for part in parts], axis=0),
        np.mean([_precision(*part) for part in parts], axis=0),
        float(np.mean([ranking_area(*part) for part in parts])),
        float(np.mean([average_precision_of(*part) for part in parts])),
        len(parts),
    )


def _parts(scores: np.ndarray, folds: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for row, fold in zip(scores, folds, strict=True):
        tested = np.isfinite(row)
        for number in np.unique(fold[tested]):
            if number >= 0:
                yield row, tested & (fold == number)


def _steps(is_positive: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many positive and how many other images have a score or a higher one."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.cumsum(is_positive[order])[last]
    return found, last + 1 - found


def _roc(is_positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    found, others = _steps(is_positive, scores)
    # Above every score nothing is called positive. Of several points above each other, the highest.
    x, y = np.append(0, others) / others[-1], np.append(0, found) / found[-1]
    found_at: np.ndarray = np.interp(GRID, x, y)
    return found_at


def _precision(is_positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    found, others = _steps(is_positive, scores)
    # The first step that finds so many: as average precision adds them up.
    place = np.searchsorted(found / found[-1], GRID - 1e-12)
    precision: np.ndarray = (found / (found + others))[place]
    # Steps before the first positive image find nothing; none stands for a share above zero.
    precision[0] = (found / (found + others))[np.flatnonzero(found)[0]]
    return precision
