"""Folds inside the training images: what is tuned there never sees a test image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.data.target_folds import draw_target_folds
from bioselect.data.targets import fewest_units, is_label_sets, is_values
from bioselect.data.units_of_views import is_no_view, whole_units
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
        int ``(n_images,)``: class places, and what must not be split; views of images as
        `data.units_of_views` has them. Of labels `y` is 0 and 1 ``(n_images, n_labels)``, of values
        float64 ``(n_images,)``.
    n_classes : int
        Of the whole study.
    seed : int
        Of the folds.
    n_folds : int
        At most so many.
    what, instead : str
        For the error: what needs the folds, and what to do without them.

    Returns
    -------
    tuple of Fold
        Views of the images to train on are trained on too; views of those to test are left out.

    Raises
    ------
    DataError
        If a class has a single independent image or group, or images with values are of one group.
    """
    is_image, units = is_no_view(units), whole_units(units)
    if is_label_sets(y) or is_values(y):
        _check_divisible(y, units, what, instead)
        n_parts = max(2, min(n_folds, fewest_units(y, units)))
        return _of_images(draw_target_folds(y, units, n_parts, 1, seed).folds, is_image)
    n_units = {int(place): len(np.unique(units[y == place])) for place in np.unique(y)}
    rarest = min(n_units, key=lambda place: n_units[place])
    if n_units[rarest] < 2:
        raise DataError(
            f"{what}: each of the {n_classes} classes must have at least 2 independent images "
            f"or groups among the {len(y)} training images. Got 1 of class number "
            f"{rarest + 1}. Collect more, merge it with another class, or {instead}."
        )
    n_parts = min(n_folds, n_units[rarest])
    return _of_images(draw_target_folds(y, units, n_parts, 1, seed).folds, is_image)


def _check_divisible(y: np.ndarray, units: np.ndarray, what: str, instead: str) -> None:
    if is_values(y) and len(np.unique(units)) < 2:
        raise DataError(
            f"{what}: there must be at least 2 independent images or groups among the {len(y)} "
            f"training images. Got 1. Collect more, or {instead}."
        )


def _of_images(folds: tuple[Fold, ...], is_image: np.ndarray) -> tuple[Fold, ...]:
    """Return the folds without the views among what they test."""
    if is_image.all():
        return folds
    return tuple(replace(fold, test=fold.test[is_image[fold.test]]) for fold in folds)
