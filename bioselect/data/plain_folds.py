"""Folds of images without classes: drawn over units, of nearly equal size, never the same twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.partitions import UnitContents, spread_by_class
from bioselect.data.random_splits import draw_parts
from bioselect.data.splitting import (
    MINIMUM_UNITS,
    Design,
    SplitPlan,
    Stratification,
    design_for,
    draw_plan,
)
from bioselect.exceptions import DataError

_BY_NOTHING = Stratification("", "", spread_by_class)


def choose_plain_design(units: np.ndarray, folds: int | str, repeats: int | str) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    Parameters
    ----------
    units : np.ndarray
        int ``(n_images,)`` of :func:`bioselect.data.splitting.independent_units`.
    folds, repeats : int or "auto"
        As for :func:`bioselect.data.splitting.choose_design`.

    Raises
    ------
    DataError
        If there are fewer than 5 units.
    """
    n_units = len(np.unique(units))
    if n_units < MINIMUM_UNITS:
        raise DataError(
            f"the data set: must have at least {MINIMUM_UNITS} images or groups that are "
            "independent of each other (copies of an image count once, and so do images of one "
            f"group). Got {n_units}. Collect more."
        )
    return design_for({"all images": n_units}, units, folds, repeats)


def draw_plain_folds(units: np.ndarray, n_folds: int, n_repeats: int, seed: int) -> SplitPlan:
    """Divide images into folds of nearly equal size; units stay whole.

    Examples
    --------
    >>> plan = draw_plain_folds(np.arange(10), 5, 1, seed=0)
    >>> [len(fold.test) for fold in plan.folds]
    [2, 2, 2, 2, 2]
    >>> plan.design
    '5 folds, drawn once, over 10 independent images'
    """
    contents = UnitContents.of(np.zeros(len(units), dtype=np.int64), units)
    return draw_plan(contents, n_folds, n_repeats, seed, _BY_NOTHING)


def draw_plain_parts(units: np.ndarray, shares: Sequence[float], seed: int) -> np.ndarray:
    """Divide images once into parts of these shares; units stay whole.

    Examples
    --------
    >>> np.bincount(draw_plain_parts(np.arange(10), (0.7, 0.2, 0.1), seed=0)).tolist()
    [7, 2, 1]
    """
    return draw_parts(np.zeros(len(units), dtype=np.int64), units, shares, seed)
