"""Units of views: that of their image, so that no division parts them, and marked as a view.

Views are trained on and never judged by: who divides images again must know which rows they are.
"""

from __future__ import annotations

import numpy as np


def units_of_views(units: np.ndarray) -> np.ndarray:
    """Return the units of views of images that have these units, int from 0.

    Examples
    --------
    >>> of_views = units_of_views(np.array([0, 0, 5]))
    >>> bool(is_no_view(of_views).any()), whole_units(of_views)
    (False, array([0, 0, 5]))
    """
    return np.asarray(-1 - units)


def is_no_view(units: np.ndarray) -> np.ndarray:
    """Return bool: which rows are images themselves."""
    return np.asarray(units >= 0)


def whole_units(units: np.ndarray) -> np.ndarray:
    """Return the units of images and views: a view has that of its image."""
    return np.where(units >= 0, units, -1 - units)
