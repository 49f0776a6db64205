"""The built-in metrics of predicted classes, one function each that returns the metric.

With `label_sets` some return that of images which may have several labels, see `label_sets.py`.

Values are those of scikit-learn's functions of the same names; where a class of the study is
missing among the true classes (a small test fold, a bootstrap draw), each says what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from bioselect.metrics import counts
from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.metrics.label_sets import mean_of_labels, of_one_label
from bioselect.metrics.one_class import place_of
from bioselect.registry import ComponentSpec

OfCounts = Callable[[np.ndarray], np.ndarray]

_NO_KAPPA = "must have at least 2 classes among the true or predicted ones. Got 1"


def accuracy() -> Metric:
    """Share of images classified rightly."""
    return _of_counts("accuracy", counts.accuracy_of)


def balanced_accuracy() -> Metric:
    """Mean of the recalls of the classes; a missing class is left out of the mean."""
    return _of_counts("balanced_accuracy", counts.mean_recall_of)


def f1_macro(label_sets: bool = False) -> Metric:
    """Mean F1 of the classes or labels; a missing one counts, with 0, only if it was predicted."""
    if label_sets:
        return mean_of_labels("f1_macro", counts.f1_scores_of)
    return _of_counts("f1_macro", counts.mean_f1_of)


def f1_weighted() -> Metric:
    """Mean F1 of the classes weighted by their images; a missing class has no weight."""
    return _of_counts("f1_weighted", counts.weighted_f1_of)


def precision_macro(label_sets: bool = False) -> Metric:
    """Mean precision; 0 for a class or label never predicted, or missing but predicted."""
    if label_sets:
        return mean_of_labels("precision_macro", counts.precisions_of)
    return _of_counts("precision_macro", counts.mean_precision_of)


def precision_weighted() -> Metric:
    """Mean precision weighted by the images of each class; a missing class has no weight."""
    return _of_counts("precision_weighted", counts.weighted_precision_of)


def recall_macro(label_sets: bool = False) -> Metric:
    """Mean recall: of classes the same as balanced_accuracy; a missing one is left out."""
    if label_sets:
        return mean_of_labels("recall_macro", counts.recalls_of)
    return _of_counts("recall_macro", counts.mean_recall_of)


def recall_weighted() -> Metric:
    """Mean recall weighted by the images of each class: the same as accuracy."""
    return _of_counts("recall_weighted", counts.accuracy_of)


def matthews_corrcoef() -> Metric:
    """Correlation of true and predicted classes; 0 if either are all of one class."""
    return _of_counts("matthews_corrcoef", counts.matthews_of, bounds=(-1.0, 1.0))


def cohen_kappa() -> Metric:
    """Agreement beyond chance; undefined if all images are of one class and predicted so."""
    return _of_counts("cohen_kappa", counts.kappa_of, bounds=(-1.0, 1.0), why=_NO_KAPPA)


def precision(
    positive: str | int, class_names: Sequence[str] = (), label_sets: bool = False
) -> Metric:
    """Share of right images among those said to be of one class, or to have one label; 0 if none.

    Undefined where the class is neither among the true nor among the predicted ones.
    """
    return _of_one_class("precision", counts.precisions_of, positive, class_names, label_sets)


def recall(
    positive: str | int, class_names: Sequence[str] = (), label_sets: bool = False
) -> Metric:
    """Share of the images of one class, or with one label, that is found: its sensitivity.

    Undefined where the class is missing among the true ones.
    """
    return _of_one_class("recall", counts.recalls_of, positive, class_names, label_sets)


def f1(positive: str | int, class_names: Sequence[str] = (), label_sets: bool = False) -> Metric:
    """Harmonic mean of precision and recall of one class or label.

    Undefined where the class is neither among the true nor among the predicted ones.
    """
    return _of_one_class("f1", counts.f1_scores_of, positive, class_names, label_sets, "F1")


def _of_counts(
    name: str,
    of_counts: OfCounts,
    bounds: tuple[float, float] = (0.0, 1.0),
    why: str = "",
    words: str = "",
) -> Metric:
    return Metric(
        name,
        "higher",
        bounds,
        "labels",
        partial(_value, name, of_counts, why),
        partial(_values, of_counts),
        words,
    )


def _of_one_class(
    name: str,
    of_counts: OfCounts,
    positive: str | int,
    class_names: Sequence[str],
    label_sets: bool,
    word: str = "",
) -> Metric:
    place = place_of(name, positive, class_names)
    label = ComponentSpec.of(name, {"positive": positive}).label
    words = f"{word or name} of {positive}"
    if label_sets:
        return of_one_label(label, of_counts, place, words)
    why = f"must have images of {positive}. Got none"
    return _of_counts(label, partial(_at, of_counts, place), why=why, words=words)


def _value(
    name: str,
    of_counts: OfCounts,
    why: str,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    n_classes: int,
) -> float:
    value = float(of_counts(counts.confusion_counts(y_true, y_pred, n_classes)))
    if np.isnan(value):
        raise UndefinedMetricError(f"{name}: {why}.")
    return value


def _values(
    of_counts: OfCounts,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    return of_counts(counts.weighted_counts(y_true, y_pred, n_classes, weights))


def _at(of_counts: OfCounts, place: int, tables: np.ndarray) -> np.ndarray:
    values: np.ndarray = of_counts(tables)[..., place]
    return values
