"""How far predicted numbers are from true ones: bias and limits of agreement, group by group.

An error is what was predicted less what is true. Limits of agreement (Bland and Altman) hold 95 %
of errors if these are normally distributed: mean error ± 1.96 standard deviations. How sure bias
and limits are is found by drawing whole units again, so that images of one patient do not count as
many patients.

References
----------
Bland, Altman (1986), "Statistical methods for assessing agreement between two methods of clinical
measurement", Lancet 327, 307-310. Efron, Tibshirani (1993), "An introduction to the bootstrap",
chapter 13 (percentile intervals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Of a normal distribution, 95 % lie within so many deviations.
WITHIN = 1.959963984540054
N_DRAWS = 1000
#: With fewer independent images or groups, nothing is said of how sure bias and limits are.
FEWEST_UNITS = 5


@dataclass(frozen=True)
class WithInterval:
    """A number and its 95 % interval; None where there are too few units for one."""

    value: float
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Bias (the mean error), limits of agreement, and the deviation of the errors."""

    bias: WithInterval
    lower_limit: WithInterval
    upper_limit: WithInterval
    sd: float
    n_images: int
    n_units: int


@dataclass(frozen=True)
class GroupError:
    """Errors on the images of one group.

    `within` is which share of its true numbers lay inside their prediction intervals, None where
    one of them has none.
    """

    group: str
    n_images: int
    mean_error: float
    mae: float
    rmse: float
    within: float | None = None


def agreement(errors: np.ndarray, units: np.ndarray, seed: int) -> Agreement:
    """Return bias and limits of agreement.

    Parameters
    ----------
    errors : np.ndarray
        float ``(n,)``, at least two.
    units : np.ndarray
        int ``(n,)``, independent images or groups.
    seed : int
        Of the draws.

    Examples
    --------
    >>> found = agreement(np.array([-1.0, 0.0, 1.0]), np.arange(3), seed=0)
    >>> found.bias.value, found.upper_limit.value.__round__(2), found.bias.ci_low
    (0.0, 1.96, None)
    """
    numbers, places = np.unique(units, return_inverse=True)
    n_units = len(numbers)
    as_they_are = _figures(errors, np.ones((1, len(errors))))
    ends: list[tuple[float | None, float | None]] = [(None, None)] * 3
    if n_units >= FEWEST_UNITS:
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=N_DRAWS)
        found = _figures(errors, drawn[:, places].astype(np.float64))
        # A draw of one image alone has no deviation.
        found = found[:, np.isfinite(found).all(axis=0)]
        ends = [(float(low), float(high)) for low, high in np.quantile(found, [0.025, 0.975], 1).T]
    bias, lower, upper = (
        WithInterval(float(value[0]), *end) for value, end in zip(as_they_are, ends, strict=True)
    )
    return Agreement(bias, lower, upper, float(np.std(errors, ddof=1)), len(errors), n_units)


def _figures(errors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return bias, lower and upper limit for each row of weights, float ``(3, n_draws)``."""
    n = weights.sum(axis=1)
    bias = (weights * errors).sum(axis=1) / n
    squares = (weights * (errors - bias[:, None]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt(squares / (n - 1))
    return np.stack([bias, bias - WITHIN * sd, bias + WITHIN * sd])


def errors_by_group(
    errors: np.ndarray, groups: Sequence[str], inside: np.ndarray | None = None
) -> list[GroupError]:
    """Return the errors group by group, the largest mean absolute error first.

    Parameters
    ----------
    errors : np.ndarray
        float ``(n,)``.
    groups : sequence of str
        The group of each.
    inside : np.ndarray, optional
        ``(n,)``: 1 where the truth lay inside the prediction interval, 0 outside, NaN where
        there is no interval.

    Examples
    --------
    >>> found = errors_by_group(np.array([1.0, -3.0, 1.0]), ["a", "b", "a"])
    >>> [(one.group, one.n_images, one.mean_error, one.mae) for one in found]
    [('b', 1, -3.0, 3.0), ('a', 2, 1.0, 1.0)]
    """
    of_each = np.asarray(groups)
    rows = []
    for name in sorted(set(groups)):
        own = of_each == name
        part = errors[own]
        rows.append(
            GroupError(
                name,
                len(part),
                float(part.mean()),
                float(np.abs(part).mean()),
                float(np.sqrt((part**2).mean())),
                _share(inside, own),
            )
        )
    return sorted(rows, key=lambda row: -row.mae)


def _share(inside: np.ndarray | None, own: np.ndarray) -> float | None:
    share = np.nan if inside is None else float(inside[own].mean())
    return share if np.isfinite(share) else None
