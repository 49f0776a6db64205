"""Folds inside the training images: what is tuned there never sees a test image."""

from __future__ import annotations

import numpy as np

from bioselect.data.splitting import Fold, draw_folds
from bioselect.exceptions import DataError

#: Fewer if a class has fewer independent units among the training images.
INNER_FOLDS = 3


def inner_folds(
    y: np.ndarray,
    units: np.ndarray,
    n_classes: int,
    seed: int,
    n_folds: int = INNER_FOLDS,
    what: str = "search",
    instead: str = "search nothing",
) -> tuple[Fold, ...]:
    """Return the inner folds: the same for every classifier with these training images.

    Parameters
    ----------
    y, units : np.ndarray
        int ``(n_images,)``: class places, and what must not be split.
    n_classes : int
        Of the whole study.
    seed : int
        Of the folds.
    n_folds : int
        At most so many.
    what, instead : str
        For the error: what needs the folds, and what to do without them.

    Raises
    ------
    DataError
        If a class has a single independent image or group.
    """
    n_units = {int(place): len(np.unique(units[y == place])) for place in np.unique(y)}
    rarest = min(n_units, key=lambda place: n_units[place])
    if n_units[rarest] < 2:
        raise DataError(
            f"{what}: each of the {n_classes} classes must have at least 2 independent images "
            f"or groups among the {len(y)} training images. Got 1 of class number "
            f"{rarest + 1}. Collect more, merge it with another class, or {instead}."
        )
    return draw_folds(y, units, min(n_folds, n_units[rarest]), 1, seed).folds
