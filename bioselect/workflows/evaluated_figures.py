"""Predictions beside the truth -> the value of every metric, with a confidence interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.bundle.reading import Model
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import independent_units
from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.metrics.base import evaluate as evaluate_metric
from bioselect.metrics.intervals import bootstrap_interval
from bioselect.predict.files import Prediction
from bioselect.progress import Reporter
from bioselect.workflows.evaluated_labels import true_targets

#: An interval may miss the value by this much for rounding, in parts of the value if that is large.
ROUNDING = 1e-9
METRIC_COLUMNS = ("metric", "value", "ci_low", "ci_high", "error")


@dataclass(frozen=True)
class Labelled:
    """Predictions of the usable images beside their labels."""

    y_true: np.ndarray
    probabilities: np.ndarray
    groups: list[str | None]


def labelled_of(model: Model, dataset: ImageDataset, predictions: Sequence[Prediction]) -> Labelled:
    """Return the usable images; one that could not be predicted says nothing."""
    used = [
        (record, item.probabilities)
        for record, item in zip(dataset.records, predictions, strict=True)
        if item.probabilities is not None
    ]
    return Labelled(
        true_targets(model, [record for record, _ in used]),
        np.stack([probabilities for _, probabilities in used]),
        [record.group for record, _ in used],
    )


def metric_rows(
    metrics: Sequence[Metric], labelled: Labelled, seed: int, reporter: Reporter
) -> list[tuple[Any, ...]]:
    """Return a row of `METRIC_COLUMNS` for each metric."""
    n_images = len(labelled.y_true)
    units = independent_units(
        labelled.groups, [str(place) for place in range(n_images)], [False] * n_images
    )
    rows: list[tuple[Any, ...]] = []
    with reporter.task("confidence intervals", len(metrics)) as task:
        for metric in metrics:
            rows.append(metric_row(metric, labelled, units, seed))
            task.advance()
    return rows


def metric_row(metric: Metric, labelled: Labelled, units: np.ndarray, seed: int) -> tuple[Any, ...]:
    """Return a row of `METRIC_COLUMNS` for one metric."""
    try:
        value = evaluate_metric(metric, labelled.y_true, labelled.probabilities)
    except UndefinedMetricError as error:
        return (metric.name, None, None, None, str(error))
    except Exception as error:  # of somebody's own, which may raise anything
        return (metric.name, None, None, None, f"{type(error).__name__}: {error}")
    try:
        low, high = bootstrap_interval(metric, labelled.y_true, labelled.probabilities, units, seed)
    except UndefinedMetricError as error:
        return (metric.name, value, None, None, str(error))
    rounding = ROUNDING * max(1.0, abs(value))
    if not low - rounding <= value <= high + rounding:
        # Calibration error, for one: images that a draw holds twice make it worse.
        why = (
            f"{metric.name}: random draws of these images ({low:.3f} to {high:.3f}) lie beside the "
            "value of the images themselves; evaluate on more images."
        )
        return (metric.name, value, None, None, why)
    return (metric.name, value, low, high, "")


def figures_in_words(
    rows: Sequence[tuple[Any, ...]], units: Mapping[str, str] | None = None
) -> list[str]:
    """Return the rows for a terminal; of numbers `units` has the unit of each metric."""
    lines = []
    for name, value, low, high, error in rows:
        if units is not None and value is not None:
            lines.append(_number_in_words(name, value, low, high, error, units.get(name, "")))
            continue
        if value is None:
            lines.append(f"  {name}: cannot be computed: {error}")
        elif error:
            lines.append(f"  {name}: {value:.3f} (no interval: {error})")
        else:
            lines.append(f"  {name}: {value:.3f} (95 % interval {low:.3f} to {high:.3f})")
    return lines


def _number_in_words(
    name: str, value: float, low: float | None, high: float | None, error: str, unit: str
) -> str:
    if low is not None and high is not None and abs(value) < ROUNDING * (high - low):
        value = 0.0  # What is left of it is rounding.
    text = f"  {name}: {value:.4g}{' ' * bool(unit)}{unit}"
    if low is None or high is None:
        return f"{text} (no interval: {error})"
    return f"{text} (95 % interval {low:.4g} to {high:.4g})"
