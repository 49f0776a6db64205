"""How good a predicted mask is: scores of each class, and one number an image.

========================  ===================================  ================================
case                      a class                              the image
========================  ===================================  ================================
in truth or prediction    has its score                        mean over these classes, but not
                                                               that of the background
in neither                has none (NaN)                       left out of the mean
all classes in neither                                         1: there was nothing to find
precision, not predicted  0 / 0 has no value (NaN)             left out of the mean; NaN if no
                                                               class has one
recall, not in truth      0 / 0 has no value (NaN)             as for precision
pixel_accuracy            pixels on which both agree whether   pixels of the right class, the
                          they are of the class                background counted; 1 if none
                                                               counts
========================  ===================================  ================================

Pixels that are `IGNORED` in the truth count nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.overlap import overlap_scores, pixel_counts

#: Every score of a mask, in the order of tables.
SCORES = ("dice", "iou", "precision", "recall", "pixel_accuracy")
#: What an image scores in which no class is, neither truly nor predicted.
_NOTHING_TO_FIND = 1.0


@dataclass(frozen=True)
class MaskScores:
    """The scores of one predicted mask.

    Parameters
    ----------
    per_class : mapping
        Score -> float64 ``(n_classes,)``, NaN where a class has no value.
    image : mapping
        Score -> the number of the image; NaN where precision or recall has no value.
    """

    per_class: Mapping[str, np.ndarray]
    image: Mapping[str, float]


def image_scores(
    true: np.ndarray,
    predicted: np.ndarray,
    n_classes: int,
    background: int | None,
    pixel_size: float | None = None,
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
    per_class = overlap_scores(counts)
    counted = np.arange(n_classes) != (-1 if background is None else background)
    present = counted & (counts.sum(axis=0) + counts.sum(axis=1) > 0)
    image = {name: _mean_over_classes(values, present) for name, values in per_class.items()}
    n_pixels = int(counts.sum())
    image["pixel_accuracy"] = float(np.trace(counts)) / n_pixels if n_pixels else _NOTHING_TO_FIND
    return MaskScores(per_class, image)


def _mean_over_classes(values: np.ndarray, present: np.ndarray) -> float:
    if not present.any():
        return _NOTHING_TO_FIND
    defined = values[present & ~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")
