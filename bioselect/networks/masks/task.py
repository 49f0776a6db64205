"""What a network of masks is trained on: how many classes, which images, the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.exceptions import DataError


@dataclass(frozen=True, eq=False)
class MaskTask:
    """One training: how many classes there are, and which images are for what.

    Parameters
    ----------
    n_classes : int
        Classes of the masks, the background among them.
    background : int or None
        The class that counts in no mean over classes.
    train : np.ndarray
        Places of the images to learn from.
    validation : np.ndarray
        Places of those that choose the best epoch; empty where nothing is chosen.
    seed : int
        At least 0. The same seed gives the same segmenter.
    epochs : int, optional
        After how many epochs to stop, in place of the parameter: for training on all images.

    Examples
    --------
    >>> MaskTask(3, 0, np.array([0, 1]), np.array([2]), seed=0).counted
    (1, 2)
    """

    n_classes: int
    background: int | None
    train: np.ndarray
    validation: np.ndarray
    seed: int
    epochs: int | None = None

    @property
    def counted(self) -> tuple[int, ...]:
        """The classes that count in means: all but the background."""
        return tuple(place for place in range(self.n_classes) if place != self.background)

    def check(self, n_images: int) -> None:
        """Refuse what nothing can be learnt from.

        Raises
        ------
        DataError
            If there is no image to learn from, or a place that does not fit.
        """
        if len(self.train) == 0:
            raise DataError(
                "A segmenter must have images to learn from. Got none. Use fewer folds or a "
                "smaller validation part."
            )
        places = np.concatenate([self.train, self.validation])
        if places.min() < 0 or places.max() >= n_images:
            raise DataError(
                f"Places must be those of {n_images} images. Got {places.min()} to {places.max()}. "
                "Divide them anew."
            )
        if np.intersect1d(self.train, self.validation).size:
            raise DataError(
                "Images must be either trained on or kept for validation. Got some in both. "
                "Divide them anew."
            )
