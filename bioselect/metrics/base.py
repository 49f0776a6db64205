"""What a metric is: which way is better, within which bounds, of what."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.exceptions import BioselectError, ComponentError
from bioselect.registry import ComponentSpec, create, identity

DIRECTIONS = ("higher", "lower")
RESPONSES = ("labels", "probabilities", "values")


class UndefinedMetricError(ValueError):
    """A metric has no value for these images (of one class only, say); the message says why."""


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    Parameters
    ----------
    name : str
        What it is called in the configuration and in tables.
    direction : {"higher", "lower"}
        Which is better.
    bounds : tuple of float
        The lowest and the highest value there can be.
    response : {"labels", "probabilities", "values"}
        What `function` gets: predicted class places int64 ``(n_images,)``, probabilities float64
        ``(n_images, n_classes)``, or predicted numbers float64 ``(n_images,)``.
    function : callable
        ``function(y_true, response, n_classes)`` returns a float. `y_true` is int64
        ``(n_images,)``; classes may be missing in it. It raises :class:`UndefinedMetricError`
        where there is no value.
    weighted : callable, optional
        ``weighted(y_true, response, n_classes, weights)`` returns float64 ``(n_draws,)``: the value
        of `function` when every image occurs as often as the row of `weights`, float64
        ``(n_draws, n_images)``, says; NaN where that has no value. With it a study estimates what
        to expect from all random draws; without, from as many as there is time for.
    words : str
        What it is called in sentences; the name, unless it is given.
    """

    name: str
    direction: str
    bounds: tuple[float, float]
    response: str
    function: Callable[[np.ndarray, np.ndarray, int], float]
    weighted: Callable[[np.ndarray, np.ndarray, int, np.ndarray], np.ndarray] | None = None
    words: str = ""

    @property
    def higher_is_better(self) -> bool:
        """Whether the higher of two values is the better one."""
        return self.direction == "higher"

    @property
    def in_words(self) -> str:
        """What it is called in a sentence."""
        return self.words or self.name.replace("_", " ")


@dataclass(frozen=True)
class ChosenMetric:
    """A metric as a study asks for it: its name and parameters, and the classes of the images.

    A metric whose function takes `class_names` gets them; names of classes in its parameters can
    so be checked before any work.

    Examples
    --------
    >>> spec = ComponentSpec.of("recall", {"positive": "mitotic"})
    >>> str(ChosenMetric(spec, ("mitotic", "normal")))
    'recall(positive=mitotic)'
    """

    spec: ComponentSpec
    class_names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what it is called in tables."""
        return self.spec.label


def evaluate(metric: Metric, y_true: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the value of a metric for the predictions of some images.

    Parameters
    ----------
    metric : Metric
        With the response `labels`, each image counts as the class of its highest probability.
    y_true : np.ndarray
        int ``(n_images,)``, places of the true classes.
    probabilities : np.ndarray
        float ``(n_images, n_classes)``, one column for each class of the study.

    Raises
    ------
    UndefinedMetricError
        If there is no image, or the metric has no value for these.
    ValueError
        If the shapes do not fit each other, or a class has no column.

    Examples
    --------
    >>> table = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> evaluate(get_metric("accuracy"), np.array([0, 1, 1]), table)
    0.6666666666666666
    """
    y_true, probabilities = np.asarray(y_true), np.asarray(probabilities)
    if probabilities.ndim != 2 or y_true.shape != probabilities.shape[:1]:
        raise ValueError(
            "probabilities must be (n_images, n_classes) for n_images true classes. Got "
            f"{probabilities.shape} for {y_true.shape}."
        )
    n_images, n_classes = probabilities.shape
    if n_images == 0:
        raise UndefinedMetricError(f"{metric.name}: must have at least 1 image. Got none.")
    if y_true.min() < 0 or y_true.max() >= n_classes:
        raise ValueError(
            f"true classes must be places 0 to {n_classes - 1}. Got {y_true.min()} to "
            f"{y_true.max()}."
        )
    response = probabilities.argmax(axis=1) if metric.response == "labels" else probabilities
    value = float(metric.function(y_true, response, n_classes))
    if math.isnan(value):
        raise UndefinedMetricError(f"{metric.name}: has no value for these {n_images} images.")
    return value


def get_metric(name: str | ChosenMetric, base_dir: Path | None = None) -> Metric:
    """Return the metric of a name, or of an import path.

    Parameters
    ----------
    name : str or ChosenMetric
        A known name, or ``"pkg.module:name"`` of a function that returns a :class:`Metric`; with
        parameters and classes, where it has any, as a :class:`ChosenMetric`.
    base_dir : Path, optional
        The configuration's folder; modules lying there can be named too.

    Raises
    ------
    ComponentError
        If the name is unknown, cannot be imported, or does not give a sound metric; or if a
        parameter is wrong, the name of a class for example.

    Examples
    --------
    >>> get_metric("log_loss").direction
    'lower'
    """
    chosen = _as_chosen(name)
    rule = f"metric {chosen.spec.name!r}: must be a function that returns a Metric."
    try:
        metric = create("metric", chosen.spec, base_dir, class_names=chosen.class_names)
    except BioselectError:
        raise
    except Exception as error:
        raise ComponentError(f"{rule} It raised {type(error).__name__}: {error}.") from error
    if not isinstance(metric, Metric):
        raise ComponentError(f"{rule} Got {type(metric).__name__}.")
    _check_declared(chosen.spec.name, metric)
    return metric


def metric_identity(name: str | ChosenMetric, base_dir: Path | None = None) -> dict[str, Any]:
    """Return what distinguishes the values of a metric, for the keys of stored results.

    Examples
    --------
    >>> metric_identity("accuracy")
    {'name': 'accuracy', 'version': 1}
    """
    spec = _as_chosen(name).spec
    found = identity("metric", spec.name, base_dir)
    return {**found, "params": spec.params_dict} if spec.params else found


def _as_chosen(name: str | ChosenMetric) -> ChosenMetric:
    return name if isinstance(name, ChosenMetric) else ChosenMetric(ComponentSpec(name))


def _check_declared(name: str, metric: Metric) -> None:
    if metric.direction not in DIRECTIONS:
        raise ComponentError(
            f"metric {name!r}: direction must be 'higher' or 'lower'. Got {metric.direction!r}."
        )
    if metric.response not in RESPONSES:
        raise ComponentError(
            f"metric {name!r}: response must be one of {', '.join(RESPONSES)}. Got "
            f"{metric.response!r}."
        )
    if len(metric.bounds) != 2 or not metric.bounds[0] < metric.bounds[1]:
        raise ComponentError(
            f"metric {name!r}: bounds must be (lowest, highest). Got {metric.bounds!r}."
        )
