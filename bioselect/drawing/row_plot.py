"""Things listed one below the other, each with marks on a common axis: groups, columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.drawing.colours import BLACK, BLUE, GREY
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

ROW_HEIGHT, TOP, BOTTOM = 20, 76, 50
COLUMN_WIDTH, GAP = 230, 36
LONGEST_NAME = 34
#: This share of the one side of an axis is too little to give it another one.
SLIGHT = 0.05


@dataclass(frozen=True)
class Mark:
    """A number with how much it varies; None is drawn as nothing."""

    value: float
    spread: float | None = None


@dataclass(frozen=True)
class Column:
    """One column of marks: what it shows (two lines above it), its axis, a mark for each row."""

    name: str
    axis: str
    marks: Sequence[Mark | None]
    second_line: str = ""


def rows_svg(title: str, note: str, rows: Sequence[str], columns: Sequence[Column]) -> str:
    """Return rows with their names at the left, and columns of marks, each with its own axis.

    A mark is a dot at its value, with a line from its value less its spread to its value and its
    spread; a bar leads to it from zero.

    Parameters
    ----------
    rows : sequence of str
        Names, the first at the top.
    columns : sequence of Column
        From left to right; each has as many marks as there are rows.

    Examples
    --------
    >>> errors = Column("", "mean absolute error", [Mark(1.5, 0.2), Mark(0.5)])
    >>> rows_svg("by slide", "", ["slide 1", "slide 2"], [errors]).count("<circle")
    2
    """
    names = [shortened(row, LONGEST_NAME) for row in rows]
    left = 20 + max(map(len, names), default=0) * FONT_SIZE * LETTER_WIDTH
    height = ROW_HEIGHT * len(rows)
    parts = [
        text(left - 8, TOP + ROW_HEIGHT * (place + 0.5) + 4, name, anchor="end")
        for place, name in enumerate(names)
    ]
    for place, column in enumerate(columns):
        at = left + place * (COLUMN_WIDTH + GAP)
        ends = _ends(column.marks)
        panel = Panel(at, TOP, COLUMN_WIDTH, height, round_ticks(*ends, n_wanted=3), [0.0, 1.0])
        parts += _drawn(panel, column)
    width = left + len(columns) * (COLUMN_WIDTH + GAP)
    return drawing(title, (max(width, 320), TOP + height + BOTTOM), parts, note)


def _ends(marks: Sequence[Mark | None]) -> tuple[float, float]:
    """Return the lowest and the highest of what is drawn, zero among it."""
    values = [0.0]
    for mark in marks:
        if mark is not None:
            spread = mark.spread or 0.0
            values += [mark.value - spread, mark.value + spread]
    low, high = min(values), max(values)
    # What hardly reaches over to the other side of zero needs no tick there.
    low = 0.0 if -low < SLIGHT * high else low
    return low, 0.0 if high < SLIGHT * -low else high


def _drawn(panel: Panel, column: Column) -> list[str]:
    middle = panel.left + panel.width / 2
    n_letters = int((COLUMN_WIDTH + GAP) / (FONT_SIZE * LETTER_WIDTH))
    parts = [
        *panel.x_axis(column.axis),
        text(middle, TOP - 22, shortened(column.name, n_letters), anchor="middle"),
        text(
            middle, TOP - 8, shortened(column.second_line, n_letters), anchor="middle", colour=GREY
        ),
        line(panel.x_of(0), panel.top, panel.x_of(0), panel.bottom, BLACK),
    ]
    for place, mark in enumerate(column.marks):
        if mark is None:
            continue
        y = panel.top + ROW_HEIGHT * (place + 0.5)
        x = panel.x_of(mark.value)
        start, end = sorted((panel.x_of(0), x))
        parts.append(
            f'<rect x="{start:.1f}" y="{y - 4:.1f}" width="{end - start:.1f}" height="8" '
            f'fill="{BLUE}" fill-opacity="0.35"/>'
        )
        if mark.spread:
            ends = [panel.x_of(mark.value + sign * mark.spread) for sign in (-1, 1)]
            parts.append(line(ends[0], y, ends[1], y, BLACK, 1.5))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{BLUE}"/>')
    return parts
