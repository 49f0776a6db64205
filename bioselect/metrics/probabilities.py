"""The built-in metrics of class probabilities, one function each that returns the metric.

Where a class of the study is missing among the true classes, each says what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.metrics.counts import mean_of_defined
from bioselect.metrics.curves import (
    average_precision_of,
    ranking_area,
    sensitivity_at,
    weighted_average_precision,
    weighted_ranking_area,
)
from bioselect.metrics.label_sets import mean_of_curves
from bioselect.metrics.one_class import place_of
from bioselect.registry import ComponentSpec

#: The smallest probability that `log_loss` believes, as in scikit-learn.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)

#: Bins of the calibration error: as many as in the experiments of Guo and others (2017).
CALIBRATION_BINS = 15

Curve = Callable[[np.ndarray, np.ndarray], float]
WeightedCurve = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def roc_auc(label_sets: bool = False) -> Metric:
    """Area under the ROC curve: of the second class of two, else the mean of one against the rest.

    With more than two classes a missing class is left out of the mean. Undefined with one class.
    For two classes it is the same whichever of them is the positive one. Of labels it is the mean
    over them.
    """
    if label_sets:
        return mean_of_curves("roc_auc", weighted_ranking_area)
    return _of_curves("roc_auc", ranking_area, weighted_ranking_area)


def average_precision(
    positive: str | int | None = None, class_names: Sequence[str] = (), label_sets: bool = False
) -> Metric:
    """Average precision of a class: of the second of two, else the mean of one against the rest.

    With `positive` it is that of the class named. With more than two classes a missing class is
    left out of the mean. Undefined with one class. Of labels it is the mean over them.
    """
    name, place, words = "average_precision", None, ""
    if positive is not None:
        place = place_of(name, positive, class_names)
        name = ComponentSpec.of(name, {"positive": positive}).label
        words = f"average precision of {positive}"
    if label_sets:
        return mean_of_curves(name, weighted_average_precision, place, words)
    return _of_curves(name, average_precision_of, weighted_average_precision, place, words=words)


def sensitivity_at_specificity(
    positive: str | int, specificity: float = 0.9, class_names: Sequence[str] = ()
) -> Metric:
    """Highest sensitivity for a class that leaves at least a given specificity.

    The limit of the probability from which an image is called positive is chosen on the very
    images that are judged, so the value is a point of their ROC curve and flatters a little where
    images are few. All other classes are the negative ones. Undefined where either is missing.
    """
    place = place_of("sensitivity_at_specificity", positive, class_names)
    name = ComponentSpec.of(
        "sensitivity_at_specificity", {"positive": positive, "specificity": specificity}
    ).label
    return Metric(
        name,
        "higher",
        (0.0, 1.0),
        "probabilities",
        partial(_sensitivity, name, str(positive), place, specificity),
        partial(_sensitivities, place, specificity),
        f"sensitivity for {positive} at specificity {specificity:g}",
    )


def log_loss() -> Metric:
    """Mean of minus the logarithm of the probability of the true class.

    A probability below 2e-16 is taken as that. A missing class changes nothing.
    """
    bounds = (0.0, float(-np.log(SMALLEST_PROBABILITY)))
    return _of_images("log_loss", _log_losses, bounds)


def brier() -> Metric:
    """Brier score as first defined: squared errors summed over all classes, averaged over images.

    From 0 to 2 whatever the number of classes; for two classes it is twice the value that counts
    one class only. A missing class changes nothing.

    References
    ----------
    Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather
    Review 78, 1-3.
    """
    return _of_images("brier", _squared_errors, (0.0, 2.0))


def expected_calibration_error(bins: int = CALIBRATION_BINS) -> Metric:
    """Mean distance between how sure the predictions are and how often they are right.

    It is top-label: only the highest probability of each image counts. These are sorted into
    `bins` equally wide bins over (0, 1], each closed on the right; the distance between the mean
    of the probabilities and the share that is right is weighted by the images of the bin. It is
    too high on average where a bin holds few images. Guessing from the class frequencies scores
    0, so it tells of calibration only. A missing class changes nothing.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", Proceedings
    of Machine Learning Research 70, 1321-1330.
    """
    written = {} if bins == CALIBRATION_BINS else {"bins": bins}
    return Metric(
        ComponentSpec.of("expected_calibration_error", written).label,
        "lower",
        (0.0, 1.0),
        "probabilities",
        partial(_calibration_error, bins),
        partial(_calibration_errors, bins),
        "expected calibration error",
    )


def _of_curves(
    name: str,
    curve: Curve,
    weighted: WeightedCurve,
    place: int | None = None,
    words: str = "",
) -> Metric:
    return Metric(
        name,
        "higher",
        (0.0, 1.0),
        "probabilities",
        partial(_mean_curve, name, curve, place),
        partial(_mean_curves, weighted, place),
        words,
    )


def _judged(present: np.ndarray, n_classes: int, place: int | None) -> list[int]:
    """Return the classes whose curves are drawn, of those that are present."""
    if place is not None:
        return [place]
    return [int(one) for one in (present if n_classes > 2 else present[present == 1])]


def _mean_curve(
    name: str,
    curve: Curve,
    place: int | None,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
) -> float:
    present = np.unique(y_true)
    if len(present) < 2:
        raise UndefinedMetricError(f"{name}: must have images of at least 2 classes. Got 1.")
    judged = _judged(present, n_classes, place)
    if place is not None and place not in present:
        raise UndefinedMetricError(f"{name}: must have images of the class. Got none.")
    return float(np.mean([curve(y_true == one, probabilities[:, one]) for one in judged]))


def _mean_curves(
    weighted: WeightedCurve,
    place: int | None,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    present = np.unique(y_true)
    n_present = sum((weights[:, y_true == one].sum(axis=1) > 0).astype(int) for one in present)
    columns = [
        weighted(y_true == one, probabilities[:, one], weights)
        for one in _judged(present, n_classes, place)
    ]
    if not columns:
        return np.full(len(weights), np.nan)
    values = mean_of_defined(np.stack(columns, axis=1))
    return np.where(n_present >= 2, values, np.nan)


def _sensitivity(
    name: str,
    positive: str,
    place: int,
    specificity: float,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
) -> float:
    once = np.ones((1, len(y_true)))
    value = float(_sensitivities(place, specificity, y_true, probabilities, n_classes, once)[0])
    if np.isnan(value):
        raise UndefinedMetricError(
            f"{name}: must have images of {positive} and of another class. Got one of the two."
        )
    return value


def _sensitivities(
    place: int,
    specificity: float,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    return sensitivity_at(y_true == place, probabilities[:, place], weights, specificity)


Losses = Callable[[np.ndarray, np.ndarray, int], np.ndarray]


def _of_images(name: str, losses: Losses, bounds: tuple[float, float]) -> Metric:
    return Metric(
        name, "lower", bounds, "probabilities", partial(_mean, losses), partial(_means, losses)
    )


def _mean(losses: Losses, y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> float:
    return float(np.mean(losses(y_true, probabilities, n_classes)))


def _means(
    losses: Losses,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    sums = weights @ losses(y_true, probabilities, n_classes)
    return _per_image(sums, weights)


def _per_image(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    n_images = weights.sum(axis=1)
    means: np.ndarray = np.divide(
        sums, n_images, out=np.full(len(sums), np.nan), where=n_images > 0
    )
    return means


def _log_losses(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> np.ndarray:
    of_truth = probabilities[np.arange(len(y_true)), y_true]
    losses: np.ndarray = -np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1.0))
    return losses


def _squared_errors(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> np.ndarray:
    errors = probabilities - np.eye(n_classes)[y_true]
    squares: np.ndarray = np.sum(errors**2, axis=1)
    return squares


def calibration_bins_of(sure: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each probability, of equally wide ones over (0, 1], closed on the right.

    Examples
    --------
    >>> calibration_bins_of(np.array([0.1, 0.5, 0.51, 1.0]), 2)
    array([0, 0, 1, 1])
    """
    inner_edges = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    numbers: np.ndarray = np.digitize(sure, inner_edges, right=True)
    return numbers


def _calibration_error(
    bins: int, y_true: np.ndarray, probabilities: np.ndarray, n_classes: int
) -> float:
    once = np.ones((1, len(y_true)))
    return float(_calibration_errors(bins, y_true, probabilities, n_classes, once)[0])


def _calibration_errors(
    bins: int,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    sure = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == y_true
    in_bin = np.eye(bins)[calibration_bins_of(sure, bins)]
    too_sure = weights @ (in_bin * (sure - is_right)[:, None])
    return _per_image(np.abs(too_sure).sum(axis=1), weights)
