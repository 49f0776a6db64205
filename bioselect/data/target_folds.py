"""Folds of images with one class each or with several labels, whichever they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.label_stratification import choose_label_design, draw_label_folds
from bioselect.data.splitting import Design, SplitPlan, choose_design, draw_folds
from bioselect.data.targets import is_label_sets


def choose_target_design(
    targets: np.ndarray,
    units: np.ndarray,
    folds: int | str,
    repeats: int | str,
    names: Sequence[str],
) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    As :func:`~bioselect.data.splitting.choose_design` and
    :func:`~bioselect.data.label_stratification.choose_label_design`; `names` are those of the
    classes or labels.
    """
    choose = choose_label_design if is_label_sets(targets) else choose_design
    return choose(targets, units, folds, repeats, names)


def draw_target_folds(
    targets: np.ndarray, units: np.ndarray, n_folds: int, n_repeats: int, seed: int
) -> SplitPlan:
    """Divide images into folds, stratified by class or by label; units stay whole.

    Examples
    --------
    >>> draw_target_folds(np.array([0, 0, 1, 1]), np.arange(4), 2, 1, seed=0).design
    '2 folds, drawn once, stratified by class, over 4 independent images'
    """
    draw = draw_label_folds if is_label_sets(targets) else draw_folds
    return draw(targets, units, n_folds, n_repeats, seed)
