"""Metrics of how well one score puts the images of a class before the others.

Each has a form for many draws: `weights`, float64 ``(n_draws, n_images)``, say how often every
draw holds every image, and the result is ``(n_draws,)``, NaN where a draw lacks what is needed.
The images are sorted once for all draws. With whole weights every sum is one of whole numbers.
"""

from __future__ import annotations

import numpy as np

#: Specificities this little below the one that was asked for are that, but for rounding.
ROUNDING = 1e-12


def ranking_area(is_positive: np.ndarray, scores: np.ndarray) -> float:
    """Return the area under the ROC curve, from ranks (Mann and Whitney 1947).

    It is the chance that a positive image has a higher score than a negative one; ties count half.

    Parameters
    ----------
    is_positive : np.ndarray
        bool ``(n_images,)``, with at least one True and one False.
    scores : np.ndarray
        float ``(n_images,)``, higher means more likely positive.

    Examples
    --------
    >>> ranking_area(np.array([False, True, True]), np.array([0.1, 0.1, 0.7]))
    0.75
    """
    n_positive = int(is_positive.sum())
    n_negative = len(is_positive) - n_positive
    _, place, times = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(times) - (times - 1) / 2.0
    above = mean_rank[place][is_positive].sum() - n_positive * (n_positive + 1) / 2.0
    return float(above / (n_positive * n_negative))


def weighted_pairs(
    is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Count, draw by draw, the pairs of a positive and a negative image, and those in order.

    Returns
    -------
    twice_in_order, compared : np.ndarray
        ``(n_draws,)``: 2 for each pair in the right order and 1 for each tie; all pairs. The
        area under the ROC curve is the first over twice the second.

    Examples
    --------
    >>> is_positive, scores = np.array([False, True, True]), np.array([0.1, 0.1, 0.7])
    >>> weighted_pairs(is_positive, scores, np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]]))
    (array([3., 4.]), array([2., 2.]))
    """
    positive, negative = _by_step(is_positive, scores, weights, descending=False)
    below = np.cumsum(negative, axis=1) - negative
    twice_in_order: np.ndarray = (positive * (2.0 * below + negative)).sum(axis=1)
    compared: np.ndarray = positive.sum(axis=1) * negative.sum(axis=1)
    return twice_in_order, compared


def weighted_ranking_area(
    is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return :func:`ranking_area` of every draw; NaN where it lacks positives or negatives."""
    twice_in_order, compared = weighted_pairs(is_positive, scores, weights)
    return _divided(twice_in_order, 2.0 * compared)


def average_precision_of(is_positive: np.ndarray, scores: np.ndarray) -> float:
    """Return the average precision: precision at each score, weighted by the recall it adds.

    Nothing is interpolated, as in scikit-learn; equal scores are one step.

    Parameters
    ----------
    is_positive : np.ndarray
        bool ``(n_images,)``, with at least one True.
    scores : np.ndarray
        float ``(n_images,)``.

    Examples
    --------
    >>> average_precision_of(np.array([True, False, True]), np.array([0.9, 0.5, 0.1]))
    0.8333333333333333
    """
    order = np.argsort(-scores, kind="stable")
    last_of_step = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.cumsum(is_positive[order])[last_of_step]
    precision = found / (last_of_step + 1)
    added = np.diff(found, prepend=0)
    return float(np.sum(precision * added) / found[-1])


def weighted_average_precision(
    is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return :func:`average_precision_of` of every draw; NaN where it holds no positive."""
    positive, negative = _by_step(is_positive, scores, weights, descending=True)
    found = np.cumsum(positive, axis=1)
    called = found + np.cumsum(negative, axis=1)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    return _divided((precision * positive).sum(axis=1), found[:, -1])


def sensitivity_at(
    is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray, specificity: float
) -> np.ndarray:
    """Return the highest sensitivity that leaves at least a given specificity, draw by draw.

    An image is called positive from some score on; of all such limits (also one above every
    score) those count that call at most a share of ``1 - specificity`` of the negatives positive.
    NaN where a draw lacks positives or negatives.

    Examples
    --------
    >>> is_positive, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    >>> once = np.ones((1, 4))
    >>> sensitivity_at(is_positive, scores, once, 1.0), sensitivity_at(
    ...     is_positive, scores, once, 0.5
    ... )
    (array([0.5]), array([1.]))
    """
    positive, negative = _by_step(is_positive, scores, weights, descending=True)
    n_negative = negative.sum(axis=1)
    left = _divided(n_negative[:, None] - np.cumsum(negative, axis=1), n_negative[:, None])
    found = np.where(left >= specificity - ROUNDING, np.cumsum(positive, axis=1), 0.0)
    sensitivity = _divided(found.max(axis=1), positive.sum(axis=1))
    return np.where(n_negative > 0, sensitivity, np.nan)


def _by_step(
    is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray, descending: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weight of positives and negatives, ``(n_draws, n_different_scores)`` each."""
    order = np.argsort(-scores if descending else scores, kind="stable")
    starts = np.append(0, np.flatnonzero(np.diff(scores[order])) + 1)
    ordered, is_positive = weights[:, order], is_positive[order]
    positive = ordered * is_positive
    negative = ordered - positive
    if len(starts) == len(scores):
        return positive, negative
    return np.add.reduceat(positive, starts, axis=1), np.add.reduceat(negative, starts, axis=1)


def _divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    filled = np.full(np.broadcast(part, whole).shape, np.nan)
    divided: np.ndarray = np.divide(part, whole, out=filled, where=whole > 0)
    return divided
