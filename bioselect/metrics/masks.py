"""How good a predicted mask is: scores of each class, and one number an image.

=======================  =====================================  ==============================
case                     a class                                the image
=======================  =====================================  ==============================
in truth or prediction   has its scores                         mean over these classes, but not
                                                                that of the background
in neither               has none (NaN)                         left out of the mean
all classes in neither   have none                              1: there was nothing to find;
                                                                hausdorff_95: 0
precision, not predicted 0 / 0 has no value (NaN)               left out of the mean; NaN if no
                                                                class has one
recall, not in truth     0 / 0 has no value (NaN)               as for precision
no pixel counts          have none                              has no value (NaN)
pixel_accuracy           pixels on which both agree whether     pixels of the right class, the
                         they are of the class                  background counted
contours                 see `contours.py`                      the mean
objects                  see `object_matching.py`               the mean; 1 where no class has an
                                                                object in either mask
=======================  =====================================  ==============================

Pixels that are `IGNORED` in the truth count nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.contours import contour_scores
from bioselect.metrics.object_matching import count_objects
from bioselect.metrics.objects import CONNECTED, ObjectRule
from bioselect.metrics.overlap import overlap_scores, pixel_counts

_OVERLAP = ("dice", "iou", "precision", "recall", "pixel_accuracy")
_CONTOURS = ("boundary_f1", "hausdorff_95")
_OBJECTS = ("object_f1", "object_ap50")
#: Every score of a mask, in the order of tables.
SCORES = (*_OVERLAP, *_CONTOURS, *_OBJECTS)
#: What an image scores in which no class is, neither truly nor predicted.
_NOTHING_TO_FIND = {**dict.fromkeys(SCORES, 1.0), "hausdorff_95": 0.0}


@dataclass(frozen=True)
class MaskScores:
    """The scores of one predicted mask.

    Parameters
    ----------
    per_class : mapping
        Score -> float64 ``(n_classes,)``, NaN where a class has no value. Contours and objects are
        not looked for in the background.
    image : mapping
        Score -> the number of the image; NaN where precision or recall has no value, and where all
        of the truth is ignored.
    """

    per_class: Mapping[str, np.ndarray]
    image: Mapping[str, float]


def image_scores(
    true: np.ndarray,
    predicted: np.ndarray,
    n_classes: int,
    background: int | None,
    pixel_size: float | None = None,
    rule: ObjectRule = CONNECTED,
    overlap_only: bool = False,
) -> MaskScores:
    """Return all scores of a predicted mask, by the rules at the head of this module.

    Parameters
    ----------
    true : np.ndarray
        uint8 ``(height, width)`` of class places; what is `IGNORED` there counts nowhere.
    predicted : np.ndarray
        uint8 of the same shape, of class places.
    n_classes : int
        Classes of the study.
    background : int or None
        The class that counts in no mean.
    pixel_size : float, optional
        Length of a pixel's side; distances are in its unit, else in pixels.
    rule : ObjectRule
        What counts as one object.
    overlap_only : bool
        Leave out what takes long, the scores of contours and objects: they are NaN then.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is no class.

    Examples
    --------
    >>> true = np.array([[0, 0, 1, 1]], np.uint8)
    >>> scores = image_scores(true, np.array([[0, 1, 1, 1]], np.uint8), 2, background=0)
    >>> scores.image["dice"], scores.per_class["recall"].tolist()
    (0.8, [0.5, 1.0])
    """
    counts = pixel_counts(true, predicted, n_classes)
    judged = np.arange(n_classes) != (-1 if background is None else background)
    present = np.flatnonzero(judged & (counts.sum(axis=0) + counts.sum(axis=1) > 0))
    per_class = overlap_scores(counts)
    per_class |= {name: np.full(n_classes, np.nan) for name in (*_CONTOURS, *_OBJECTS)}
    for place in () if overlap_only else present.tolist():
        lines = contour_scores(true, predicted, place)
        per_class["boundary_f1"][place] = lines.boundary_f1
        per_class["hausdorff_95"][place] = lines.hausdorff_95 * (pixel_size or 1.0)
        objects = count_objects(true, predicted, place, rule)
        per_class["object_f1"][place] = objects.f1
        per_class["object_ap50"][place] = objects.ap50
    image = {name: _of_image(name, values[present]) for name, values in per_class.items()}
    if overlap_only:
        image |= dict.fromkeys((*_CONTOURS, *_OBJECTS), float("nan"))
    if not counts.any():
        return MaskScores(per_class, dict.fromkeys(image, float("nan")))
    image["pixel_accuracy"] = float(np.trace(counts) / counts.sum())
    return MaskScores(per_class, image)


def _of_image(name: str, values: np.ndarray) -> float:
    """Return the mean of the classes that have a value; `values` are those that are present."""
    defined = values[~np.isnan(values)]
    if len(defined):
        return float(defined.mean())
    if len(values) and name not in _OBJECTS:
        return float("nan")
    return _NOTHING_TO_FIND[name]
