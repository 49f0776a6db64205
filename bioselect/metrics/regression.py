"""Metrics of predicted numbers: errors in the units of the target, and correlations.

Each is a function of sums over images, so that many draws cost one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError

#: Of float64 weights ``(n_draws, n_images)``, true and predicted numbers: one value a draw.
Weighted = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

_NO_SPREAD = "must have images whose true values differ. Got one value"


def mae() -> Metric:
    """Mean absolute error, in the units of the target; lower is better."""
    return _error("mae", _mean_absolute, "mean absolute error")


def rmse() -> Metric:
    """Root of the mean squared error, in the units of the target; lower is better."""
    return _error("rmse", _root_mean_squared, "root mean squared error")


def r2() -> Metric:
    """Share of the variance of the true values that is predicted; 0 for their mean, at most 1."""
    return _of_spread("r2", _determination, (-np.inf, 1.0), "R2")


def _error(name: str, weighted: Weighted, words: str) -> Metric:
    return Metric(
        name,
        "lower",
        (0.0, np.inf),
        "values",
        partial(_once, name, weighted, ""),
        partial(_many, weighted),
        words,
    )


def _of_spread(name: str, weighted: Weighted, bounds: tuple[float, float], words: str) -> Metric:
    return Metric(
        name,
        "higher",
        bounds,
        "values",
        partial(_once, name, weighted, _NO_SPREAD),
        partial(_many, weighted),
        words,
    )


def _once(
    name: str,
    weighted: Weighted,
    rule: str,
    y_true: np.ndarray,
    predicted: np.ndarray,
    n_classes: int,
) -> float:
    value = float(weighted(np.ones((1, len(y_true))), y_true, predicted)[0])
    if np.isnan(value):
        raise UndefinedMetricError(f"{name}: {rule or 'has no value for these images'}.")
    return value


def _many(
    weighted: Weighted,
    y_true: np.ndarray,
    predicted: np.ndarray,
    n_classes: int,
    weights: np.ndarray,
) -> np.ndarray:
    return weighted(weights, y_true, predicted)


def _mean_absolute(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return _mean(weights, np.abs(predicted - y_true))


def _mean_squared(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return _mean(weights, (predicted - y_true) ** 2)


def _root_mean_squared(
    weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray
) -> np.ndarray:
    roots: np.ndarray = np.sqrt(_mean_squared(weights, y_true, predicted))
    return roots


def _determination(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    spread = _variance(weights, y_true)
    missed = _mean_squared(weights, y_true, predicted)
    missing = np.full(len(weights), np.nan)
    share: np.ndarray = 1.0 - np.divide(missed, spread, out=missing, where=spread > 0)
    return share


def _mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean of some values in every draw; NaN in one without images."""
    sizes = weights.sum(axis=1)
    means: np.ndarray = np.divide(
        weights @ values, sizes, out=np.full(len(weights), np.nan), where=sizes > 0
    )
    return means


def _variance(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the variance in every draw; exactly 0 where all values of a draw are equal."""
    drawn = weights > 0
    lowest = np.where(drawn, values, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(drawn, values, -np.inf).max(axis=1, initial=-np.inf)
    # Around the mean of all images first: of values far from zero the squares lose every digit.
    apart = values - values.mean()
    variance = _mean(weights, apart**2) - _mean(weights, apart) ** 2
    found: np.ndarray = np.where(highest > lowest, np.maximum(variance, 0.0), 0.0)
    return found
