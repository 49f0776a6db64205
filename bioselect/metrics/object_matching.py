"""Which objects were found: pairs of a true and a predicted one that mostly cover each other.

A pair matches if the area common to both is more than half of the area that either covers (IoU
above 0.5). Then no object can have two partners, so nothing has to be chosen.

Pixels that are `IGNORED` in the truth belong to no object. A predicted object with at least half of
its pixels there that matches nothing is not counted, as for the panoptic quality.

======================================  ===========  ===============
case                                    object_f1    object_ap50
======================================  ===========  ===============
objects in one of the two masks only    0            0
objects in neither                      none (NaN)   none (NaN)
======================================  ===========  ===============
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import IGNORED
from bioselect.metrics.objects import ObjectRule, label_region

#: Intersection over union above which two objects are the same.
MATCHING_IOU = 0.5


@dataclass(frozen=True)
class ObjectCounts:
    """How many objects of a class were found, invented and missed.

    Examples
    --------
    >>> counts = ObjectCounts(found=6, invented=2, missed=1)
    >>> counts.f1, round(counts.ap50, 3)
    (0.8, 0.667)
    """

    found: int
    invented: int
    missed: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of objects; NaN if there is none."""
        return self._share(2 * self.found)

    @property
    def ap50(self) -> float:
        """Average precision at IoU 0.5: found by found, invented and missed; NaN if there is none.

        That is the number of the Data Science Bowl of 2018, of StarDist and of Cellpose; masks
        have no confidences, by which detectors of boxes order theirs.

        References
        ----------
        Caicedo and others (2019), "Nucleus segmentation across imaging experiments: the 2018 Data
        Science Bowl", Nature Methods 16, 1247-1253.
        """
        return self._share(self.found)

    def _share(self, found: int) -> float:
        everything = found + self.invented + self.missed
        return found / everything if everything else float("nan")


def count_objects(
    true: np.ndarray, predicted: np.ndarray, place: int, rule: ObjectRule
) -> ObjectCounts:
    """Count the objects of one class that were found, invented and missed.

    Parameters
    ----------
    true : np.ndarray
        uint8 ``(height, width)`` of class places, `IGNORED` where none counts.
    predicted : np.ndarray
        uint8 of the same shape.
    place : int
        Of the class.
    rule : ObjectRule
        What counts as one object, in both masks.

    References
    ----------
    Kirillov and others (2019), "Panoptic segmentation", Conference on Computer Vision and Pattern
    Recognition, 9404-9413.

    Examples
    --------
    >>> true = np.array([[1, 1, 1, 0, 1, 0, 0]], np.uint8)
    >>> predicted = np.array([[0, 1, 1, 0, 0, 0, 1]], np.uint8)
    >>> count_objects(true, predicted, 1, ObjectRule())
    ObjectCounts(found=1, invented=1, missed=1)
    """
    true_labels, n_true = label_region(true == place, rule)
    labels, n_predicted = label_region(predicted == place, rule)
    ignored = true == IGNORED
    hidden = np.bincount(labels[ignored], minlength=n_predicted + 1)
    areas = np.bincount(labels.ravel(), minlength=n_predicted + 1)
    matched = _matched(true_labels, n_true, labels, areas - hidden)
    countable = (2 * hidden < areas) | matched
    found = int(matched.sum())
    return ObjectCounts(found, int(countable[1:].sum()) - found, n_true - found)


def _matched(
    true_labels: np.ndarray, n_true: int, labels: np.ndarray, areas: np.ndarray
) -> np.ndarray:
    """Tell of each predicted object (0: none) whether it has a true one."""
    matched = np.zeros(len(areas), dtype=bool)
    in_both = (true_labels > 0) & (labels > 0)
    numbers = true_labels[in_both].astype(np.int64) * len(areas) + labels[in_both]
    pairs, common = np.unique(numbers, return_counts=True)
    true_areas = np.bincount(true_labels.ravel(), minlength=n_true + 1)
    first, second = np.divmod(pairs, len(areas))
    either = true_areas[first] + areas[second] - common
    matched[second[common > MATCHING_IOU * either]] = True
    return matched
