"""The part of training images by which a network knows when to stop; never trained or tested on."""

from __future__ import annotations

import numpy as np

from bioselect.data.random_splits import draw_parts
from bioselect.data.targets import n_kinds, trait_words, traits
from bioselect.exceptions import DataError

#: Share of the training images of a fold.
VALIDATION_SHARE = 0.15


def cut_validation_part(
    targets: np.ndarray, units: np.ndarray, train: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the training images of a fold into those that are trained on and a validation part.

    Units stay whole, and both parts are stratified by class or label; what one unit alone shows is
    trained on. The test images of the fold have no part in it.

    Parameters
    ----------
    targets, units : np.ndarray
        int ``(n_images,)``: the class of every image of the study, and what must not be split. Or
        its labels, 0 and 1 ``(n_images, n_labels)``.
    train : np.ndarray
        The places of the training images.
    seed : int
        That of the fold.

    Returns
    -------
    trained, validation : np.ndarray
        Places of images, each sorted; about `VALIDATION_SHARE` of the training images are in the
        second.

    Raises
    ------
    DataError
        If nothing is left for validation when every class, and every yes and no to a label, is
        trained on.

    Examples
    --------
    >>> classes = np.repeat([0, 1], 50)
    >>> trained, validation = cut_validation_part(classes, np.arange(100), np.arange(20, 100), 0)
    >>> len(trained), len(validation), np.bincount(classes[validation])
    (67, 13, array([5, 8]))
    """
    own_targets, own_units = targets[train], units[train]
    parts = np.zeros(len(train), dtype=np.int64)
    if len(np.unique(own_units)) > 1:
        shares = (1.0 - VALIDATION_SHARE, VALIDATION_SHARE)
        parts = draw_parts(own_targets, own_units, shares, seed)
    shown = traits(own_targets)
    lost = ~shown[parts == 0].any(axis=0)
    # A lot decides where the only image with a label goes; without it there is nothing to learn.
    parts[np.isin(own_units, own_units[shown[:, lost].any(axis=1)])] = 0
    trained, validation = train[parts == 0], train[parts == 1]
    if not len(validation):
        n_units = [len(np.unique(own_units[images])) for images in shown.T]
        fewest = int(np.argmin(n_units))
        words = trait_words(own_targets, range(n_kinds(targets)))
        raise TooFewUnitsError(fewest, words[fewest], n_units[fewest])
    return np.sort(trained), np.sort(validation)


class TooFewUnitsError(DataError):
    """Too few independent images or groups are of a class, or with or without a label.

    `trait` says which: its place among the :func:`~bioselect.data.targets.traits` of the training
    images.
    """

    def __init__(self, trait: int, words: str, n_units: int) -> None:
        super().__init__(
            f"no validation part can be cut: there are {n_units} independent images or groups "
            f"{words} in the training images of a fold."
        )
        self.trait, self.n_units = trait, n_units
