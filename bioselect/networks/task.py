"""What a network is trained on: classes or numbers, which images, the seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioselect.data.targets import is_values
from bioselect.exceptions import DataError


@dataclass(frozen=True)
class TargetScale:
    """The units in which a network learns numbers: `offset` is its 0, and `unit` its 1."""

    offset: float
    unit: float


@dataclass(frozen=True, eq=False)
class NetworkTask:
    """One training: the classes, or numbers, of all images, and which of them are for what.

    Parameters
    ----------
    n_classes : int
        How many classes, or labels, there are; some may be missing among the images to train on.
    class_indices : np.ndarray
        int ``(n_images,)``; or, where an image may have several labels, 0 and 1
        ``(n_images, n_classes)``; or, where a number is learnt, floats ``(n_images,)``, and
        `n_classes` is 1.
    train : np.ndarray
        Places of the images to train on.
    validation : np.ndarray
        Places of the images that choose the best epoch; they are never augmented. Empty: there is
        no early stopping and the last epoch counts as the best.
    seed : int
        At least 0. The same seed gives the same network.
    epochs : int, optional
        After how many epochs to stop, in place of the parameter `epochs` (which the schedule of
        the learning rate still goes by): for training on all images, as long as was best before.

    Examples
    --------
    >>> task = NetworkTask(3, np.array([0, 2, 1]), np.array([0, 1]), np.array([2]), seed=0)
    >>> task.is_multi_label, task.targets(task.train).tolist()
    (False, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    """

    n_classes: int
    class_indices: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    seed: int
    epochs: int | None = None

    @property
    def is_multi_label(self) -> bool:
        """Whether an image may have several labels."""
        return bool(np.ndim(self.class_indices) == 2)

    @property
    def is_values(self) -> bool:
        """Whether a number is learnt."""
        return is_values(np.asarray(self.class_indices))

    @cached_property
    def scale(self) -> TargetScale | None:
        """Mean and standard deviation of the numbers that are trained on; None of classes.

        Where these are all the same, the unit is 1.

        Examples
        --------
        >>> numbers = np.array([10.0, 14.0, 99.0])
        >>> NetworkTask(1, numbers, np.array([0, 1]), np.array([2]), seed=0).scale
        TargetScale(offset=12.0, unit=2.0)
        """
        if not self.is_values:
            return None
        taught = np.asarray(self.class_indices)[self.train]
        return TargetScale(float(taught.mean()), float(taught.std()) or 1.0)

    def targets(self, places: np.ndarray) -> np.ndarray:
        """Return float32 ``(len(places), n_classes)``: 1 where an image has a class, else 0.

        Of numbers it is one column, in the units of `scale`.
        """
        chosen = self.class_indices[places]
        if self.scale is not None:
            scaled = (chosen - self.scale.offset) / self.scale.unit
            return np.asarray(scaled, dtype=np.float32)[:, None]
        if self.is_multi_label:
            return np.asarray(chosen, dtype=np.float32)
        targets: np.ndarray = np.eye(self.n_classes, dtype=np.float32)[chosen]
        return targets

    def check(self, n_images: int) -> None:
        """Refuse what no network can be trained on.

        Raises
        ------
        DataError
            If there is no image to train on, one class only, or labels that do not fit.
        """
        if self.n_classes < 2 and not self.is_multi_label and not self.is_values:
            raise DataError(
                f"A network must have at least 2 classes to tell apart. Got {self.n_classes}. "
                "Add images of another class."
            )
        if len(self.train) == 0:
            raise DataError(
                "A network must have images to train on. Got none. Use fewer folds or a smaller "
                "validation part."
            )
        if len(self.class_indices) != n_images:
            raise DataError(
                f"Every image must have a class. Got {len(self.class_indices)} classes for "
                f"{n_images} images. Add what is missing."
            )
        if np.intersect1d(self.train, self.validation).size:
            raise DataError(
                "Images must be either trained on or kept for validation. Got some in both. "
                "Divide them anew."
            )
