"""Folds inside the training images: what is tuned there never sees a test image."""

from __future__ import annotations

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.data.target_folds import draw_target_folds
from bioselect.data.targets import fewest_units, is_label_sets
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

    A label that is too rare to be in each part is no obstacle: what cannot be learnt of it is
    predicted as the training images have it.

    Parameters
    ----------
    y, units : np.ndarray
        int ``(n_images,)``: class places, and what must not be split. Of labels `y` is 0 and 1
        ``(n_images, n_labels)``.
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
    if is_label_sets(y):
        n_parts = max(2, min(n_folds, fewest_units(y, units)))
        return draw_target_folds(y, units, n_parts, 1, seed).folds
    n_units = {int(place): len(np.unique(units[y == place])) for place in np.unique(y)}
    rarest = min(n_units, key=lambda place: n_units[place])
    if n_units[rarest] < 2:
        raise DataError(
            f"{what}: each of the {n_classes} classes must have at least 2 independent images "
            f"or groups among the {len(y)} training images. Got 1 of class number "
            f"{rarest + 1}. Collect more, merge it with another class, or {instead}."
        )
    return draw_target_folds(y, units, min(n_folds, n_units[rarest]), 1, seed).folds
