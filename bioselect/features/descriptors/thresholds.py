"""Where bright ends and dark begins: Otsu's threshold of one channel."""

from __future__ import annotations

import numpy as np

N_CLASSES = 256


def otsu_threshold(plane: np.ndarray) -> float:
    """Return Otsu's threshold of a channel; of a flat channel its value, so nothing lies above.

    References
    ----------
    Otsu (1979), "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9(1), 62-66.

    Examples
    --------
    >>> 0.1 <= otsu_threshold(np.array([[0.1, 0.1, 0.9]], dtype=np.float32)) < 0.9
    True
    """
    from skimage.filters import threshold_otsu

    low, high = float(plane.min()), float(plane.max())
    if high <= low:
        return high
    if high - low < N_CLASSES * float(np.spacing(np.float32(high))):
        # Too narrow for so many classes in float32, such as the mean of channels of which one
        # pixel differs.
        plane = plane.astype(np.float64)
    return float(threshold_otsu(plane, nbins=N_CLASSES))
