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
#: Between what stands below one band and the rows of the next: two lines above its columns.
ABOVE = 44
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
    """One column of marks: what it shows (two lines above it), its axis, a mark for each row.

    Columns of a drawing with the same `scale`, unless it is empty, have the same numbers on their
    axes, so that they can be compared by eye.
    """

    name: str
    axis: str
    marks: Sequence[Mark | None]
    second_line: str = ""
    scale: str = ""


@dataclass(frozen=True)
class Band:
    """Rows with their names, the first at the top, and the columns beside one another.

    `name` stands above the names, if there is one.
    """

    rows: Sequence[str]
    columns: Sequence[Column]
    name: str = ""


def rows_svg(title: str, note: str, rows: Sequence[str], columns: Sequence[Column]) -> str:
    """Return rows with their names at the left, and columns of marks, each with its own axis.

    See :func:`bands_svg`: this is a drawing of one band.

    Examples
    --------
    >>> errors = Column("", "mean absolute error", [Mark(1.5, 0.2), Mark(0.5)])
    >>> rows_svg("by slide", "", ["slide 1", "slide 2"], [errors]).count("<circle")
    2
    """
    return bands_svg(title, note, [Band(rows, columns)])


def bands_svg(title: str, note: str, bands: Sequence[Band]) -> str:
    """Return bands of rows one below the other, as one that is too wide is divided.

    A mark is a dot at its value, with a line from its value less its spread to its value and its
    spread; a bar leads to it from zero.

    Parameters
    ----------
    title, note : str
        What stands above.
    bands : sequence of Band
        From top to bottom; each column has as many marks as its band has rows.

    Examples
    --------
    >>> one = Band(["a", "b"], [Column("forest", "share", [Mark(0.7), Mark(0.3)])])
    >>> bands_svg("importances", "", [one, one]).count("<circle")
    4
    """
    names = [shortened(row, LONGEST_NAME) for band in bands for row in band.rows]
    left = 20 + max(map(len, names), default=0) * FONT_SIZE * LETTER_WIDTH
    columns = [column for band in bands for column in band.columns]
    parts: list[str] = []
    top = float(TOP)
    for band in bands:
        if band.name:
            parts.append(text(10, top - 8, shortened(band.name, int(left / 7)), colour=GREY))
        parts += _names_of(band, left, top)
        for place, column in enumerate(band.columns):
            at = left + place * (COLUMN_WIDTH + GAP)
            ticks = round_ticks(*_ends(_on_its_axis(column, columns)), n_wanted=3)
            height = ROW_HEIGHT * len(band.rows)
            parts += _drawn(Panel(at, top, COLUMN_WIDTH, height, ticks, [0.0, 1.0]), column)
        top += ROW_HEIGHT * len(band.rows) + BOTTOM + ABOVE
    most = max((len(band.columns) for band in bands), default=0)
    size = (max(left + most * (COLUMN_WIDTH + GAP), 320), top - ABOVE)
    return drawing(title, size, parts, note)


def _names_of(band: Band, left: float, top: float) -> list[str]:
    return [
        text(
            left - 8,
            top + ROW_HEIGHT * (place + 0.5) + 4,
            shortened(row, LONGEST_NAME),
            anchor="end",
        )
        for place, row in enumerate(band.rows)
    ]


def _on_its_axis(column: Column, columns: Sequence[Column]) -> list[Mark | None]:
    """Return all marks that the axis of a column has to hold."""
    own = [one for one in columns if one.scale == column.scale] if column.scale else [column]
    return [mark for one in own for mark in one.marks]


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
        text(
            middle,
            panel.top - (22 if column.second_line else 10),
            shortened(column.name, n_letters),
            anchor="middle",
        ),
        text(
            middle,
            panel.top - 8,
            shortened(column.second_line, n_letters),
            anchor="middle",
            colour=GREY,
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
