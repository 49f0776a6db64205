"""Local descriptors of an image as one row of numbers, three bytes to a float32.

A row has one length for all images: how many descriptors there are, then room for so many, zeros
behind the last. float32 holds whole numbers below 2**24 exactly, so three bytes fit into one number
and a row takes a third of the memory, in the cache as in the folds.
"""

from __future__ import annotations

import numpy as np

BYTES_PER_NUMBER = 3


def numbers_per_descriptor(n_bytes: int) -> int:
    """Return how many numbers one descriptor takes.

    Examples
    --------
    >>> numbers_per_descriptor(128), numbers_per_descriptor(32)
    (43, 11)
    """
    return -(-n_bytes // BYTES_PER_NUMBER)


def row_length(n_descriptors: int, n_bytes: int) -> int:
    """Return the length of a row with room for `n_descriptors`.

    Examples
    --------
    >>> row_length(256, 128)
    11009
    """
    return 1 + n_descriptors * numbers_per_descriptor(n_bytes)


def packed(descriptors: np.ndarray, n_descriptors: int) -> np.ndarray:
    """Return the row of an image.

    Parameters
    ----------
    descriptors : np.ndarray
        uint8 ``(n, n_bytes)``, `n` at most `n_descriptors`.
    n_descriptors : int
        For how many there is room.

    Returns
    -------
    np.ndarray
        float32 ``(row_length(n_descriptors, n_bytes),)``, whole numbers from 0 to 2**24 - 1.

    Examples
    --------
    >>> packed(np.array([[1, 2, 3, 4]], dtype=np.uint8), 2).tolist()
    [1.0, 66051.0, 262144.0, 0.0, 0.0]
    """
    n, n_bytes = descriptors.shape
    per_descriptor = numbers_per_descriptor(n_bytes)
    filled = np.zeros((n, per_descriptor * BYTES_PER_NUMBER), dtype=np.uint32)
    filled[:, :n_bytes] = descriptors
    high, middle, low = (filled[:, place::BYTES_PER_NUMBER] for place in range(BYTES_PER_NUMBER))
    row = np.zeros(row_length(n_descriptors, n_bytes), dtype=np.float32)
    row[0] = n
    row[1 : 1 + n * per_descriptor] = (high << 16 | middle << 8 | low).ravel()
    return row


def unpacked(numbers: np.ndarray, n_bytes: int) -> np.ndarray:
    """Return the bytes of descriptors, uint8 ``(n, n_bytes)``.

    `numbers` is ``(n, numbers_per_descriptor(n_bytes))``: rows without their first number, cut into
    descriptors.

    Examples
    --------
    >>> unpacked(np.float32([[66051, 262144]]), 4).tolist()
    [[1, 2, 3, 4]]
    """
    whole = numbers.astype(np.uint32)
    three = np.stack([whole >> 16, whole >> 8 & 255, whole & 255], axis=-1)
    return three.reshape(len(whole), BYTES_PER_NUMBER * whole.shape[1])[:, :n_bytes].astype(
        np.uint8
    )
