"""The inner folds of a search with a part of their training images only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.data.target_folds import draw_target_folds
from bioselect.data.targets import traits
from bioselect.data.units_of_views import whole_units
from bioselect.estimators.search_plan import STAGES

#: A part of the training images with fewer of a class tells nothing: the stage is left out.
MIN_IMAGES_OF_CLASS = 5


def with_part_of_training(
    folds: tuple[Fold, ...], y: np.ndarray, units: np.ndarray, stage: int, seed: int
) -> tuple[Fold, ...] | None:
    """Return the same folds with one in `stage` of their training images; the test images stay.

    The part holds whole units and as large a share of every class; the part of an earlier stage
    lies in that of a later one.

    Parameters
    ----------
    folds : tuple of Fold
        Of :func:`~bioselect.estimators.inner_folds.inner_folds`.
    y, units : np.ndarray
        As there.
    stage : int
        One of :data:`~bioselect.estimators.search_plan.STAGES`.
    seed : int
        Of the search.

    Returns
    -------
    tuple of Fold, or None
        None when the part of some fold would hold fewer than :data:`MIN_IMAGES_OF_CLASS` images of
        a class (or with, or without, a label) that the whole has: nothing can be chosen by it.
    """
    if stage == 1:
        return folds
    parts = [_part(fold, y, units, stage, seed) for fold in folds]
    whole = [part for part in parts if part is not None]
    return tuple(whole) if len(whole) == len(parts) else None


def _part(fold: Fold, y: np.ndarray, units: np.ndarray, stage: int, seed: int) -> Fold | None:
    labels, own_units = y[fold.train], whole_units(units[fold.train])
    n_parts = STAGES[0]
    if len(np.unique(own_units)) < n_parts:
        return None
    ninths = draw_target_folds(labels, own_units, n_parts, 1, seed).folds[: n_parts // stage]
    places = np.sort(np.concatenate([ninth.test for ninth in ninths]))
    if traits(labels)[places].sum(axis=0).min() < MIN_IMAGES_OF_CLASS:
        return None
    return replace(fold, train=fold.train[places])
