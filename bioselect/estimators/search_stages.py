"""The inner folds of a search, whole or with a part of the training images only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bioselect.data.splitting import Fold, draw_folds
from bioselect.estimators.search_plan import STAGES
from bioselect.exceptions import DataError

#: Inner folds; fewer if a class has fewer independent units among the training images.
INNER_FOLDS = 3
#: A part of the training images with fewer of a class tells nothing: the stage is left out.
MIN_IMAGES_OF_CLASS = 5


def inner_folds(y: np.ndarray, units: np.ndarray, n_classes: int, seed: int) -> tuple[Fold, ...]:
    """Return the folds of a search: the same for every classifier with these training images.

    Raises
    ------
    DataError
        If a class has a single independent image or group.
    """
    n_units = {int(place): len(np.unique(units[y == place])) for place in np.unique(y)}
    rarest = min(n_units, key=lambda place: n_units[place])
    if n_units[rarest] < 2:
        raise DataError(
            f"search: each of the {n_classes} classes must have at least 2 independent images "
            f"or groups among the {len(y)} training images. Got 1 of class number "
            f"{rarest + 1}. Collect more, merge it with another class, or search nothing."
        )
    return draw_folds(y, units, min(INNER_FOLDS, n_units[rarest]), 1, seed).folds


def with_part_of_training(
    folds: tuple[Fold, ...], y: np.ndarray, units: np.ndarray, stage: int, seed: int
) -> tuple[Fold, ...] | None:
    """Return the same folds with one in `stage` of their training images; the test images stay.

    The part holds whole units and as large a share of every class; the part of an earlier stage
    lies in that of a later one.

    Parameters
    ----------
    folds : tuple of Fold
        Of :func:`inner_folds`.
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
        a class that the whole has: nothing can be chosen by it.
    """
    if stage == 1:
        return folds
    parts = [_part(fold, y, units, stage, seed) for fold in folds]
    whole = [part for part in parts if part is not None]
    return tuple(whole) if len(whole) == len(parts) else None


def _part(fold: Fold, y: np.ndarray, units: np.ndarray, stage: int, seed: int) -> Fold | None:
    labels, own_units = y[fold.train], units[fold.train]
    n_parts = STAGES[0]
    if len(np.unique(own_units)) < n_parts:
        return None
    ninths = draw_folds(labels, own_units, n_parts, 1, seed).folds[: n_parts // stage]
    places = np.sort(np.concatenate([ninth.test for ninth in ninths]))
    counts = np.bincount(labels[places], minlength=int(labels.max()) + 1)
    if counts[np.unique(labels)].min() < MIN_IMAGES_OF_CLASS:
        return None
    return replace(fold, train=fold.train[places])
