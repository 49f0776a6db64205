"""How far things are from the best one: dots, intervals, and a band that does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.drawing.colours import BLACK, BLUE, GREEN, GREY
from bioselect.drawing.panel import (
    FONT_SIZE,
    LETTER_WIDTH,
    Panel,
    drawing,
    line,
    shortened,
    text,
)
from bioselect.drawing.ticks import round_ticks

ROW_HEIGHT, TOP, BOTTOM = 22, 50, 50
WIDTH, RIGHT = 680, 24
LONGEST_NAME = 44


@dataclass(frozen=True)
class Difference:
    """One row: its name, how far behind the best, the interval if there is one, a stressed name."""

    name: str
    behind: float
    low: float | None = None
    high: float | None = None
    stressed: bool = False


def differences_svg(
    title: str, note: str, axis: str, rows: Sequence[Difference], band: float
) -> str:
    """Return a dot for each row, with its interval, beside the band from -`band` to `band`.

    Dots with an interval are filled, those without are rings.

    Parameters
    ----------
    axis : str
        What the numbers are, with their unit.
    rows : sequence of Difference
        From top to bottom; the best has the difference 0.

    Examples
    --------
    >>> rows = [Difference("hog + svm", 0.0), Difference("lbp + svm", 4.0, 1.0, 7.0)]
    >>> differences_svg("behind the best", "", "points", rows, 1.0).count("<circle")
    2
    """
    names = [shortened(row.name, LONGEST_NAME) for row in rows]
    left = 20 + max(map(len, names), default=0) * FONT_SIZE * LETTER_WIDTH
    height = ROW_HEIGHT * len(rows)
    numbers = [-band, band, *(row.behind for row in rows)]
    numbers += [end for row in rows for end in (row.low, row.high) if end is not None]
    ticks = round_ticks(min(numbers), max(numbers), n_wanted=6)
    panel = Panel(left, TOP, WIDTH - RIGHT - left, height, ticks, [0.0, 1.0])
    start, end = panel.x_of(-band), panel.x_of(band)
    parts = [
        *panel.x_axis(axis),
        f'<rect x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" height="{height}" '
        f'fill="{GREEN}" fill-opacity="0.18"/>',
        line(panel.x_of(0), panel.top, panel.x_of(0), panel.bottom, BLACK),
    ]
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = TOP + ROW_HEIGHT * (place + 0.5)
        parts += [text(left - 8, y + 4, name, anchor="end"), *_marks(panel, row, y)]
    return drawing(title, (WIDTH, TOP + height + BOTTOM), parts, note)


def _marks(panel: Panel, row: Difference, y: float) -> list[str]:
    x = panel.x_of(row.behind)
    parts = []
    has_interval = row.low is not None and row.high is not None
    if row.low is not None and row.high is not None:
        parts.append(line(panel.x_of(row.low), y, panel.x_of(row.high), y, BLUE, 2))
    colour = GREEN if row.stressed else BLUE if has_interval else GREY
    fill = colour if row.stressed or has_interval else "white"
    parts.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{colour}" '
        'stroke-width="1.5"/>'
    )
    return parts
