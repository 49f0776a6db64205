"""Pixels moved by a matrix or by maps; what lies beyond the border is the image mirrored.

Images are interpolated linearly, masks take the nearest pixel, so that they keep their values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType

import numpy as np

from bioselect.data.opencv import opencv

#: OpenCV takes some arrays of more channels for something else.
MAXIMUM_CHANNELS = 4
#: Types that OpenCV moves as they are.
_KNOWN_TYPES = ("uint8", "int16", "uint16", "int32", "float32")


@cache
def single_threaded_opencv() -> ModuleType:
    """Return `cv2`, told to use one thread: images are small, and cores have other work."""
    cv2 = opencv()
    cv2.setNumThreads(1)
    return cv2


def in_blocks(image: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply a function of OpenCV to an image ``(height, width, n)`` of any number of channels."""
    n_channels = image.shape[2]
    blocks = []
    for first in range(0, n_channels, MAXIMUM_CHANNELS):
        block = np.ascontiguousarray(image[:, :, first : first + MAXIMUM_CHANNELS])
        # OpenCV drops a single channel.
        blocks.append(function(block).reshape(block.shape))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=2)


def warp_image(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return an image moved by a matrix.

    Parameters
    ----------
    image : np.ndarray
        float32 ``(height, width, n_channels)``.
    matrix : np.ndarray
        float64 ``(3, 3)``: where the pixel of the result comes from, ``(x, y, 1)`` in pixels from
        the middle of the image, y downwards.

    Returns
    -------
    np.ndarray
        Same shape. A matrix that only flips or turns by quarters gives the very pixels.

    Examples
    --------
    >>> image = np.array([[[0.0], [0.25], [1.0]]], dtype=np.float32)
    >>> warp_image(image, np.diag([-1.0, 1.0, 1.0]))[0, :, 0]
    array([1.  , 0.25, 0.  ], dtype=float32)
    """
    moved = _moved_exactly(image, matrix)
    if moved is not None:
        return moved
    cv2 = single_threaded_opencv()
    moved = in_blocks(image, lambda block: _warped(block, matrix, cv2.INTER_LINEAR))
    return np.clip(moved, 0.0, 1.0, out=moved)


def warp_mask(mask: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return a mask ``(height, width)`` moved like the image; only its own values are in it."""
    moved = _moved_exactly(mask, matrix)
    if moved is not None:
        return moved
    cv2 = single_threaded_opencv()
    return as_opencv_mask(mask, lambda plain: _warped(plain, matrix, cv2.INTER_NEAREST))


def remap_image(image: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return an image whose pixels come from float32 maps of columns and rows."""
    cv2 = single_threaded_opencv()
    moved = in_blocks(image, lambda block: _remapped(block, columns, rows, cv2.INTER_LINEAR))
    return np.clip(moved, 0.0, 1.0, out=moved)


def remap_mask(mask: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return a mask whose pixels come from the same maps as those of the image."""
    cv2 = single_threaded_opencv()
    return as_opencv_mask(mask, lambda plain: _remapped(plain, columns, rows, cv2.INTER_NEAREST))


def as_opencv_mask(mask: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply a function of OpenCV to a mask of any type of value.

    OpenCV knows few types; of others it moves the places of the values and not the values.
    """
    if mask.dtype.name in _KNOWN_TYPES:
        return function(np.ascontiguousarray(mask))
    values, places = np.unique(mask, return_inverse=True)
    moved = function(places.reshape(mask.shape).astype(np.int32))
    return np.asarray(values[moved])


def _warped(array: np.ndarray, matrix: np.ndarray, method: int) -> np.ndarray:
    cv2 = single_threaded_opencv()
    height, width = array.shape[:2]
    to_middle = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    from_corner = to_middle @ matrix @ np.linalg.inv(to_middle)
    return np.asarray(
        cv2.warpAffine(
            array,
            from_corner[:2],
            (width, height),
            flags=method | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
    )


def _remapped(array: np.ndarray, columns: np.ndarray, rows: np.ndarray, method: int) -> np.ndarray:
    cv2 = single_threaded_opencv()
    return np.asarray(cv2.remap(array, columns, rows, method, borderMode=cv2.BORDER_REFLECT_101))


def _moved_exactly(array: np.ndarray, matrix: np.ndarray) -> np.ndarray | None:
    """Return the array flipped or turned by quarters, or None where the matrix does more."""
    (a, b, x), (c, d, y) = matrix[:2]
    if x or y:
        return None
    if not b and not c and abs(a) == abs(d) == 1:
        return np.ascontiguousarray(array[:: int(d), :: int(a)])
    if not a and not d and abs(b) == abs(c) == 1 and array.shape[0] == array.shape[1]:
        return np.ascontiguousarray(array.swapaxes(0, 1)[:: int(b), :: int(c)])
    return None
