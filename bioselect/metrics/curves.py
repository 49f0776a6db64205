"""Metrics of how well one score puts the images of a class before the others.

Each has a form for many draws: `weights`, float64 ``(n_draws, n_images)``, say how often every
draw holds every image, and the result is ``(n_draws,)``, NaN where a draw lacks what is needed.
The images are sorted once for all draws. With whole weights every sum is one of whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Specificities this little below the one that was asked for are that, but for rounding.
ROUNDING = 1e-12
#: Rows that are added up by one product of matrices.
BLOCK_ROWS = 50
_TRIANGLE = np.tri(BLOCK_ROWS)


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
    steps = _steps(is_positive, scores, weights)
    # What stands above a step, and half of what it shares the step with.
    above = 2.0 * (steps.called - steps.found) - steps.negative
    compared = steps.n_positive * steps.n_negative
    twice_in_order: np.ndarray = 2.0 * compared - (steps.positive * above).sum(axis=0)
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
    steps = _steps(is_positive, scores, weights)
    # Where nothing is called positive, nothing is found: 0.
    precision = steps.found / np.maximum(steps.called, np.finfo(np.float64).tiny)
    return _divided((precision * steps.positive).sum(axis=0), steps.n_positive)


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
    steps = _steps(is_positive, scores, weights)
    n_negative = steps.n_negative
    # The share of negatives that is left when all down to a step are called positive.
    left = _divided(n_negative - (steps.called - steps.found), n_negative)
    found = np.where(left >= specificity - ROUNDING, steps.positive, 0.0).sum(axis=0)
    return np.where(steps.n_negative > 0, _divided(found, steps.n_positive), np.nan)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The scores that positive images have, from the highest down: ``(n_steps, n_draws)`` each.

    `positive` and `negative` are the weights of the images with that score; `found` and `called`
    those of the positive images and of all with that score or a higher one.
    """

    positive: np.ndarray
    negative: np.ndarray
    found: np.ndarray
    called: np.ndarray
    n_positive: np.ndarray
    n_negative: np.ndarray


def _steps(is_positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> _Steps:
    # An image a row: rows are gathered in one go, and sums over images run over all draws at once.
    order = np.argsort(-scores, kind="stable")
    ordered = np.ascontiguousarray(weights.T).take(order, axis=0)
    is_positive = is_positive[order]
    called = running_sums(ordered)
    n_images = called[-1]
    starts = np.append(0, np.flatnonzero(np.diff(scores[order])) + 1)
    if len(starts) == len(scores):
        places = np.flatnonzero(is_positive)
        positive = ordered.take(places, axis=0)
        found = running_sums(positive)
        called, negative = called.take(places, axis=0), np.zeros_like(positive)
    else:
        ends = np.append(starts[1:], len(scores)) - 1
        of_step = np.add.reduceat(ordered, starts, axis=0)
        positive = np.add.reduceat(ordered * is_positive[:, None], starts, axis=0)
        held = np.add.reduceat(is_positive.astype(np.int64), starts) > 0
        positive, of_step, called = positive[held], of_step[held], called[ends[held]]
        found, negative = running_sums(positive), of_step - positive
    n_positive = positive.sum(axis=0)
    return _Steps(positive, negative, found, called, n_positive, n_images - n_positive)


def running_sums(rows: np.ndarray) -> np.ndarray:
    """Return the sums down to each row, as ``np.cumsum(rows, axis=0)``, in half the time.

    Blocks of rows are multiplied by a triangle of ones, which processors do faster than one
    addition after the other. Sums of whole numbers are exact either way.

    Examples
    --------
    >>> running_sums(np.array([[1.0], [2.0], [4.0]])).ravel()
    array([1., 3., 7.])
    """
    sums = np.empty_like(rows)
    n_blocks = len(rows) // BLOCK_ROWS
    n_inside = n_blocks * BLOCK_ROWS
    shape = (n_blocks, BLOCK_ROWS, rows.shape[1])
    blocks = sums[:n_inside].reshape(shape)
    np.matmul(_TRIANGLE, rows[:n_inside].reshape(shape), out=blocks)
    before = np.cumsum(blocks[:, -1], axis=0)
    blocks[1:] += before[:-1, None]
    np.cumsum(rows[n_inside:], axis=0, out=sums[n_inside:])
    if n_blocks:
        sums[n_inside:] += before[-1]
    return sums


def _divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    filled = np.full(np.broadcast(part, whole).shape, np.nan)
    divided: np.ndarray = np.divide(part, whole, out=filled, where=whole > 0)
    return divided
