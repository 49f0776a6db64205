"""The built-in metrics of classification, one function each that returns the metric.

Values are those of scikit-learn's functions of the same names; where a class of the study is
missing among the true classes (a small test fold, a bootstrap draw), each says what it does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.metrics.counts import (
    accuracy_of,
    confusion_counts,
    f1_of,
    kappa_of,
    matthews_of,
    precisions_of,
    recalls_of,
)
from bioselect.metrics.curves import average_precision_of, ranking_area

#: The smallest probability that `log_loss` believes, as in scikit-learn.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)


def accuracy() -> Metric:
    """Share of images classified rightly."""
    return Metric("accuracy", "higher", (0.0, 1.0), "labels", _accuracy)


def balanced_accuracy() -> Metric:
    """Mean of the recalls of the classes; a missing class is left out of the mean."""
    return Metric("balanced_accuracy", "higher", (0.0, 1.0), "labels", _mean_recall)


def f1_macro() -> Metric:
    """Mean F1 of the classes; a missing class counts, with 0, only if it was predicted."""
    return Metric("f1_macro", "higher", (0.0, 1.0), "labels", _f1_macro)


def f1_weighted() -> Metric:
    """Mean F1 of the classes weighted by their images; a missing class has no weight."""
    return Metric("f1_weighted", "higher", (0.0, 1.0), "labels", _f1_weighted)


def precision_macro() -> Metric:
    """Mean precision; 0 for a class never predicted, or missing but predicted."""
    return Metric("precision_macro", "higher", (0.0, 1.0), "labels", _precision_macro)


def recall_macro() -> Metric:
    """Mean recall: the same as balanced_accuracy; a missing class is left out."""
    return Metric("recall_macro", "higher", (0.0, 1.0), "labels", _mean_recall)


def matthews_corrcoef() -> Metric:
    """Correlation of true and predicted classes; 0 if either are all of one class."""
    return Metric("matthews_corrcoef", "higher", (-1.0, 1.0), "labels", _matthews)


def cohen_kappa() -> Metric:
    """Agreement beyond chance; undefined if all images are of one class and predicted so."""
    return Metric("cohen_kappa", "higher", (-1.0, 1.0), "labels", _kappa)


def roc_auc() -> Metric:
    """Area under the ROC curve: of the second class of two, else the mean of one against the rest.

    With more than two classes a missing class is left out of the mean. Undefined with one class.
    """
    return Metric("roc_auc", "higher", (0.0, 1.0), "probabilities", _roc_auc)


def average_precision() -> Metric:
    """Average precision: of the second class of two, else the mean of one against the rest.

    With more than two classes a missing class is left out of the mean. Undefined with one class.
    """
    return Metric("average_precision", "higher", (0.0, 1.0), "probabilities", _average_precision)


def log_loss() -> Metric:
    """Mean of minus the logarithm of the probability of the true class.

    A probability below 2e-16 is taken as that. A missing class changes nothing.
    """
    bounds = (0.0, float(-np.log(SMALLEST_PROBABILITY)))
    return Metric("log_loss", "lower", bounds, "probabilities", _log_loss)


def brier() -> Metric:
    """Brier score as first defined: squared errors summed over all classes, averaged over images.

    From 0 to 2 whatever the number of classes; for two classes it is twice the value that counts
    one class only. A missing class changes nothing.

    References
    ----------
    Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather
    Review 78, 1-3.
    """
    return Metric("brier", "lower", (0.0, 2.0), "probabilities", _brier)


def _accuracy(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return accuracy_of(confusion_counts(y_true, y_pred, n_classes))


def _mean_recall(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return float(recalls_of(confusion_counts(y_true, y_pred, n_classes)).mean())


def _f1_macro(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return f1_of(confusion_counts(y_true, y_pred, n_classes), weighted=False)


def _f1_weighted(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return f1_of(confusion_counts(y_true, y_pred, n_classes), weighted=True)


def _precision_macro(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return float(precisions_of(confusion_counts(y_true, y_pred, n_classes)).mean())


def _matthews(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    return matthews_of(confusion_counts(y_true, y_pred, n_classes))


def _kappa(y_true: np.ndarray, y_pred: np.ndarray, n_classes: int) -> float:
    value = kappa_of(confusion_counts(y_true, y_pred, n_classes))
    if np.isnan(value):
        raise UndefinedMetricError(
            "cohen_kappa: must have at least 2 classes among the true or predicted ones. Got 1."
        )
    return value


def _roc_auc(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> float:
    return _one_against_rest("roc_auc", ranking_area, y_true, probabilities, n_classes)


def _average_precision(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> float:
    return _one_against_rest(
        "average_precision", average_precision_of, y_true, probabilities, n_classes
    )


def _one_against_rest(
    name: str,
    curve: Callable[[np.ndarray, np.ndarray], float],
    y_true: np.ndarray,
    probabilities: np.ndarray,
    n_classes: int,
) -> float:
    present = np.unique(y_true)
    if len(present) < 2:
        raise UndefinedMetricError(
            f"{name}: must have images of at least 2 classes. Got 1 class, place {present[0]}."
        )
    judged = present if n_classes > 2 else present[1:]
    return float(np.mean([curve(y_true == place, probabilities[:, place]) for place in judged]))


def _log_loss(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> float:
    of_truth = probabilities[np.arange(len(y_true)), y_true]
    return float(np.mean(-np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1.0))))


def _brier(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> float:
    errors = probabilities - np.eye(n_classes)[y_true]
    return float(np.mean(np.sum(errors**2, axis=1)))
