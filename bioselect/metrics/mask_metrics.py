"""Metrics of masks: the mean over images of what each image's mask scores (`masks.py`).

An image whose score has no value (NaN: its precision where nothing was predicted) is left out.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError


def dice() -> Metric:
    """Dice coefficient, mean over the classes but the background: 1 where masks are equal."""
    return mean_of_scores("dice", words="Dice")


def iou() -> Metric:
    """Intersection over union (Jaccard index), mean over the classes but the background."""
    return mean_of_scores("iou", words="IoU")


def pixel_accuracy() -> Metric:
    """Share of pixels of the right class, the background counted as any other."""
    return mean_of_scores("pixel_accuracy")


def boundary_f1() -> Metric:
    """How well contours fit, to within 2 pixels, mean over the classes but the background."""
    return mean_of_scores("boundary_f1", words="boundary F1")


def hausdorff_95() -> Metric:
    """95th percentile of the distance between contours; lower is better. See `contours.py`."""
    return mean_of_scores("hausdorff_95", "lower", (0.0, np.inf), "Hausdorff distance (95 %)")


def object_f1() -> Metric:
    """F1 of objects found at IoU above 0.5, mean over the classes but the background."""
    return mean_of_scores("object_f1", words="object F1")


def object_ap50() -> Metric:
    """Average precision of objects at IoU 0.5, mean over the classes but the background."""
    return mean_of_scores("object_ap50", words="object AP at IoU 0.5")


def mean_of_scores(
    name: str,
    direction: str = "higher",
    bounds: tuple[float, float] = (0.0, 1.0),
    words: str = "",
) -> Metric:
    """Return the metric that is the mean over images of a score.

    Parameters
    ----------
    name : str
        Of the score.
    direction : {"higher", "lower"}
        Which is better.
    bounds : tuple of float
        Of the score.
    words : str
        What it is called in sentences.

    Examples
    --------
    >>> metric = mean_of_scores("dice")
    >>> metric.function(np.zeros(2), np.array([[0.5], [1.0]]), 1)
    0.75
    """
    return Metric(name, direction, bounds, "scores", partial(_mean, name), _weighted_means, words)


def _mean(name: str, y_true: np.ndarray, response: np.ndarray, n_classes: int) -> float:
    value = float(_weighted_means(y_true, response, n_classes, np.ones((1, len(response))))[0])
    if np.isnan(value):
        raise UndefinedMetricError(f"{name}: must have a value in 1 image. Got none that has.")
    return value


def _weighted_means(
    y_true: np.ndarray, response: np.ndarray, n_classes: int, weights: np.ndarray
) -> np.ndarray:
    scores = response[:, 0]
    defined = ~np.isnan(scores)
    n_images = weights[:, defined].sum(axis=1)
    sums = weights[:, defined] @ scores[defined]
    means: np.ndarray = np.divide(
        sums, n_images, out=np.full(len(sums), np.nan), where=n_images > 0
    )
    return means
