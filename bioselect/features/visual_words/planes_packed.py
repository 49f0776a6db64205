"""From an image to its row of local descriptors: what SIFT and ORB have in common."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bioselect.features.descriptors.planes import planes
from bioselect.features.visual_words.eight_bit import eight_bit
from bioselect.features.visual_words.packing import packed

#: Per pixel of a plane, beside the mean of the channels: quantiles, stretch.
OPERATIONS_PER_PIXEL = 8


def packed_planes(
    image: np.ndarray,
    channels: str,
    limits: str,
    n_descriptors: int,
    describe: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Return the row of an image: the packed descriptors of its planes, one after the other.

    Parameters
    ----------
    image : np.ndarray
        Float32 ``(height, width, n_channels)`` in [0, 1].
    channels, limits : str
        See :func:`~bioselect.features.descriptors.planes.planes` and
        :func:`~bioselect.features.visual_words.eight_bit.eight_bit`.
    n_descriptors : int
        For how many there is room in each plane.
    describe : callable
        From a uint8 plane ``(height, width)`` to uint8 ``(n, n_bytes)``.
    """
    return np.concatenate(
        [
            packed(describe(eight_bit(plane, limits)), n_descriptors)
            for plane in planes(image, channels)
        ]
    )
