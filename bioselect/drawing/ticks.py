"""Where the ticks of an axis stand, and what is written at them."""

from __future__ import annotations

import math

#: Steps between ticks are one of these times a power of ten.
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Numbers that differ by less of themselves are the same but for rounding.
_SAME = 1e-9


def round_ticks(low: float, high: float, n_wanted: int = 8) -> list[float]:
    """Return round numbers from `low` or below to `high` or above, evenly spaced.

    The first and the last are the ends of the axis, so that nothing lies beyond its ticks.

    Parameters
    ----------
    low, high : float
        Of what is drawn. Where both are the same, there is some room on both sides.
    n_wanted : int
        About so many steps.

    Examples
    --------
    >>> round_ticks(0.3, 23.0)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
    >>> round_ticks(-0.02, 0.05)
    [-0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.04, 0.05]
    """
    if high - low <= _SAME * max(abs(low), abs(high)):
        room = abs(low) / 10 or 1.0
        low, high = low - room, high + room
    raw = (high - low) / n_wanted
    power = 10.0 ** math.floor(math.log10(raw))
    # The least step that is not smaller than the raw one; the last is ten, so there is one.
    step = next(one * power for one in _STEPS if one * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, 2 - math.floor(math.log10(step)))
    return [round(number * step, decimals) + 0.0 for number in range(first, last + 1)]


def tick_texts(ticks: list[float]) -> list[str]:
    """Return what is written at ticks: as many decimals as tell them apart, the same for all.

    Examples
    --------
    >>> tick_texts([0.0, 2.5, 5.0]), tick_texts([0.0, 20000.0]), tick_texts([0.0, 4e6])
    (['0.0', '2.5', '5.0'], ['0', '20000'], ['0', '4e+06'])
    """
    largest = max(abs(tick) for tick in ticks)
    step = ticks[1] - ticks[0]
    if largest >= 1e6 or largest < 1e-3:
        digits = 2 + math.ceil(math.log10(largest / step))
        return ["0" if tick == 0 else f"{tick:.{digits}g}" for tick in ticks]
    decimals = next(number for number in range(16) if _is_exact(step, number))
    return [f"{tick:.{decimals}f}" for tick in ticks]


def _is_exact(step: float, decimals: int) -> bool:
    """Tell whether a step can be written with so many decimals."""
    return decimals == 15 or abs(round(step, decimals) - step) <= 1e-4 * step
