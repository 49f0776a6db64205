"""Which scales filters can have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

#: Standard deviations in pixels: below there is nothing between two pixels, above a band of a
#: large image is mostly margin.
LOWEST, HIGHEST = 0.3, 50.0


def scales_problem(scales: Any) -> str | None:
    """Say what is wrong with scales as they are written, or None.

    Examples
    --------
    >>> scales_problem([1, 2.5])
    >>> scales_problem([2, 1])
    'must be numbers of pixels from 0.3 to 50, each above the one before. Got [2, 1].'
    """
    written = list(scales) if isinstance(scales, list | tuple) else []
    right = [one for one in written if _is_number(one) and LOWEST <= one <= HIGHEST]
    if right and len(right) == len(written) and all(low < high for low, high in pairwise(right)):
        return None
    return (
        f"must be numbers of pixels from {LOWEST:g} to {HIGHEST:g}, each above the one before. Got "
        f"{written or scales!r}."
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
