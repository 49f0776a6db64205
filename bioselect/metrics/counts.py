"""Metrics of predicted classes, from the table of true against predicted counts.

Each takes ``counts``, float64 ``(n_classes, n_classes)``: rows are the true classes, columns the
predicted ones. Written out here because scikit-learn's functions, which define them and against
which they are tested, take about a millisecond each, and a study calls them a million times.
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


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; nothing of nothing is 0."""
    shares: np.ndarray = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return shares


def accuracy_of(counts: np.ndarray) -> float:
    """Return the share of images on the diagonal."""
    return float(np.trace(counts) / counts.sum())


def recalls_of(counts: np.ndarray) -> np.ndarray:
    """Return the recall of each class that is among the true ones."""
    true = counts.sum(axis=1)
    recalls: np.ndarray = np.diag(counts)[true > 0] / true[true > 0]
    return recalls


def precisions_of(counts: np.ndarray) -> np.ndarray:
    """Return the precision of each class that occurs; 0 if it was never predicted."""
    predicted = counts.sum(axis=0)
    occurs = predicted + counts.sum(axis=1) > 0
    precisions: np.ndarray = _share(np.diag(counts).copy(), predicted)[occurs]
    return precisions


def f1_of(counts: np.ndarray, weighted: bool) -> float:
    """Return the mean F1 of the classes that occur, or weighted by their true counts."""
    true = counts.sum(axis=1)
    both = true + counts.sum(axis=0)
    scores = _share(2.0 * np.diag(counts), both)
    if weighted:
        return float(np.sum(scores * true) / true.sum())
    return float(scores[both > 0].mean())


def matthews_of(counts: np.ndarray) -> float:
    """Return Gorodkin's correlation for any number of classes; 0 if one side is constant."""
    true, predicted, n_images = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    covariance = np.trace(counts) * n_images - true @ predicted
    spread_true = n_images**2 - true @ true
    spread_predicted = n_images**2 - predicted @ predicted
    if spread_true == 0 or spread_predicted == 0:
        return 0.0
    # Rounding may lead past 1 by one unit in the last place.
    return float(np.clip(covariance / np.sqrt(spread_true * spread_predicted), -1.0, 1.0))


def kappa_of(counts: np.ndarray) -> float:
    """Return Cohen's kappa; NaN if all images are of one class and predicted as that class."""
    n_images = counts.sum()
    by_chance = counts.sum(axis=1) @ counts.sum(axis=0) / n_images**2
    if by_chance == 1.0:
        return float("nan")
    return float((np.trace(counts) / n_images - by_chance) / (1.0 - by_chance))
