"""What `bioselect evaluate` says of a model that predicts a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.bundle.manifest import NumberText
from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.explain.agreement import errors_by_group
from bioselect.metrics.base import Metric
from bioselect.selection.interval_words import percent
from bioselect.workflows.evaluated_figures import Labelled

GROUP_COLUMNS = (
    "group", "n_images", "mae", "mean_error", "rmse", "within_interval", "interval_level",
)  # fmt: skip


def mean_error() -> Metric:
    """Predicted less true, on average: above zero if the model says too much."""
    return Metric(
        "mean_error",
        "lower",
        (-np.inf, np.inf),
        "values",
        _mean_error,
        _weighted_error,
        unit_power=1,
    )


def _mean_error(y_true: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
    return float(np.mean(predicted - y_true))


def _weighted_error(
    y_true: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray
) -> np.ndarray:
    means: np.ndarray = weights @ (predicted - y_true) / weights.sum(axis=1)
    return means


def coverage(interval: PredictionInterval) -> Metric:
    """How often the true number lies between low and high."""

    def inside(y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        return interval.holds(predicted, y_true).astype(np.float64)

    def share(y_true: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
        return float(inside(y_true, predicted).mean())

    def shares(
        y_true: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray
    ) -> np.ndarray:
        held: np.ndarray = (weights * inside(y_true, predicted)).sum(axis=1) / weights.sum(axis=1)
        return held

    return Metric("interval_coverage", "higher", (0.0, 1.0), "values", share, shares)


def coverage_lines(
    rows: Sequence[tuple[Any, ...]], interval: PredictionInterval | None
) -> list[str]:
    """Say whether the intervals hold here what they were made for, or that there are none."""
    if interval is None:
        return ["  this model gives no low and high (bundle.interval), so none are judged"]
    found = {name: (value, high) for name, value, _, high, _ in rows}
    value, high = found["interval_coverage"]
    if value is None:
        return []
    line = (
        f"  low and high were made to hold {percent(interval.level)} of the true numbers; here "
        f"they hold {percent(value)}"
    )
    if high is not None and high < interval.level:
        return [f"{line}: too few. These images are not like those of the training"]
    return [line]


def group_errors(labelled: Labelled, interval: PredictionInterval | None) -> list[tuple[Any, ...]]:
    """Return a row of `GROUP_COLUMNS` for each group, in the order of their names."""
    predicted = labelled.probabilities[:, 0]
    inside = None if interval is None else interval.holds(predicted, labelled.y_true)
    level = None if interval is None else interval.level
    names = ["" if group is None else group for group in labelled.groups]
    rows = errors_by_group(predicted - labelled.y_true, names, inside)
    return [
        (row.group, row.n_images, row.mae, row.mean_error, row.rmse, row.within, level)
        for row in sorted(rows, key=lambda row: row.group)
    ]


def number_lines(labelled: Labelled, number: NumberText) -> list[str]:
    """Say what the errors are to be compared with: those of the mean of the training range."""
    values, unit = labelled.y_true, f" {number.unit}" if number.unit else ""
    floor = float(np.mean(np.abs(values - values.mean())))
    lines = [
        f"  true numbers: {values.min():.4g} to {values.max():.4g}{unit}; whoever always said "
        f"their mean ({values.mean():.4g}) would be {floor:.4g} off on average"
    ]
    n_outside = int(((values < number.lowest) | (values > number.highest)).sum())
    if n_outside:
        lines.append(
            f"  {n_outside} of them lie outside of what the model was trained with "
            f"({number.lowest:g} to {number.highest:g}{unit})"
        )
    return lines
