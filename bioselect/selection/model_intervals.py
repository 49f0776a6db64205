"""The intervals of an exported model, and how they do on units that they were not made from.

The units are divided into five parts, and each part is measured with the intervals that the other
four give. What is kept is then made from all of them.

References
----------
Gneiting, Raftery (2007), "Strictly proper scoring rules, prediction, and estimation", JASA 102,
359-378 (the interval score).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.estimators.prediction_interval import CONSTANT, SCALED, PredictionInterval
from bioselect.selection.conformal import PredictedNumbers, fit_interval, units_needed
from bioselect.selection.units_apart import DEFAULT_LEVEL, N_PARTS

AUTO = "auto"

#: Intervals follow the predicted number only where that lowers the interval score by this share.
LEAST_GAIN = 0.02


@dataclass(frozen=True)
class MeasuredIntervals:
    """How intervals did on units that they were not made from; each unit counts the same.

    Attributes
    ----------
    coverage : float
        How often the truth lay inside.
    mean_width : float
        In the units of the target.
    score : float
        Width, and for a truth outside how far outside it lies times 2 / (1 - level); on average.
        The smaller, the better.
    """

    coverage: float
    mean_width: float
    score: float


@dataclass(frozen=True)
class ModelIntervals:
    """The intervals of an exported model.

    Attributes
    ----------
    interval : PredictionInterval or None
        None where there are too few units for the level.
    measured : MeasuredIntervals or None
        On units that they were not made from; None where there are too few for that.
    n_units : int
        Independent images or groups that it rests on.
    n_needed : int
        So many are needed for this level.
    """

    interval: PredictionInterval | None
    measured: MeasuredIntervals | None
    n_units: int
    n_needed: int


def measured(numbers: PredictedNumbers, interval: PredictionInterval) -> MeasuredIntervals:
    """Return how an interval does on some predictions."""
    found = _figures(numbers, interval)
    return _mean_of_units(numbers, found)


def _mean_of_units(numbers: PredictedNumbers, figures: np.ndarray) -> MeasuredIntervals:
    weighted = numbers.weights[:, None] * figures / numbers.n_units
    return MeasuredIntervals(*map(float, weighted.sum(axis=0)))


def _figures(numbers: PredictedNumbers, interval: PredictionInterval) -> np.ndarray:
    """Return inside (0 or 1), width and score of each prediction, ``(n, 3)``."""
    half = interval.half_widths(numbers.predicted)
    beyond = np.maximum(np.abs(numbers.true - numbers.predicted) - half, 0.0)
    inside = interval.holds(numbers.predicted, numbers.true)
    scores = 2 * half + 2 / (1 - interval.level) * beyond
    return np.column_stack([inside, 2 * half, scores])


def held_out_measure(
    numbers: PredictedNumbers, level: float, method: str, seed: int
) -> MeasuredIntervals | None:
    """Return how intervals do on a fifth of the units when made from the others, five times.

    None where the others are too few for the level.
    """
    n_parts = min(N_PARTS, numbers.n_units)
    if n_parts < 2 or numbers.n_units - -(-numbers.n_units // n_parts) < units_needed(level):
        return None
    figures = np.empty((len(numbers.units), 3))
    for inside in numbers.parts(n_parts, seed):
        interval = fit_interval(numbers.part(~inside), level, method)
        if interval is None:
            return None
        figures[inside] = _figures(numbers.part(inside), interval)
    return _mean_of_units(numbers, figures)


def held_without_group(
    numbers: PredictedNumbers,
    interval: PredictionInterval,
    tested: PredictedNumbers,
    groups: Sequence[str],
) -> np.ndarray:
    """Tell of predictions whether the intervals that all other groups give hold the truth.

    Intervals that a group has a part in hold its numbers more often than those of a new one: of few
    groups they hold nearly all of them.

    Parameters
    ----------
    numbers : PredictedNumbers
        What the interval was made from.
    interval : PredictionInterval
        Of all of them; level and method of the others are its own.
    tested : PredictedNumbers
        Predictions that are asked about; those of units that the interval was not made from have
        the interval itself.
    groups : sequence of str
        The group of each of these.

    Returns
    -------
    np.ndarray
        1.0 and 0.0 ``(n,)``; NaN where the others are too few for the level.

    Examples
    --------
    >>> said, true = np.zeros(20), np.arange(20.0)
    >>> numbers = PredictedNumbers(said, true, np.arange(20))
    >>> interval = fit_interval(numbers, 0.9, "constant")
    >>> interval.half_width, interval.holds(said, true)[18]
    (18.0, np.True_)
    >>> held_without_group(numbers, interval, numbers, [f"p{place}" for place in range(20)])[18]
    np.float64(0.0)
    """
    names = np.asarray(groups)
    held = np.full(len(names), np.nan)
    for name in sorted(set(groups)):
        own = np.flatnonzero(names == name)
        is_own = np.isin(numbers.units, tested.units[own])
        others = interval
        if is_own.any():
            fitted = fit_interval(numbers.part(~is_own), interval.level, interval.method)
            if fitted is None:
                continue
            others = fitted
        held[own] = others.holds(tested.predicted[own], tested.true[own])
    return held


def model_intervals(
    numbers: PredictedNumbers, seed: int, level: float = DEFAULT_LEVEL, method: str = AUTO
) -> ModelIntervals:
    """Fit and measure the intervals of an exported model.

    Parameters
    ----------
    numbers : PredictedNumbers
        Out-of-fold predictions of its candidate.
    seed : int
        Of the division into parts on which intervals are measured.
    level : float
        Between 0 and 1.
    method : {"auto", "constant", "scaled"}
        `auto`: as wide for every image, unless intervals that follow the predicted number have a
        score lower by `LEAST_GAIN` on units that they were not made from.
    """
    chosen = CONSTANT if method == AUTO else method
    found = held_out_measure(numbers, level, chosen, seed)
    if method == AUTO and found is not None:
        other = held_out_measure(numbers, level, SCALED, seed)
        if other is not None and other.score <= found.score * (1 - LEAST_GAIN):
            chosen, found = SCALED, other
    interval = fit_interval(numbers, level, chosen)
    return ModelIntervals(interval, found, numbers.n_units, units_needed(level))
