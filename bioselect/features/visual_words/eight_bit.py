"""A plane of numbers in [0, 1] as the 8-bit image that OpenCV's local descriptors ask for."""

from __future__ import annotations

import numpy as np

#: Stretch each plane by itself.
IMAGE = "image"
#: 0 and 1 become 0 and 255, for every plane alike.
UNIT = "unit"
#: The shares of pixels that may be clipped at either end: single hot pixels do not set the scale.
LOWEST, HIGHEST = 0.001, 0.999
#: Large planes are not copied as a whole.
ROWS_AT_A_TIME = 256


def eight_bit(plane: np.ndarray, limits: str) -> np.ndarray:
    """Return a plane as uint8.

    Local descriptors do not depend on brightness and contrast, so stretching each plane takes
    nothing from them; a dim one (a 12-bit camera in a 16-bit file fills 1/16 of the range) would
    keep 16 of 256 grey levels without it.

    Parameters
    ----------
    plane : np.ndarray
        float ``(height, width)`` in [0, 1].
    limits : str
        "image": the plane's quantiles 0.001 and 0.999 become 0 and 255 (its smallest and largest
        value, should the two be equal); "unit": 0 and 1 do. What lies outside is clipped.

    Returns
    -------
    np.ndarray
        uint8 ``(height, width)``; zeros if a plane to be stretched is constant.

    Examples
    --------
    >>> eight_bit(np.array([[0.25, 0.5, 0.75]]), "unit").tolist()
    [[64, 128, 191]]
    >>> eight_bit(np.array([[0.25, 0.499, 0.75]]), "image").tolist()
    [[0, 127, 255]]
    """
    low, high = (0.0, 1.0) if limits == UNIT else _ends(plane)
    if not high > low:
        return np.zeros(plane.shape, dtype=np.uint8)
    levels = np.empty(plane.shape, dtype=np.uint8)
    for first in range(0, len(plane), ROWS_AT_A_TIME):
        block = slice(first, first + ROWS_AT_A_TIME)
        share = (plane[block].astype(np.float64) - low) / (high - low)
        levels[block] = np.rint(255 * np.clip(share, 0.0, 1.0))
    return levels


def _ends(plane: np.ndarray) -> tuple[float, float]:
    low, high = (float(value) for value in np.quantile(plane, (LOWEST, HIGHEST)))
    # A few bright spots on a constant ground are fewer than one in a thousand pixels.
    return (low, high) if high > low else (float(plane.min()), float(plane.max()))
