"""Folds of images with one class each, with several labels or with values, whichever they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.label_stratification import choose_label_design, draw_label_folds
from bioselect.data.splitting import Design, SplitPlan, choose_design, draw_folds
from bioselect.data.targets import is_label_sets, is_values
from bioselect.data.value_folds import choose_value_design, draw_value_folds


def choose_target_design(
    targets: np.ndarray,
    units: np.ndarray,
    folds: int | str,
    repeats: int | str,
    names: Sequence[str],
) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    As :func:`~bioselect.data.splitting.choose_design`,
    :func:`~bioselect.data.label_stratification.choose_label_design` and
    :func:`~bioselect.data.value_folds.choose_value_design`; `names` are those of the classes or
    labels, none of values.
    """
    if is_label_sets(targets):
        return choose_label_design(targets, units, folds, repeats, names)
    if is_values(targets):
        return choose_value_design(targets, units, folds, repeats)
    return choose_design(targets, units, folds, repeats, names)


def draw_target_folds(
    targets: np.ndarray, units: np.ndarray, n_folds: int, n_repeats: int, seed: int
) -> SplitPlan:
    """Divide images into folds, stratified by class, label or quantiles; units stay whole.

    Examples
    --------
    >>> draw_target_folds(np.array([0, 0, 1, 1]), np.arange(4), 2, 1, seed=0).design
    '2 folds, drawn once, stratified by class, over 4 independent images'
    """
    if is_label_sets(targets):
        return draw_label_folds(targets, units, n_folds, n_repeats, seed)
    if is_values(targets):
        return draw_value_folds(targets, units, n_folds, n_repeats, seed)
    return draw_folds(targets, units, n_folds, n_repeats, seed)
