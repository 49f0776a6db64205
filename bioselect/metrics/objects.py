"""Objects of a mask: connected pixels of one class, on request split where they only touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import IGNORED
from bioselect.metrics.summits import numbered_summits, squared_whole

_ROWS_AT_A_TIME = 256
#: How objects that touch are told apart.
SPLITS = ("none", "watershed")


@dataclass(frozen=True)
class ObjectRule:
    """What counts as one object.

    Parameters
    ----------
    split : {"none", "watershed"}
        With `none` an object is what is connected: pixels of one class that touch along a side or
        at a corner (8 neighbours). With `watershed` such a piece is divided at its necks: the
        distance of its pixels to its outside has a summit in each body, and the watershed of the
        distance divides the piece between its summits.
    neck : float
        With `watershed`: by how many pixels the distance must fall from the lower of two summits
        to the pass between them, so that they are two objects. Lower values divide more.
    min_area : int
        Smaller objects do not count, in pixels.

    References
    ----------
    Soille (2003), Morphological Image Analysis, 2nd edition, chapters 6 and 9 (extended maxima,
    watershed of the distance function).
    """

    split: str = "none"
    neck: float = 1.0
    min_area: int = 1

    def __post_init__(self) -> None:
        if self.split not in SPLITS or self.neck <= 0 or self.min_area < 1:
            raise ValueError(
                f"split must be one of {', '.join(SPLITS)}, neck above 0 and min_area at least 1. "
                f"Got {self}."
            )


#: What is connected is an object.
CONNECTED = ObjectRule()


@dataclass(frozen=True, eq=False)
class LabelledObjects:
    """The objects of a mask.

    Parameters
    ----------
    labels : np.ndarray
        int32 ``(height, width)``: 0 where no object is, else the object's number, from 1 without
        gaps: class after class, in each by their first pixels, row by row; parts of a piece that
        was divided follow one another.
    classes : np.ndarray
        int64 ``(n_objects,)``, the class of each.
    """

    labels: np.ndarray
    classes: np.ndarray


def label_objects(
    mask: np.ndarray,
    n_classes: int,
    background: int | None,
    rule: ObjectRule = CONNECTED,
) -> LabelledObjects:
    """Number the objects of every class but the background.

    Parameters
    ----------
    mask : np.ndarray
        uint8 ``(height, width)`` of class places; `IGNORED` belongs to no object.
    n_classes : int
        Classes of the study.
    background : int or None
        The class that has no objects.
    rule : ObjectRule
        What counts as one object.

    Examples
    --------
    >>> mask = np.array([[1, 0, 2], [0, 1, 2], [0, 0, 0], [1, 0, 0]], np.uint8)
    >>> found = label_objects(mask, 3, background=0)
    >>> found.labels.tolist(), found.classes.tolist()
    ([[1, 0, 3], [0, 1, 3], [0, 0, 0], [2, 0, 0]], [1, 1, 2])
    """
    labels = None
    classes: list[int] = []
    for place in range(n_classes):
        if place in (background, IGNORED):
            continue
        of_class, n_objects = label_region(mask == place, rule)
        if labels is None:
            labels = of_class
        else:
            # No copies of what is inside: one object may fill a large image.
            np.add(of_class, np.int32(len(classes)), out=labels, where=of_class > 0)
        classes += [place] * n_objects
    if labels is None:
        labels = np.zeros(mask.shape, dtype=np.int32)
    return LabelledObjects(labels, np.array(classes, dtype=np.int64))


def label_region(region: np.ndarray, rule: ObjectRule) -> tuple[np.ndarray, int]:
    """Number the objects of one class: int32 ``(height, width)``, and how many there are.

    Examples
    --------
    >>> labels, n_objects = label_region(np.array([[True, False, True]]), ObjectRule())
    >>> labels.tolist(), n_objects
    ([[1, 0, 2]], 2)
    """
    from scipy import ndimage

    # Not OpenCV's: the order of its numbers depends on its threads.
    labels = np.empty(region.shape, dtype=np.int32)
    n_objects = int(ndimage.label(region, structure=np.ones((3, 3)), output=labels))
    if rule.split == "watershed":
        n_objects = _split(labels, rule.neck)
    if rule.min_area > 1:
        n_objects = _without_small(labels, n_objects, rule.min_area)
    return labels, n_objects


def _without_small(labels: np.ndarray, n_objects: int, min_area: int) -> int:
    """Number what is large enough anew, in place, and return how many that are."""
    bands = [labels[top : top + _ROWS_AT_A_TIME] for top in range(0, len(labels), _ROWS_AT_A_TIME)]
    areas = np.zeros(n_objects + 1, dtype=np.int64)
    for band in bands:  # Counting turns pixels into int64.
        areas += np.bincount(band.ravel(), minlength=n_objects + 1)
    kept = areas >= min_area
    kept[0] = False
    numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    for band in bands:
        band[:] = numbers[band]
    return int(kept.sum())


def _split(labels: np.ndarray, neck: float) -> int:
    """Divide each object by itself, in place, and return how many there are.

    Parts are negative until all are there, so that they are not taken for objects.
    """
    from scipy.ndimage import find_objects

    n_objects = 0
    for number, window in enumerate(find_objects(labels), start=1):
        inside = labels[window] == number
        parts, n_parts = _parts(inside, neck)
        np.subtract(np.int32(-n_objects), parts, out=labels[window], where=inside)
        n_objects += n_parts
    np.negative(labels, out=labels)
    return n_objects


def _parts(inside: np.ndarray, neck: float) -> tuple[np.ndarray, int]:
    """Return the parts of a piece, int32, from 1; and how many."""
    import cv2
    from skimage.segmentation import watershed

    whole = np.broadcast_to(np.int32(1), inside.shape), 1
    padded = np.pad(inside, 1)
    distance = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if distance.max() <= neck:  # nothing can fall by so much
        return whole
    squared = squared_whole(distance)
    del distance
    markers, n_parts = numbered_summits(squared, neck)
    if n_parts <= 1:
        return whole
    # Whole numbers are flooded in the same order as their roots. The flood makes copies: with
    # names here for what it is given, as much again would stay for as long as it lasts.
    given = [markers, np.negative(squared, out=squared)]
    del markers, squared
    parts = watershed(given.pop(), given.pop(), mask=padded, connectivity=2)
    return parts[1:-1, 1:-1], n_parts
