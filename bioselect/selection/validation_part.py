"""The part of training images by which a network knows when to stop; never trained or tested on."""

from __future__ import annotations

import numpy as np

from bioselect.data.random_splits import draw_parts
from bioselect.exceptions import DataError

#: Share of the training images of a fold.
VALIDATION_SHARE = 0.15


def cut_validation_part(
    class_indices: np.ndarray, units: np.ndarray, train: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the training images of a fold into those that are trained on and a validation part.

    Units stay whole, and both parts are stratified by class. The test images of the fold have no
    part in it.

    Parameters
    ----------
    class_indices, units : np.ndarray
        int ``(n_images,)``: the class of every image of the study, and what must not be split.
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
        If a class would be left without a training image, or nothing for validation.

    Examples
    --------
    >>> classes = np.repeat([0, 1], 50)
    >>> trained, validation = cut_validation_part(classes, np.arange(100), np.arange(20, 100), 0)
    >>> len(trained), len(validation), np.bincount(classes[validation])
    (67, 13, array([5, 8]))
    """
    classes, own_units = class_indices[train], units[train]
    parts = np.zeros(len(train), dtype=np.int64)
    if len(np.unique(own_units)) > 1:
        shares = (1.0 - VALIDATION_SHARE, VALIDATION_SHARE)
        parts = draw_parts(classes, own_units, shares, seed)
    trained, validation = train[parts == 0], train[parts == 1]
    without = set(classes.tolist()) - set(class_indices[trained].tolist())
    if without or not len(validation):
        n_units = {
            int(place): len(np.unique(own_units[classes == place])) for place in np.unique(classes)
        }
        fewest = min(n_units, key=n_units.__getitem__)
        raise TooFewUnitsError(fewest, n_units[fewest])
    return np.sort(trained), np.sort(validation)


class TooFewUnitsError(DataError):
    """A class has too few independent images or groups to give some away for validation."""

    def __init__(self, class_index: int, n_units: int) -> None:
        super().__init__(
            f"no validation part can be cut: class {class_index} has {n_units} independent images "
            "or groups in the training images of a fold."
        )
        self.class_index, self.n_units = class_index, n_units
