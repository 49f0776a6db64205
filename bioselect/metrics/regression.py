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


def mse() -> Metric:
    """Mean squared error, in the square of the units of the target; lower is better."""
    return _error("mse", _mean_squared, "mean squared error", unit_power=2)


def median_absolute_error() -> Metric:
    """Median absolute error: half of the images are nearer; far misses do not count."""
    return _error("median_absolute_error", _median_absolute, "median absolute error")


def mape() -> Metric:
    """Mean absolute error as a share of the true value; images whose true value is 0 are left out.

    They have no percentage. Where all are 0 there is no value.
    """
    words = "mean absolute error as a share of the true value (images where that is 0 left out)"
    rule = "must have an image whose true value is not 0. Got none"
    return _error("mape", _mean_share, words, unit_power=0, rule=rule)


def pearson() -> Metric:
    """Correlation of true and predicted numbers; 0 where the same is predicted of all images."""
    return _of_spread("pearson", _correlation, (-1.0, 1.0), "Pearson correlation")


def spearman() -> Metric:
    """Correlation of the ranks; 0 where the same is predicted of all images."""
    return _of_spread("spearman", _rank_correlation, (-1.0, 1.0), "Spearman correlation")


def concordance() -> Metric:
    """Concordance correlation: 1 only where predicted numbers are the true ones, not in line."""
    return _of_spread("concordance", _concordance, (-1.0, 1.0), "concordance correlation")


def _error(
    name: str, weighted: Weighted, words: str, unit_power: int = 1, rule: str = ""
) -> Metric:
    return Metric(
        name,
        "lower",
        (0.0, np.inf),
        "values",
        partial(_once, name, weighted, rule),
        partial(_many, weighted),
        words,
        unit_power,
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


def _median_absolute(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the median error of every draw, of an even number the mean of the middle two."""
    errors = np.abs(predicted - y_true)
    order = np.argsort(errors, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    sizes = reached[:, -1]
    # The place, counted from 0, of the lower and the upper one of the middle two.
    middles = [np.ceil(sizes / 2) - 1, np.floor(sizes / 2)]
    places = [(reached > middle[:, None]).argmax(axis=1) for middle in middles]
    lower, upper = (errors[order][place] for place in places)
    medians: np.ndarray = np.where(sizes > 0, lower + (upper - lower) / 2, np.nan)
    return medians


def _mean_share(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    some = y_true != 0
    return _mean(weights[:, some], np.abs(predicted[some] / y_true[some] - 1.0))


def _correlation(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    spreads = _variance(weights, y_true), _variance(weights, predicted)
    return _ratio(_covariance(weights, y_true, predicted), *spreads)


def _rank_correlation(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    ranks = _ranks(weights, y_true), _ranks(weights, predicted)
    sizes = weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        apart = [each - (weights * each).sum(axis=1, keepdims=True) / sizes for each in ranks]
    spreads = [_mean_of_rows(weights, each**2) for each in apart]
    # Ranks are whole or half numbers: the mean of equal ones is exact.
    return _ratio(_mean_of_rows(weights, apart[0] * apart[1]), *spreads)


def _concordance(weights: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    spread = _variance(weights, y_true)
    away = _mean(weights, predicted - y_true) ** 2
    whole = spread + _variance(weights, predicted) + away
    missing = np.full(len(weights), np.nan)
    shares: np.ndarray = np.divide(
        2.0 * _covariance(weights, y_true, predicted), whole, out=missing, where=spread > 0
    )
    clipped: np.ndarray = np.clip(shares, -1.0, 1.0)
    return clipped


def _ratio(common: np.ndarray, spread: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return a correlation: 0 without spread of the predicted, NaN without that of the true."""
    lengths = np.sqrt(spread) * np.sqrt(predicted)
    found = np.divide(common, lengths, out=np.zeros(len(common)), where=lengths > 0)
    correlations: np.ndarray = np.where(spread > 0, np.clip(found, -1.0, 1.0), np.nan)
    return correlations


def _ranks(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return ``(n_draws, n_images)``: the rank of each value in every draw, equal ones the mean."""
    levels, level_of = np.unique(values, return_inverse=True)
    of_levels = np.zeros((len(weights), len(levels)))
    np.add.at(of_levels.T, level_of, weights.T)
    below = np.cumsum(of_levels, axis=1) - of_levels
    ranks: np.ndarray = (below + (of_levels + 1.0) / 2.0)[:, level_of]
    return ranks


def _mean_of_rows(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    sizes = weights.sum(axis=1)
    sums = (weights * values).sum(axis=1)
    means: np.ndarray = np.divide(sums, sizes, out=np.full(len(sums), np.nan), where=sizes > 0)
    return means


def _covariance(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first, second = first - first.mean(), second - second.mean()
    together = _mean(weights, first * second)
    common: np.ndarray = together - _mean(weights, first) * _mean(weights, second)
    return common


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
