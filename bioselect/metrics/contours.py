"""How far the contours of a class lie apart in two masks: boundary F1, and Hausdorff distance.

The contour of a class are its pixels that have a neighbour along a side which is not of the class.
One of them that touches an `IGNORED` pixel, along a side or at a corner, may be there for that
reason alone: it is not judged, but others may be near to it. Distances are Euclidean, between
centres of pixels.

=======================================  ==============================  =======================
case                                     boundary_f1                     hausdorff_95
=======================================  ==============================  =======================
class in neither mask                    none (NaN)                      none (NaN)
class in one of them only                0                               the image's diagonal
neither contour has a pixel to judge     1                               0
only one of them has                     its own share, of precision     its own percentile
                                         or recall
that, and the other has no contour       0                               (it has one)
=======================================  ==============================  =======================

A class that fills an image has no contour for boundary_f1: nobody drew the frame. For hausdorff_95
the frame is one, so that there always is a distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import IGNORED

#: Up to how many pixels apart two contours count as the same. Csurka and others take 0.75 % of the
#: diagonal, which is 2.7 pixels of an image of 256 x 256; but how well a contour can be drawn is a
#: matter of pixels, not of how large the image is.
TOLERANCE_PX = 2.0
#: Of the distances, from each contour to the other.
PERCENTILE = 95.0


@dataclass(frozen=True)
class ContourScores:
    """The scores of one class.

    Parameters
    ----------
    boundary_f1 : float
        Harmonic mean of the shares of the predicted contour near to the true one, and of the true
        contour near to the predicted one; near is up to 2 pixels.
    hausdorff_95 : float
        The higher of two 95th percentiles: of the distances of the predicted contour to the true
        one, and the other way round. In pixels.

    References
    ----------
    Csurka, Larlus and Perronnin (2013), "What is a good evaluation measure for semantic
    segmentation?", British Machine Vision Conference. Huttenlocher, Klanderman and Rucklidge
    (1993), "Comparing images using the Hausdorff distance", IEEE Transactions on Pattern Analysis
    and Machine Intelligence 15, 850-863; the percentile of each direction as in Maier-Hein and
    others (2024), "Metrics reloaded", Nature Methods 21, 195-212.
    """

    boundary_f1: float
    hausdorff_95: float


def contour_scores(true: np.ndarray, predicted: np.ndarray, place: int) -> ContourScores:
    """Return the scores of one class by the rules at the head of this module.

    Parameters
    ----------
    true : np.ndarray
        uint8 ``(height, width)`` of class places, `IGNORED` where none counts.
    predicted : np.ndarray
        uint8 of the same shape.
    place : int
        Of the class.

    Examples
    --------
    >>> true, predicted = np.zeros((2, 20, 20), np.uint8)
    >>> true[5:15, 5:15], predicted[5:15, 9:19] = 1, 1  # shifted by 4 pixels
    >>> contour_scores(true, predicted, 1)
    ContourScores(boundary_f1=0.5555555555555556, hausdorff_95=4.0)
    """
    ignored = true == IGNORED
    truly, found = true == place, (predicted == place) & ~ignored
    in_true, in_predicted = bool(truly.any()), bool(found.any())
    if not in_true and not in_predicted:
        return ContourScores(float("nan"), float("nan"))
    if not (in_true and in_predicted):
        return ContourScores(0.0, math.hypot(*true.shape))
    window = _window_around(truly | found)
    regions, ignored = (truly[window], found[window]), ignored[window]
    judged = ~_widened(ignored)
    open_lines = [contour(region, frame=False) for region in regions]
    closed_lines = [contour(region, frame=True) for region in regions]
    return ContourScores(
        _boundary_f1(open_lines[0], open_lines[1], judged),
        _hausdorff(closed_lines[0], closed_lines[1], judged),
    )


def contour(region: np.ndarray, frame: bool) -> np.ndarray:
    """Return the pixels of a region that have a neighbour along a side outside of it, bool.

    With `frame` what lies beyond the image is outside.

    Examples
    --------
    >>> contour(np.ones((3, 3), bool), frame=True).astype(int).tolist()
    [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    """
    import cv2

    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(
        region.astype(np.uint8),
        cross,
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0 if frame else 1,
    )
    line: np.ndarray = region & (inner == 0)
    return line


def distances_to(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the distance of some pixels to the nearest of a line, float64; the line has some."""
    import cv2

    found: np.ndarray = cv2.distanceTransform(
        (~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return exact_distances(found[points])


def exact_distances(found: np.ndarray) -> np.ndarray:
    """Return float64 distances between pixels out of the float32 ones that OpenCV finds.

    Its roots are rough in the last digits, and not the same each time. The square of a distance is
    a whole number: rounded it is the right one, up to some 1,400 pixels.

    Examples
    --------
    >>> exact_distances(np.array([1.4142137, 5.0000005], dtype=np.float32))
    array([1.41421356, 5.        ])
    """
    exact: np.ndarray = np.sqrt(np.round(np.square(found, dtype=np.float64)))
    return exact


def _window_around(region: np.ndarray) -> tuple[slice, slice]:
    """Return the smallest window with a region and a pixel around it, for speed alone."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )


def _widened(ignored: np.ndarray) -> np.ndarray:
    import cv2

    wider: np.ndarray = cv2.dilate(ignored.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return wider


def _boundary_f1(true: np.ndarray, predicted: np.ndarray, judged: np.ndarray) -> float:
    shares = [
        _share_near(line, other, judged) for line, other in ((predicted, true), (true, predicted))
    ]
    known = [share for share in shares if share is not None]
    if not known:
        return 1.0
    precision, recall = known[0], known[-1]
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share_near(line: np.ndarray, other: np.ndarray, judged: np.ndarray) -> float | None:
    """Return which share of a line lies near to the other; None if it has nothing to judge."""
    points = line & judged
    if not points.any():
        return None
    if not other.any():
        return 0.0
    return float(np.mean(distances_to(other, points) <= TOLERANCE_PX))


def _hausdorff(true: np.ndarray, predicted: np.ndarray, judged: np.ndarray) -> float:
    found = [0.0]
    for line, other in ((predicted, true), (true, predicted)):
        points = line & judged
        if points.any():
            distances = distances_to(other, points)
            found.append(float(np.percentile(distances, PERCENTILE)))
    return max(found)
