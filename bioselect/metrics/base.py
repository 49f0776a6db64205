"""What a metric is: which way is better, within which bounds, of what."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.targets import predicted_sets
from bioselect.exceptions import BioselectError, ComponentError
from bioselect.registry import ComponentSpec, create, identity

DIRECTIONS = ("higher", "lower")
RESPONSES = ("labels", "probabilities", "values", "label_sets", "label_probabilities", "scores")
#: What metrics of images with several labels get.
OF_LABEL_SETS = ("label_sets", "label_probabilities")
#: What metrics get where images have values rather than classes: numbers, or scores of images.
OF_VALUES = ("values", "scores")


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
    response : {"labels", "probabilities", "values", "label_sets", "label_probabilities", "scores"}
        What `function` gets: predicted class places int64 ``(n_images,)``, probabilities float64
        ``(n_images, n_classes)``, or predicted numbers float64 ``(n_images,)``. Where images may
        have several labels: which of them are predicted, bool ``(n_images, n_labels)``, or the
        probability of each, float64; the truth is then 0 and 1 of the same form, and `n_classes`
        the number of labels. Of masks, what each image scores, float64 ``(n_images, 1)``, NaN where
        it has no value; the truth is zeros then, and looked at by nobody.
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
    unit_power : int
        Of an error of numbers: 1 where its values are in the units of the target, 2 in their
        square; 0 where they have no unit.
    unit : str
        What stands behind its values in sentences ("um"); see :func:`in_units`.
    """

    name: str
    direction: str
    bounds: tuple[float, float]
    response: str
    function: Callable[[np.ndarray, np.ndarray, int], float]
    weighted: Callable[[np.ndarray, np.ndarray, int, np.ndarray], np.ndarray] | None = None
    words: str = ""
    unit_power: int = 0
    unit: str = ""

    @property
    def higher_is_better(self) -> bool:
        """Whether the higher of two values is the better one."""
        return self.direction == "higher"

    @property
    def takes_label_sets(self) -> bool:
        """Whether it judges images that may have several labels, rather than one class each."""
        return self.response in OF_LABEL_SETS

    @property
    def takes_values(self) -> bool:
        """Whether it judges predicted numbers, rather than classes of images."""
        return self.response == "values"

    @property
    def takes_masks(self) -> bool:
        """Whether it judges masks, rather than classes of images."""
        return self.response == "scores"

    @property
    def in_words(self) -> str:
        """What it is called in a sentence."""
        return self.words or self.name.replace("_", " ")


@dataclass(frozen=True)
class ChosenMetric:
    """A metric as a study asks for it: its name and parameters, and the classes of the images.

    A metric whose function takes `class_names` gets them; names of classes in its parameters can
    so be checked before any work. One that takes `label_sets` is told whether images may have
    several labels, of which `class_names` are then the names.

    Examples
    --------
    >>> spec = ComponentSpec.of("recall", {"positive": "mitotic"})
    >>> str(ChosenMetric(spec, ("mitotic", "normal")))
    'recall(positive=mitotic)'
    """

    spec: ComponentSpec
    class_names: tuple[str, ...] = ()
    label_sets: bool = False

    def __str__(self) -> str:
        """Return what it is called in tables."""
        return self.spec.label


def response_to(metric: Metric, probabilities: np.ndarray) -> np.ndarray:
    """Return what a metric judges, for probabilities ``(..., n_classes)``.

    Of classes the most probable one is predicted; of labels those more probable than not. Values
    have a single column.

    Examples
    --------
    >>> table = np.array([[0.9, 0.7], [0.2, 0.4]])
    >>> response_to(get_metric("accuracy"), table), response_to(get_metric("hamming_loss"), table)
    (array([0, 1]), array([[ True,  True],
           [False, False]]))
    """
    if metric.response == "labels":
        places: np.ndarray = probabilities.argmax(axis=-1)
        return places
    if metric.response == "values":
        numbers: np.ndarray = probabilities[..., 0]
        return numbers
    return predicted_sets(probabilities) if metric.response == "label_sets" else probabilities


def in_units(metric: Metric, unit: str) -> Metric:
    """Return the metric with the unit that its values have for a target in `unit`.

    Examples
    --------
    >>> in_units(get_metric("rmse"), "um").unit, in_units(get_metric("r2"), "um").unit
    ('um', '')
    """
    if not unit or not metric.unit_power:
        return metric
    return replace(metric, unit=unit if metric.unit_power == 1 else f"({unit})^{metric.unit_power}")


def evaluate(metric: Metric, y_true: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the value of a metric for the predictions of some images.

    Parameters
    ----------
    metric : Metric
        With the response `labels`, each image counts as the class of its highest probability.
    y_true : np.ndarray
        int ``(n_images,)``, places of the true classes; or 0 and 1, ``(n_images, n_labels)``; or
        float ``(n_images,)`` for a metric of values or scores.
    probabilities : np.ndarray
        float ``(n_images, n_classes)``, one column for each class of the study; one of values.

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
    of_label_sets = metric.response in OF_LABEL_SETS
    fitting = probabilities.shape if of_label_sets else probabilities.shape[:1]
    if probabilities.ndim != 2 or y_true.shape != fitting:
        what = "(n_images, n_labels) of 0 and 1" if of_label_sets else "n_images"
        raise ValueError(
            f"probabilities must be (n_images, n_classes) for {what} true classes. Got "
            f"{probabilities.shape} for {y_true.shape}."
        )
    n_images, n_classes = probabilities.shape
    if n_images == 0:
        raise UndefinedMetricError(f"{metric.name}: must have at least 1 image. Got none.")
    highest = 1 if of_label_sets else n_classes - 1
    if metric.response not in OF_VALUES and (y_true.min() < 0 or y_true.max() > highest):
        raise ValueError(
            f"true classes must be places 0 to {highest}. Got {y_true.min()} to {y_true.max()}."
        )
    value = float(metric.function(y_true, response_to(metric, probabilities), n_classes))
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
        metric = create(
            "metric",
            chosen.spec,
            base_dir,
            class_names=chosen.class_names,
            label_sets=chosen.label_sets,
        )
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
