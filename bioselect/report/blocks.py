"""What a section of a report is made of, as data; `templates/blocks.html` says how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Text:
    """A paragraph; `tone` is plain, lead (larger), note (smaller), warning or heading."""

    written: str
    tone: str = "plain"
    kind: str = field(default="text", init=False)


@dataclass(frozen=True)
class Listed:
    """Sentences below one another; `tone` is sentences or references (smaller)."""

    items: Sequence[str]
    tone: str = "sentences"
    kind: str = field(default="listed", init=False)


@dataclass(frozen=True)
class Preformatted:
    """A text of a file, line by line."""

    written: str
    kind: str = field(default="preformatted", init=False)


@dataclass(frozen=True)
class Fact:
    """A large number with what it is: `value` as it is read, `about` below it."""

    label: str
    value: str
    about: str = ""


@dataclass(frozen=True)
class Facts:
    """A few numbers side by side."""

    items: Sequence[Fact]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    `sort` is what the column is sorted by where that is not the text; `tone` is a word of
    `ranking.role` (best, recommended, tied, behind, failed) or of a finding (error, warning, note);
    `drawing` an SVG that is shown before the text.
    """

    written: str
    sort: float | str | None = None
    tone: str = ""
    drawing: str = ""


@dataclass(frozen=True)
class Table:
    """A table, which the reader can sort, and filter where it is long.

    `name` is that of its CSV file in `report/`, without ending; empty where it has none. `numeric`
    says of each column whether its numbers stand at the right. More than `n_shown` rows are folded
    away behind a button (all are printed, and all are in the file). `file_rows` are those of the
    file where it holds more than the page.
    """

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | str]]
    numeric: Sequence[bool] = ()
    n_shown: int = 12
    file_rows: Sequence[Sequence[Cell | str]] | None = None
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Figure:
    """A drawing with its data.

    Attributes
    ----------
    name : str
        Of its files in `report/`: `name.svg` and `name.csv`.
    caption : str
        What is to be seen, in a sentence or two, printed below it.
    svg : str
        As :func:`bioselect.drawing.panel.drawing` returns it, in the colours of
        `drawing/colours.py` only: on the page they follow light and dark.
    description : str
        What somebody is told who cannot see it: the figures that matter, not what it looks like.
    columns, rows
        The numbers that are drawn.
    """

    name: str
    caption: str
    svg: str
    description: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    kind: str = field(default="figure", init=False)


@dataclass(frozen=True)
class Picture:
    """An image of the data set: bytes of a PNG, what is said below it, and what is in it."""

    png: bytes
    title: str
    lines: Sequence[str] = ()
    alternative: str = ""


@dataclass(frozen=True)
class Pictures:
    """Images side by side."""

    caption: str
    items: Sequence[Picture]
    kind: str = field(default="pictures", init=False)


@dataclass(frozen=True)
class Sheet:
    """A wide picture: bytes of a PNG, what is said below it, and what is in it."""

    png: bytes
    caption: str
    alternative: str
    kind: str = field(default="sheet", init=False)


@dataclass(frozen=True)
class Folded:
    """Blocks that are shown on demand, under a line of their own."""

    title: str
    blocks: Sequence[Block]
    kind: str = field(default="folded", init=False)


Block: TypeAlias = Text | Listed | Preformatted | Facts | Table | Figure | Pictures | Sheet | Folded


@dataclass(frozen=True)
class Section:
    """A part of the report: `key` is its place in the address, `title` its heading."""

    key: str
    title: str
    blocks: Sequence[Block]
