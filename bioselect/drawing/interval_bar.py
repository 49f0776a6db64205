"""A score with its interval as a small bar, for the cell of a table."""

from __future__ import annotations

from bioselect.drawing.colours import BLUE, GREY, LIGHT
from bioselect.drawing.panel import line

WIDTH, HEIGHT = 90, 14


def interval_bar(
    value: float, low: float | None, high: float | None, axis: tuple[float, float]
) -> str:
    """Return an SVG of a dot at `value` with a bar from `low` to `high`.

    Parameters
    ----------
    value, low, high : float
        On one scale; without both ends there is no bar.
    axis : tuple of float
        What the left and the right edge stand for.

    Examples
    --------
    >>> 'cx="45.0"' in interval_bar(0.5, 0.4, 0.6, (0.0, 1.0))
    True
    """
    span = (axis[1] - axis[0]) or 1.0
    middle = HEIGHT / 2

    def x_of(number: float) -> float:
        return 4 + (WIDTH - 8) * (number - axis[0]) / span

    parts = [line(4, middle, WIDTH - 4, middle, LIGHT)]
    if low is not None and high is not None:
        parts.append(line(x_of(low), middle, x_of(high), middle, GREY, width=3))
    parts.append(f'<circle cx="{x_of(value):.1f}" cy="{middle:g}" r="4" fill="{BLUE}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{"".join(parts)}</svg>'
    )
