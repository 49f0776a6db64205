"""Objects of a mask: connected pixels of one class, on request split where they only touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import IGNORED
from bioselect.metrics.contours import exact_distances

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
    labels = np.zeros(mask.shape, dtype=np.int32)
    classes: list[int] = []
    for place in range(n_classes):
        if place in (background, IGNORED):
            continue
        of_class, n_objects = label_region(mask == place, rule)
        # No copies of what is inside: one object may fill a large image.
        np.add(of_class, np.int32(len(classes)), out=labels, where=of_class > 0)
        classes += [place] * n_objects
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
        labels, n_objects = _split(labels, rule.neck)
    if rule.min_area > 1:
        areas = np.bincount(labels.ravel(), minlength=n_objects + 1)
        kept = areas >= rule.min_area
        kept[0] = False
        numbers = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
        labels, n_objects = numbers[labels], int(kept.sum())
    return labels, n_objects


def _split(labels: np.ndarray, neck: float) -> tuple[np.ndarray, int]:
    """Divide each object by itself, so that memory is that of the largest one."""
    from scipy.ndimage import find_objects

    divided = np.zeros_like(labels)
    n_objects = 0
    for number, window in enumerate(find_objects(labels), start=1):
        inside = labels[window] == number
        parts, n_parts = _parts(inside, neck)
        divided[window][inside] = parts[inside] + n_objects
        n_objects += n_parts
    return divided, n_objects


def _parts(inside: np.ndarray, neck: float) -> tuple[np.ndarray, int]:
    import cv2
    from skimage.morphology import local_maxima, reconstruction
    from skimage.segmentation import watershed

    padded = np.pad(inside, 1).astype(np.uint8)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if distance.max() <= neck:  # nothing can fall by so much
        return inside.astype(np.int32), 1
    distance = exact_distances(distance)
    lowered = reconstruction(distance - neck, distance)
    summits = local_maxima(lowered, connectivity=2) & (padded > 0)
    found, markers = cv2.connectedComponents(summits.astype(np.uint8), connectivity=8)
    if found <= 2:
        return inside.astype(np.int32), 1
    parts = watershed(-distance, markers, mask=padded > 0, connectivity=2)
    return parts[1:-1, 1:-1], found - 1
