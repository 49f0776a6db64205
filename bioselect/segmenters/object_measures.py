"""Measures of all objects at once, in bands of rows: memory does not grow with an object's size.

scikit-image, whose values these are, lists the coordinates of an object's pixels: some 50 bytes a
pixel, which are gigabytes where one object fills a large image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import WHOLE, Scene

_PIXELS_AT_A_TIME = 1 << 21
#: What a pixel of a contour adds to its length, by how many neighbours along its sides, and how
#: many at its corners, are of the contour too; nothing otherwise.
_STRAIGHT = ((2, 0), (3, 0), (2, 1), (3, 1), (2, 2), (3, 2))
_ACROSS = ((0, 2), (1, 3))
_BENT = ((1, 1), (1, 2))
_KINDS = ((_STRAIGHT, 1.0), (_ACROSS, np.sqrt(2.0)), (_BENT, (1.0 + np.sqrt(2.0)) / 2.0))
_N_COUNTS = 5  # 0 to 4 neighbours
_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
#: A pixel is of the contour by its neighbours, and is weighed by theirs.
_REACH = 2


@dataclass(frozen=True, eq=False)
class ObjectMeasures:
    """Where objects are and how large, one value each, in the order of their numbers.

    Parameters
    ----------
    area : np.ndarray
        int64, pixels.
    centroid_x, centroid_y : np.ndarray
        float64, mean column and row.
    left, top, width, height : np.ndarray
        int64, the smallest rectangle around it.
    """

    area: np.ndarray
    centroid_x: np.ndarray
    centroid_y: np.ndarray
    left: np.ndarray
    top: np.ndarray
    width: np.ndarray
    height: np.ndarray


def measured(labels: np.ndarray, n_objects: int) -> ObjectMeasures:
    """Return where objects are and how large.

    Parameters
    ----------
    labels : np.ndarray
        int32 ``(height, width)``: 0, or the number of an object, from 1 without gaps.
    n_objects : int
        How many there are.

    Examples
    --------
    >>> found = measured(np.array([[0, 1, 1], [0, 1, 1]], np.int32), 1)
    >>> found.area.tolist(), found.centroid_x.tolist(), found.width.tolist()
    ([4], [1.5], [2])
    """
    from scipy.ndimage import find_objects

    n_labels, width = n_objects + 1, labels.shape[1]
    area = np.zeros(n_labels, dtype=np.int64)
    # Sums of whole numbers: exact, and so the same however wide the bands are.
    sums = np.zeros((2, n_labels))
    for rows in _bands(labels):
        part = labels[rows]
        flat = part.ravel()
        area += np.bincount(flat, minlength=n_labels)
        sums[0] += np.bincount(flat, np.tile(np.arange(width), len(part)), minlength=n_labels)
        lines = np.arange(rows.start, rows.stop, dtype=np.float64)
        sums[1] += np.bincount(flat, np.repeat(lines, width), minlength=n_labels)
    centroid_x, centroid_y = sums[:, 1:] / area[1:]
    windows = find_objects(labels, max_label=n_objects)
    ends = [(y.start, x.start, y.stop, x.stop) for y, x in windows]
    top, left, bottom, right = np.array(ends, dtype=np.int64).reshape(-1, 4).T
    return ObjectMeasures(area[1:], centroid_x, centroid_y, left, top, right - left, bottom - top)


def perimeters(labels: np.ndarray, n_objects: int) -> np.ndarray:
    """Return float64 ``(n_objects,)``: the length of the line through the centres of the contour.

    A pixel is of the contour if one of its four neighbours is not of its object.

    References
    ----------
    Benkrid and Crookes (2000), "Design and FPGA implementation of a perimeter estimator", Irish
    Machine Vision and Image Processing Conference.

    Examples
    --------
    >>> perimeters(np.ones((3, 5), np.int32), 1).tolist()
    [12.0]
    """
    n_labels = n_objects + 1
    counts = np.zeros((len(_KINDS), n_labels), dtype=np.int64)
    kind_of = np.full((_N_COUNTS, _N_COUNTS), len(_KINDS), dtype=np.uint8)
    for kind, (neighbours, _) in enumerate(_KINDS):
        for pair in neighbours:
            kind_of[pair] = kind
    for rows in _bands(labels):
        part, kinds = _kinds(labels, rows, kind_of)
        for kind in range(len(_KINDS)):
            counts[kind] += np.bincount(part[kinds == kind], minlength=n_labels)
    lengths = sum(length * counts[kind] for kind, (_, length) in enumerate(_KINDS))
    found: np.ndarray = np.asarray(lengths, dtype=np.float64)[1:]
    return found


def mean_intensities(labels: np.ndarray, n_objects: int, scene: Scene) -> np.ndarray:
    """Return float64 ``(n_objects, n_channels)``, in the values of the scene."""
    n_channels, n_labels = scene.shape[2], n_objects + 1
    sums = np.zeros((n_channels, n_labels))
    areas = np.zeros(n_labels, dtype=np.int64)
    for rows in _bands(labels):
        flat = labels[rows].ravel()
        areas += np.bincount(flat, minlength=n_labels)
        window = scene.window(rows, WHOLE).reshape(-1, n_channels)
        for channel in range(n_channels):
            sums[channel] += np.bincount(flat, window[:, channel], minlength=n_labels)
    means: np.ndarray = (sums[:, 1:] / areas[1:]).T
    return means


def _bands(labels: np.ndarray) -> Iterator[slice]:
    height, width = labels.shape
    n_rows = max(1, _PIXELS_AT_A_TIME // width)
    for top in range(0, height, n_rows):
        yield slice(top, min(top + n_rows, height))


def _kinds(labels: np.ndarray, rows: slice, kind_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of a band, and the kind of step that each of its pixels is."""
    above, below = max(0, rows.start - _REACH), min(len(labels), rows.stop + _REACH)
    # The frame is of no object, so that objects end there.
    fill = (_REACH - (rows.start - above), _REACH - (below - rows.stop))
    part = np.pad(labels[above:below], (fill, (_REACH, _REACH)))
    inner = part[1:-1, 1:-1]
    contour = np.zeros(inner.shape, dtype=bool)
    for down, right in _SIDES:
        contour |= inner != _moved(part, down, right)
    contour &= inner > 0
    centre = inner[1:-1, 1:-1]
    counts = np.zeros((2, *centre.shape), dtype=np.uint8)
    for count, steps in zip(counts, (_SIDES, _CORNERS), strict=True):
        for down, right in steps:
            count += _moved(contour, down, right) & (_moved(inner, down, right) == centre)
    kinds = kind_of[counts[0], counts[1]]
    kinds[~contour[1:-1, 1:-1]] = len(_KINDS)
    return centre, kinds


def _moved(padded: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the neighbours in one direction of all but the outermost pixels."""
    height, width = padded.shape
    return padded[1 + down : height - 1 + down, 1 + right : width - 1 + right]
