"""Folds of images that have values: stratified by quantiles of the values, units whole."""

from __future__ import annotations

import numpy as np

from bioselect.data.partitions import UnitContents, spread_by_class
from bioselect.data.plain_folds import choose_plain_design, draw_plain_folds
from bioselect.data.splitting import Design, SplitPlan, Stratification, draw_plan
from bioselect.data.value_quantiles import quantile_places
from bioselect.exceptions import DataError

#: Scores closer than 1e-12 are equal; errors of a millionth of the spread should not be.
LEAST_SPREAD = 1e-6

_BY_QUANTILE = Stratification("quantiles of the target", "quantiles of the target", spread_by_class)


def choose_value_design(
    values: np.ndarray, units: np.ndarray, folds: int | str, repeats: int | str
) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    Parameters
    ----------
    values : np.ndarray
        float64 ``(n_images,)``.
    units, folds, repeats
        As for :func:`bioselect.data.splitting.choose_design`.

    Raises
    ------
    DataError
        If there are fewer than 5 units, if a value is not finite, or if all are equal or nearly.

    Examples
    --------
    >>> choose_value_design(np.arange(120.0), np.arange(120), "auto", "auto")
    Design(n_folds=5, n_repeats=10, warnings=(), exploratory=False)
    """
    if not np.isfinite(values).all():
        raise DataError(
            f"the target: must be a finite number for every image. Got "
            f"{int((~np.isfinite(values)).sum())} that are missing or infinite. Give them a value, "
            "or leave these images out."
        )
    if len(np.unique(values)) < 2:
        raise DataError(
            f"the target: must differ between images. Got {values[0]:g} for all of them. Check "
            "which column is the target."
        )
    if np.std(values) < LEAST_SPREAD:
        raise DataError(
            f"the target: its values differ by so little (standard deviation {np.std(values):.3g}) "
            "that scores, which are compared to twelve decimals, could not tell models apart. "
            "Write it in a smaller unit, nanometres in place of metres for example."
        )
    return choose_plain_design(units, folds, repeats)


def draw_value_folds(
    values: np.ndarray, units: np.ndarray, n_folds: int, n_repeats: int, seed: int
) -> SplitPlan:
    """Divide images into folds that hold low, middling and high values alike; units stay whole.

    Examples
    --------
    >>> plan = draw_value_folds(np.arange(50.0), np.arange(50), 5, 1, seed=0)
    >>> sorted(int(value // 5) for value in plan.folds[0].test)  # One value of every five.
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> plan.design
    '5 folds, drawn once, stratified by quantiles of the target, over 50 independent images'
    """
    places = quantile_places(values, units, n_folds)
    if places.max() == 0:
        return draw_plain_folds(units, n_folds, n_repeats, seed)
    return draw_plan(UnitContents.of(places, units), n_folds, n_repeats, seed, _BY_QUANTILE)
