"""Where a piece has its bodies: summits of the distance to its outside, in tiles.

scikit-image's reconstruction and maxima, whose values these are, take some 100 bytes a pixel of the
array they are given, which are gigabytes where one piece fills a large image. Here only the
distance itself is as large as the piece, and they see a tile at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

#: Side of what is looked at in one go, in pixels: 100 MB, and small pieces are one tile.
_TILE = 1024
_AROUND = np.ones((3, 3), dtype=np.uint8)

Window = tuple[slice, slice]


def squared_whole(distance: np.ndarray) -> np.ndarray:
    """Return the squares of distances between pixels, which are whole numbers, as int32.

    Parameters
    ----------
    distance : np.ndarray
        float32 ``(height, width)`` from OpenCV, whose roots are rough in the last digits.

    Examples
    --------
    >>> squared_whole(np.array([[1.4142137, 5.0000005]], dtype=np.float32))
    array([[ 2, 25]], dtype=int32)
    """
    squared = np.empty(distance.shape, dtype=np.int32)
    for window in _tiles(distance.shape):
        squared[window] = np.round(np.square(distance[window], dtype=np.float64))
    return squared


def numbered_summits(squared: np.ndarray, neck: float) -> tuple[np.ndarray, int]:
    """Number the summits between which the distance falls by some pixels.

    Parameters
    ----------
    squared : np.ndarray
        int32 ``(height, width)``: squares of the distances of a piece's pixels to its outside, 0
        there.
    neck : float
        How far the distance falls from the lower of two summits to the pass between them at least;
        less than the largest distance.

    Returns
    -------
    numbers : np.ndarray
        int32 ``(height, width)``, 0 where no summit is.
    n_summits : int

    References
    ----------
    Soille (2003), Morphological Image Analysis, 2nd edition, chapter 6 (extended maxima).

    Examples
    --------
    >>> squared = np.array([[0, 9, 4, 1, 4, 9, 4, 9, 0]], dtype=np.int32)
    >>> numbered_summits(squared, neck=1.5)
    (array([[0, 1, 1, 0, 2, 2, 2, 2, 0]], dtype=int32), 2)
    """
    return _numbered_maxima(_lowered(squared, neck), squared)


def _lowered(squared: np.ndarray, neck: float) -> np.ndarray:
    """Return the distance with its summits cut down by a neck: float64, a reconstruction.

    A tile's reconstruction goes on from what its neighbours reached, until none changes: what is
    reached in the end does not depend on the tiles.
    """
    from skimage.morphology import reconstruction

    lowered = np.empty(squared.shape)
    for window in _tiles(squared.shape):
        lowered[window] = np.sqrt(squared[window]) - neck
    is_changed = True
    while is_changed:
        is_changed = False
        for window in _tiles(squared.shape):
            wider = _with_a_pixel_more(window)
            distance, reached = np.sqrt(squared[wider]), lowered[wider]
            if distance.any() and not _is_reconstructed(reached, distance):
                lowered[wider] = reconstruction(reached, distance)
                is_changed = True
    return lowered


def _is_reconstructed(reached: np.ndarray, distance: np.ndarray) -> bool:
    """Tell whether no pixel can be raised by a neighbour."""
    return np.array_equal(np.minimum(_highest_around(reached), distance), reached)


def _numbered_maxima(values: np.ndarray, squared: np.ndarray) -> tuple[np.ndarray, int]:
    """Number the plateaus inside a piece that have no higher neighbour."""
    import cv2

    tops = np.zeros(values.shape, dtype=np.uint8)
    for window in _tiles(values.shape):
        found = _highest_around_of(values, window) == values[window]
        tops[window] = found & (squared[window] > 0)
    # Pixels without a higher neighbour that touch have one value; they are part of a plateau, and
    # not all of it where another pixel of that value is beside them, which has a higher neighbour.
    n_numbers, numbers = cv2.connectedComponents(tops, connectivity=8)
    is_summit = np.ones(n_numbers, dtype=bool)
    is_summit[0] = False
    for window in _tiles(values.shape):
        wider = _with_a_pixel_more(window)
        others = np.where(tops[wider] > 0, -np.inf, values[wider])
        inner = _place_in(window, wider)
        is_beside = (_highest_around(others)[inner] == values[window]) & (tops[window] > 0)
        is_summit[numbers[window][is_beside]] = False
    new = np.where(is_summit, np.cumsum(is_summit), 0).astype(np.int32)
    for window in _tiles(values.shape):
        numbers[window] = new[numbers[window]]
    return numbers, int(is_summit.sum())


def _highest_around(values: np.ndarray) -> np.ndarray:
    import cv2

    highest: np.ndarray = cv2.dilate(values, _AROUND)
    return highest


def _highest_around_of(values: np.ndarray, window: Window) -> np.ndarray:
    wider = _with_a_pixel_more(window)
    return _highest_around(values[wider])[_place_in(window, wider)]


def _tiles(shape: tuple[int, ...]) -> Iterator[Window]:
    height, width = shape
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            yield slice(top, min(top + _TILE, height)), slice(left, min(left + _TILE, width))


def _with_a_pixel_more(window: Window) -> Window:
    rows, columns = window
    return (
        slice(max(0, rows.start - 1), rows.stop + 1),
        slice(max(0, columns.start - 1), columns.stop + 1),
    )


def _place_in(window: Window, wider: Window) -> Window:
    rows, columns = (
        slice(one.start - more.start, one.stop - more.start)
        for one, more in zip(window, wider, strict=True)
    )
    return rows, columns
