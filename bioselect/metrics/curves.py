"""Metrics of how well one score puts the images of a class before the others."""

from __future__ import annotations

import numpy as np


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
