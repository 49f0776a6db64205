"""What every metric must do: say which way is better, stay in its bounds, ignore the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bioselect.metrics.base import (
    RESPONSES,
    Metric,
    UndefinedMetricError,
    evaluate,
    response_to,
)
from bioselect.testing.violations import require

N_IMAGES = 60


def draw_predictions(
    metric: Metric, n_classes: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw what a metric judges: the truth, and probabilities ``(n, n_classes)``.

    The truth is int64 ``(n,)`` with every class, or 0 and 1 ``(n, n_classes)`` of labels. Of masks
    there are scores in place of probabilities, ``(n, 1)``, and zeros in place of the truth. Of
    numbers both are float64, some of the true ones equal, some 0.
    """
    random = np.random.default_rng(seed)
    if metric.takes_values:
        truth = random.integers(0, 12, N_IMAGES).astype(np.float64)
        return truth, random.normal(5.0, 4.0, (N_IMAGES, 1)).round(1)
    if metric.takes_masks:
        lowest, highest = metric.bounds
        scores = random.uniform(lowest, min(highest, lowest + 100.0), (N_IMAGES, 1))
        return np.zeros(N_IMAGES), scores
    if metric.takes_label_sets:
        has = random.random((N_IMAGES, n_classes)) < 0.4
        return has.astype(np.int64), random.random((N_IMAGES, n_classes))
    labels = np.arange(N_IMAGES) % n_classes
    probabilities = random.dirichlet(np.ones(n_classes), size=N_IMAGES)
    return labels.astype(np.int64), probabilities


def perfect(metric: Metric, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return probabilities of 1 for the true class, or for the labels that images have.

    Of masks the best scores that there can be.
    """
    if metric.takes_masks:
        return np.full((len(labels), 1), metric.bounds[1 if metric.higher_is_better else 0])
    if metric.takes_values:
        numbers: np.ndarray = labels[:, None].copy()
        return numbers
    if labels.ndim == 2:
        return labels.astype(np.float64)
    table: np.ndarray = np.eye(n_classes)[labels]
    return table


def check_declared(make: Callable[[], Any]) -> None:
    """Name, direction, bounds and response are stated."""
    metric: Metric = make()
    require(bool(metric.name), "a metric must have a name. Got none.")
    require(
        metric.direction in ("higher", "lower"),
        f"direction must be 'higher' or 'lower'. Got {metric.direction!r}.",
    )
    require(
        metric.bounds[0] < metric.bounds[1],
        f"bounds must be (lowest, highest). Got {metric.bounds}.",
    )
    require(
        metric.response in RESPONSES,
        f"response must be one of {', '.join(RESPONSES)}. Got {metric.response!r}.",
    )


def check_perfect_is_best(make: Callable[[], Any]) -> None:
    """Perfect predictions reach the better bound, and nothing beats them."""
    metric = make()
    place = 1 if metric.direction == "higher" else 0
    sign = 1.0 if metric.direction == "higher" else -1.0
    for n_classes in (2, 4):
        labels, probabilities = draw_predictions(metric, n_classes)
        best = evaluate(metric, labels, perfect(metric, labels, n_classes))
        require(
            abs(best - metric.bounds[place]) < 1e-6,
            f"perfect predictions must reach the bound {metric.bounds[place]}. Got {best}.",
        )
        other = evaluate(metric, labels, probabilities)
        require(
            sign * other < sign * best,
            f"random predictions must be worse than perfect ones ({best}). Got {other}.",
        )


def check_bounds(make: Callable[[], Any]) -> None:
    """Random predictions stay within the declared bounds."""
    metric = make()
    for seed in range(20):
        for n_classes in (2, 4):
            score = evaluate(metric, *draw_predictions(metric, n_classes, seed))
            require(
                isinstance(score, float) and metric.bounds[0] <= score <= metric.bounds[1],
                f"scores must be floats within {metric.bounds}. Got {score!r}.",
            )


def check_order(make: Callable[[], Any]) -> None:
    """The order of the images does not matter."""
    metric = make()
    labels, probabilities = draw_predictions(metric, 3)
    turned = evaluate(metric, labels[::-1], probabilities[::-1])
    score = evaluate(metric, labels, probabilities)
    require(
        abs(turned - score) < 1e-12,
        f"the order of the images must not matter. Got {score} and {turned}.",
    )


def check_better_is_better(make: Callable[[], Any]) -> None:
    """Predictions moved nine tenths of the way to the truth score better."""
    metric = make()
    sign = 1.0 if metric.direction == "higher" else -1.0
    labels, probabilities = draw_predictions(metric, 3)
    # Not half of the way: right but unsure is worse calibrated than wrong and unsure.
    moved = (probabilities + 9.0 * perfect(metric, labels, 3)) / 10
    before, after = evaluate(metric, labels, probabilities), evaluate(metric, labels, moved)
    require(
        sign * after > sign * before,
        f"better predictions must score better (direction {metric.direction}). Got {before} and "
        f"then {after}.",
    )


def check_many_draws(make: Callable[[], Any]) -> None:
    """The form for many draws, if there is one, gives the values of the images repeated."""
    metric = make()
    if metric.weighted is None:
        return
    random = np.random.default_rng(0)
    for n_classes in (2, 4):
        labels, probabilities = draw_predictions(metric, n_classes)
        drawn = random.integers(0, N_IMAGES, (6, N_IMAGES))
        drawn[-1] = drawn[-1, 0]  # A draw of one image, which lacks all classes but one.
        weights = np.stack([np.bincount(row, minlength=N_IMAGES) for row in drawn]).astype(float)
        response = response_to(metric, probabilities)
        values = metric.weighted(labels, response, n_classes, weights)
        expected = np.array(
            [_value_or_nan(metric, labels[row], probabilities[row]) for row in drawn]
        )
        require(
            np.shape(values) == expected.shape
            and np.allclose(values, expected, rtol=0, atol=1e-9, equal_nan=True),
            "`weighted` must give what `function` gives of the images repeated, and NaN where that "
            f"has no value. Got {values} instead of {expected}.",
        )


def _value_or_nan(metric: Metric, labels: np.ndarray, probabilities: np.ndarray) -> float:
    try:
        return evaluate(metric, labels, probabilities)
    except UndefinedMetricError:
        return float("nan")


CHECKS: Mapping[str, Callable[[Callable[[], Any]], None]] = {
    "declared": check_declared,
    "perfect is best": check_perfect_is_best,
    "bounds": check_bounds,
    "order": check_order,
    "better is better": check_better_is_better,
    "many draws": check_many_draws,
}
