r"""Cells of CSV that no spreadsheet takes for a formula, and back: names come from anybody.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``, in the forms of full width too.
Where separators are semicolons, as in half of Europe, the piece behind a semicolon in a name is a
cell of its own; so is what follows a tab or the end of a line. Before each such piece stands an
apostrophe, as one types it there to have text. Numbers stay as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
#: What may not stand in front; apostrophes and blanks before it change nothing.
_FRONT = re.compile(rf"[' ]*[{_SIGNS}\t\r\n]")
#: What may not stand behind a separator, and the same with an apostrophe.
_INSIDE = re.compile(rf"([;\t\r\n])(?=[' ]*[{_SIGNS}])")
_INSIDE_PLAIN = re.compile(rf"([;\t\r\n])'(?=[' ]*[{_SIGNS}])")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf|nan)")


def plain_cell(text: str) -> str:
    r"""Return a cell that a spreadsheet takes for text, unless it is a number.

    Examples
    --------
    >>> plain_cell('=HYPERLINK("a")'), plain_cell("-0.5"), plain_cell("cell.png")
    ('\'=HYPERLINK("a")', '-0.5', 'cell.png')
    >>> plain_cell("a;=1+1"), plain_cell("'=1")
    ("a;'=1+1", "''=1")
    """
    if _NUMBER.fullmatch(text):
        return text
    front = "'" if _FRONT.match(text) else ""
    return front + _INSIDE.sub(r"\1'", text)


def cell_as_written(text: str) -> str:
    """Return what :func:`plain_cell` was given.

    Examples
    --------
    >>> [cell_as_written(plain_cell(name)) for name in ("=1", "'=1", "'tis", "-0.5")]
    ['=1', "'=1", "'tis", '-0.5']
    """
    if "'" not in text:
        return text
    behind = text[1:] if text[0] == "'" and _FRONT.match(text, 1) else text
    return _INSIDE_PLAIN.sub(r"\1", behind)


class PlainWriter:
    r"""Writes rows of CSV like :func:`csv.writer`, every cell plain.

    Examples
    --------
    >>> import io
    >>> file = io.StringIO()
    >>> PlainWriter(file).writerow(["=1", "a,b", -2.5])
    >>> file.getvalue()
    '\'=1,"a,b",-2.5\n'
    """

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def writerow(self, row: Iterable[Any]) -> None:
        """Write one row; what is no text is written as Python does."""
        cells = [plain_cell(str(cell)) for cell in row]
        # Python leaves a carriage return without quotes, and then takes it for the end of a row.
        writer = self._quoting if any("\r" in cell for cell in cells) else self._writer
        writer.writerow(cells)


def read_plain(file: Iterable[str]) -> list[dict[str, str]]:
    r"""Return the rows of a table of ours, names as they were.

    Examples
    --------
    >>> read_plain(["path,'=x\n", "'=1.png,'@a\n"])
    [{'path': '=1.png', '=x': '@a'}]
    """
    rows = csv.reader(file)
    header: Sequence[str] = [cell_as_written(name) for name in next(rows, [])]
    # A row that is cut short lacks its last columns, which damage may do; empty lines are none.
    return [
        dict(zip(header, [*map(cell_as_written, row), *[""] * len(header)], strict=False))
        for row in rows
        if row
    ]
