"""Parts of the range of values, equally well filled: what images with values are stratified by."""

from __future__ import annotations

import numpy as np

#: At most so many parts of the range of values are spread evenly.
MOST_QUANTILES = 10


def quantile_places(values: np.ndarray, units: np.ndarray, n_parts: int) -> np.ndarray:
    """Return the part of the range that each value lies in, parts being equally well filled.

    There are so many that each could be in every one of `n_parts` test folds, and at most
    :data:`MOST_QUANTILES`. Equal values are in the same part, so there may be fewer.

    Parameters
    ----------
    values : np.ndarray
        float64 ``(n_images,)``.
    units : np.ndarray
        int ``(n_images,)``, what must not be split.
    n_parts : int
        Into how many parts the images are going to be divided.

    Returns
    -------
    np.ndarray
        int64 ``(n_images,)``: 0 for the lowest.

    Examples
    --------
    >>> quantile_places(np.array([7.0, 1.0, 3.0, 2.0, 7.0, 9.0]), np.arange(6), 2)
    array([2, 0, 1, 0, 2, 2])
    """
    n_quantiles = max(1, min(MOST_QUANTILES, len(np.unique(units)) // n_parts))
    # By rank alone, so that no arithmetic with the values decides.
    firsts = [number * len(values) // n_quantiles for number in range(1, n_quantiles)]
    borders = np.unique(np.sort(values)[firsts])
    places: np.ndarray = np.searchsorted(borders, values, side="right").astype(np.int64)
    return np.unique(places, return_inverse=True)[1].astype(np.int64)
