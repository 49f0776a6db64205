"""What `bioselect evaluate` says of the prediction sets of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bioselect.bundle.reading import Model
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.selection.interval_words import percent
from bioselect.workflows.evaluated_figures import Labelled

COVERAGE, SIZE, SINGLE, RIGHT = "set_coverage", "set_size", "set_of_one", "accuracy_if_set_of_one"

#: Truth and sets -> a number an image, NaN where the image says nothing about it.
_Figure = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _held(y_true: np.ndarray, table: np.ndarray, inside: np.ndarray) -> np.ndarray:
    held: np.ndarray = inside[np.arange(len(y_true)), y_true].astype(np.float64)
    return held


def _size(y_true: np.ndarray, table: np.ndarray, inside: np.ndarray) -> np.ndarray:
    sizes: np.ndarray = inside.sum(axis=1).astype(np.float64)
    return sizes


def _single(y_true: np.ndarray, table: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return np.asarray(inside.sum(axis=1) == 1, dtype=np.float64)


def _right(y_true: np.ndarray, table: np.ndarray, inside: np.ndarray) -> np.ndarray:
    right = (table.argmax(axis=1) == y_true).astype(np.float64)
    return np.asarray(np.where(inside.sum(axis=1) == 1, right, np.nan))


def set_metrics(model: Model) -> list[Metric]:
    """Return what is judged of sets: how often they hold the truth, their size, and of one class.

    None for a model without sets.
    """
    sets = model.sets
    if sets is None:
        return []
    n_classes = float(len(model.class_names))
    return [
        _mean_of(COVERAGE, (0.0, 1.0), sets, _held),
        _mean_of(SIZE, (1.0, n_classes), sets, _size, "lower"),
        _mean_of(SINGLE, (0.0, 1.0), sets, _single),
        _mean_of(RIGHT, (0.0, 1.0), sets, _right),
    ]


def _mean_of(
    name: str,
    bounds: tuple[float, float],
    sets: PredictionSets,
    figure: _Figure,
    direction: str = "higher",
) -> Metric:
    def mean(y_true: np.ndarray, table: np.ndarray, n_classes: int) -> float:
        values = figure(y_true, table, sets.holds(table))
        if np.isnan(values).all():
            raise UndefinedMetricError("no image has one class alone in its set")
        return float(np.nanmean(values))

    def means(
        y_true: np.ndarray, table: np.ndarray, n_classes: int, weights: np.ndarray
    ) -> np.ndarray:
        values = figure(y_true, table, sets.holds(table))
        known = ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            found: np.ndarray = weights[:, known] @ values[known] / weights[:, known].sum(axis=1)
        return found

    return Metric(name, direction, bounds, "probabilities", mean, means)


def stated_rows(model: Model) -> list[tuple[Any, ...]]:
    """Return what sets were made to hold, to stand beside what they hold here."""
    sets = model.sets
    return [] if sets is None else [("set_level", sets.level, None, None, "")]


def set_coverage_lines(
    rows: Sequence[tuple[Any, ...]], model: Model, labelled: Labelled
) -> list[str]:
    """Say whether sets hold here what they were made for, class by class, and how large they are.

    Of a model without sets nothing is said.
    """
    sets = model.sets
    if sets is None:
        return []
    found = {row[0]: row for row in rows}
    value, high, size = found[COVERAGE][1], found[COVERAGE][3], found[SIZE][1]
    if value is None or size is None:
        return []
    line = (
        f"  prediction sets were made to hold the true class for {percent(sets.level)} of images; "
        f"here they hold it for {percent(value)}{_lowest(model, sets, labelled)}, with "
        f"{size:.2f} classes on average{_in_study(model)}"
    )
    if high is not None and high < sets.level:
        return [f"{line}: too few. These images are not like those of the training"]
    return [line]


def _lowest(model: Model, sets: PredictionSets, labelled: Labelled) -> str:
    """Say of which class it is held least often."""
    y_true, table = labelled.y_true, labelled.probabilities
    held = _held(y_true, table, sets.holds(table))
    shares = {int(place): float(held[y_true == place].mean()) for place in np.unique(y_true)}
    if len(shares) < 2:
        return ""
    place = min(shares, key=lambda one: (shares[one], one))
    return f" (least of {model.class_names[place]}: {percent(shares[place])})"


def _in_study(model: Model) -> str:
    measured = model.manifest.sets.measured if model.manifest.sets is not None else None
    if not measured:
        return ""
    coverage, size = measured["coverage"] or 0.0, measured["mean_size"] or 0.0
    return f" (in the study {percent(coverage)} and {size:.2f})"
