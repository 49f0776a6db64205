"""Metrics of predicted classes, from tables of true against predicted counts.

Each takes ``counts``, float64 ``(..., n_classes, n_classes)``: rows are the true classes, columns
the predicted ones; any number of tables may stand in front. Written out here because
scikit-learn's functions, which define them and against which they are tested, take about a
millisecond for one table, and a study has a million.
"""

from __future__ import annotations

import numpy as np


def confusion_counts(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> np.ndarray:
    """Count images by true class (rows) and predicted class (columns).

    Examples
    --------
    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1., 1.],
           [0., 1.]])
    """
    flat = np.bincount(y_true * n_classes + y_pred, minlength=n_classes**2)
    counts: np.ndarray = flat.reshape(n_classes, n_classes).astype(np.float64)
    return counts


def weighted_counts(
    y_true: np.ndarray, y_pred: np.ndarray, n_classes: int, weights: np.ndarray
) -> np.ndarray:
    """Count the images of many draws, each image as often as its weight says.

    Parameters
    ----------
    y_true, y_pred : np.ndarray
        int ``(n_images,)``. It is quickest where `y_true` is sorted.
    n_classes : int
        Classes of the study.
    weights : np.ndarray
        float64 ``(n_draws, n_images)``.

    Returns
    -------
    np.ndarray
        float64 ``(n_draws, n_classes, n_classes)``; exact where the weights are whole numbers.

    Examples
    --------
    >>> weights = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0]])
    >>> weighted_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), 2, weights)[1]
    array([[2., 0.],
           [0., 1.]])
    """
    if np.any(np.diff(y_true) < 0):
        order = np.argsort(y_true, kind="stable")
        y_true, y_pred, weights = y_true[order], y_pred[order], weights[:, order]
    ends = np.cumsum(np.bincount(y_true, minlength=n_classes))
    is_predicted = np.eye(n_classes)[y_pred]
    counts = np.zeros((len(weights), n_classes, n_classes))
    for place, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        if end > start:
            counts[:, place] = weights[:, start:end] @ is_predicted[start:end]
    return counts


def _share(part: np.ndarray, whole: np.ndarray, of_nothing: float) -> np.ndarray:
    """Divide; nothing of nothing is what is said."""
    filled = np.full(np.broadcast(part, whole).shape, of_nothing)
    shares: np.ndarray = np.divide(part, whole, out=filled, where=whole > 0)
    return shares


def _diagonal(counts: np.ndarray) -> np.ndarray:
    diagonal: np.ndarray = np.diagonal(counts, axis1=-2, axis2=-1)
    return diagonal


def mean_of_defined(values: np.ndarray) -> np.ndarray:
    """Average over the last axis what is not NaN; NaN where nothing is left.

    Examples
    --------
    >>> mean_of_defined(np.array([[0.5, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    array([0.75,  nan])
    """
    defined = ~np.isnan(values)
    return _share(np.where(defined, values, 0.0).sum(axis=-1), defined.sum(axis=-1), np.nan)


def accuracy_of(counts: np.ndarray) -> np.ndarray:
    """Return the share of images on the diagonal; NaN of no image."""
    return _share(_diagonal(counts).sum(axis=-1), counts.sum(axis=(-2, -1)), np.nan)


def recalls_of(counts: np.ndarray) -> np.ndarray:
    """Return the recall of each class, ``(..., n_classes)``; NaN if it is not among the true."""
    return _share(_diagonal(counts), counts.sum(axis=-1), np.nan)


def precisions_of(counts: np.ndarray) -> np.ndarray:
    """Return the precision of each class; 0 if it is never predicted, NaN if it does not occur."""
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    precisions = _share(_diagonal(counts), predicted, 0.0)
    return np.where(true + predicted > 0, precisions, np.nan)


def f1_scores_of(counts: np.ndarray) -> np.ndarray:
    """Return the F1 of each class; NaN if it does not occur."""
    return _share(2.0 * _diagonal(counts), counts.sum(axis=-1) + counts.sum(axis=-2), np.nan)


def mean_recall_of(counts: np.ndarray) -> np.ndarray:
    """Return the mean recall of the true classes: the balanced accuracy."""
    return mean_of_defined(recalls_of(counts))


def mean_precision_of(counts: np.ndarray) -> np.ndarray:
    """Return the mean precision of the classes that occur."""
    return mean_of_defined(precisions_of(counts))


def mean_f1_of(counts: np.ndarray) -> np.ndarray:
    """Return the mean F1 of the classes that occur."""
    return mean_of_defined(f1_scores_of(counts))


def weighted_precision_of(counts: np.ndarray) -> np.ndarray:
    """Return the mean precision, each class weighted by its true images."""
    return _weighted(precisions_of(counts), counts)


def weighted_f1_of(counts: np.ndarray) -> np.ndarray:
    """Return the mean F1, each class weighted by its true images."""
    return _weighted(f1_scores_of(counts), counts)


def _weighted(scores: np.ndarray, counts: np.ndarray) -> np.ndarray:
    true = counts.sum(axis=-1)
    return _share(np.where(true > 0, scores * true, 0.0).sum(axis=-1), true.sum(axis=-1), np.nan)


def matthews_of(counts: np.ndarray) -> np.ndarray:
    """Return Gorodkin's correlation for any number of classes; 0 if one side is constant."""
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    n_images = true.sum(axis=-1)
    covariance = _diagonal(counts).sum(axis=-1) * n_images - (true * predicted).sum(axis=-1)
    spread_true = n_images**2 - (true * true).sum(axis=-1)
    spread_predicted = n_images**2 - (predicted * predicted).sum(axis=-1)
    correlation = _share(covariance, np.sqrt(spread_true * spread_predicted), 0.0)
    # Rounding may lead past 1 by one unit in the last place.
    return np.where(n_images > 0, np.clip(correlation, -1.0, 1.0), np.nan)


def kappa_of(counts: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa; NaN if all images are of one class and predicted as that class."""
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    by_chance = _share((true * predicted).sum(axis=-1), true.sum(axis=-1) ** 2, 1.0)
    return _share(accuracy_of(counts) - by_chance, 1.0 - by_chance, np.nan)


def label_counts(y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Count, label by label, images that have it and that are said to have it.

    Parameters
    ----------
    y_true, y_pred : np.ndarray
        0 and 1 ``(n_images, n_labels)``.
    weights : np.ndarray
        float64 ``(n_draws, n_images)``: how often each draw holds each image.

    Returns
    -------
    np.ndarray
        float64 ``(n_draws, n_labels, 2, 2)``, for each label a table of two classes, of which the
        second is to have it; exact where the weights are whole numbers.

    Examples
    --------
    >>> label_counts(np.array([[1], [1], [0]]), np.array([[1], [0], [0]]), np.ones((1, 3)))[0, 0]
    array([[1., 0.],
           [1., 1.]])
    """
    is_true, is_said = y_true.astype(np.float64), y_pred.astype(np.float64)
    n_labels = is_true.shape[1]
    sums = weights @ np.concatenate([is_true, is_said, is_true * is_said], axis=1)
    true, said, both = (sums[:, start : start + n_labels] for start in n_labels * np.arange(3))
    tables = np.empty((len(weights), n_labels, 2, 2))
    tables[..., 1, 1], tables[..., 1, 0], tables[..., 0, 1] = both, true - both, said - both
    tables[..., 0, 0] = weights.sum(axis=1, keepdims=True) - true - said + both
    return tables
