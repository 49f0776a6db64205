"""From the pixels as they are stored to the picture as it was seen."""

from __future__ import annotations

import numpy as np

#: EXIF orientation -> what turns the stored rows and columns.
_TURNS = {
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda image: np.rot90(image, 1),
}


def oriented(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn the stored pixels as an EXIF or TIFF orientation (1 to 8) tells.

    Examples
    --------
    >>> oriented(np.array([[[1], [2]]]), 6)[:, :, 0].tolist()
    [[1], [2]]
    """
    turn = _TURNS.get(orientation)
    return image if turn is None else turn(image)


def native(image: np.ndarray) -> np.ndarray:
    """Return the image C-contiguous and in this machine's byte order."""
    return np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("="))
