"""A table as a file -> the names of its columns and its rows, each with its line."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.names import composed, trimmed
from bioselect.data.plain_cells import cell_as_written
from bioselect.data.reading_time import limited
from bioselect.data.sheets import MOST_BYTES, OLE, SUFFIXES, ZIP, read_sheet, split_sheet
from bioselect.exceptions import DataError

DELIMITERS = (",", ";", "\t")
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".xls", *SUFFIXES})
#: How UTF-16 text begins, as Excel writes it ("Unicode Text").
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: A first line with which Excel is told the separator, as in ``sep=;``.
_DECLARED_DELIMITER = re.compile("sep=(.)", re.IGNORECASE)
#: A title, a date and a few empty lines may stand above the names of the columns.
_N_LINES_WITH_TITLES = 20
_OPEN_IN_EXCEL = "~$"
_REMEDY = "Save the table as CSV (UTF-8)."


@dataclass(frozen=True)
class TableRow:
    """A row of the table with the line it ends on, counted from 1 as editors and Excel do."""

    line: int
    cells: dict[str, str]


def is_table(path: Path) -> bool:
    """Tell whether a path has the name of a table; a sheet may be named behind it with ``#``.

    Examples
    --------
    >>> is_table(Path("labels.CSV")), is_table(Path("labels.xlsx#Plate 2")), is_table(Path("a.png"))
    (True, True, False)
    """
    return split_sheet(path)[0].suffix.lower() in TABLE_SUFFIXES and not os.path.isdir(path)


def read_rows(table: Path, image: str) -> tuple[list[str], list[TableRow]]:
    """Return the names of the columns and the rows of a text or Excel table.

    Empty lines do not count, nor do columns that have neither a name nor a value. Tables of ours
    are read as they were meant (:mod:`bioselect.data.plain_cells`).

    Parameters
    ----------
    table : Path
        Text (UTF-8, or UTF-16 as Excel writes it) whose first line names the columns, separated
        by comma, semicolon or tab; or an Excel file (``labels.xlsx``, ``labels.xlsx#Sheet 2``).
    image : str
        A column that is looked for, which tells commas that separate from others.

    Raises
    ------
    DataError
        If it cannot be read, has no header, or rows of different lengths.
    """
    return limited(split_sheet(table)[0], lambda: _rows(table, image))


def _rows(table: Path, image: str) -> tuple[list[str], list[TableRow]]:
    file, sheet = split_sheet(table)
    data = _bytes_of(file)
    if data.startswith((ZIP, OLE)):
        lines = list(enumerate(read_sheet(file, sheet), 1))
    elif sheet is not None:
        raise DataError(f"{table}: only an Excel file has sheets. Got text. Leave out #{sheet}.")
    else:
        lines = _lines_of_text(table, _decoded(table, data), image)
    lines = [(line, list(map(cell_as_written, values))) for line, values in lines]
    if lines and image and image not in lines[0][1]:
        _check_nothing_above(table, lines, image)
    if not lines or not any(lines[0][1]):
        raise DataError(
            f"{table}: the first line must name the columns. Got an empty one. Write the names of "
            "the columns there, and nothing above them."
        )
    (_, header), *filled = [(line, values) for line, values in lines if any(values)]
    _check_no_title(table, header, filled)
    for line, values in filled:
        if len(values) != len(header):
            raise DataError(
                f"{table}:{line}: must have {len(header)} columns like the first line. "
                f"Got {len(values)}. Put text that holds the separator (a decimal comma, too) in "
                "quotes."
            )
    if not filled:
        raise DataError(f"{table}: must have one row per image. Got only the first line.")
    kept = [
        place
        for place, name in enumerate(header)
        if name or any(values[place] for _, values in filled)
    ]
    header = [composed(name) for name in header]
    names = [header[place] for place in kept]
    _check_header(table, names)
    rows = [TableRow(line, {header[i]: values[i] for i in kept}) for line, values in filled]
    return names, rows


def _check_no_title(
    table: Path, header: Sequence[str], filled: Sequence[tuple[int, list[str]]]
) -> None:
    """Stop where the first line is one text, and those below it have several."""
    title = [name for name in header if name]
    below = sum(map(bool, filled[0][1])) if filled else 0
    if len(title) == 1 and below > 1:
        raise DataError(
            f"{table}: the first line must name the columns. Got one text, {title[0]!r}, above "
            f"lines with {below}. Remove the lines above the names of the columns."
        )


def _check_nothing_above(table: Path, lines: Sequence[tuple[int, list[str]]], image: str) -> None:
    """Stop where the names of the columns stand further down, below a title."""
    for line, values in lines[1:_N_LINES_WITH_TITLES]:
        cells = [composed(trimmed(cell)) for value in values for cell in re.split("[,;\t]", value)]
        if len(cells) > 1 and image in cells:
            raise DataError(
                f"{table}: the first line must name the columns. Got their names in line {line}. "
                "Remove the lines above it."
            )


def _bytes_of(table: Path) -> bytes:
    if table.name.startswith(_OPEN_IN_EXCEL):
        raise DataError(
            f"{table}: must be a table. Got what Excel keeps beside a table that is open. Write "
            f"{table.name[len(_OPEN_IN_EXCEL) :]} instead."
        )
    try:
        if (n_bytes := table.stat().st_size) > MOST_BYTES:
            raise DataError(
                f"{table}: a table must have at most {MOST_BYTES:,} bytes. Got {n_bytes:,}. Save "
                "it as several tables, or leave out columns."
            )
        return table.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{table}: there is no such file. Check the path.") from error
    except IsADirectoryError as error:
        raise DataError(
            f"{table}: must be a table, a file. Got a folder. For one folder per class write "
            "dataset.path."
        ) from error
    except PermissionError as error:
        raise DataError(f"{table}: no permission to read it. Ask for the right to.") from error
    except OSError as error:
        raise DataError(f"{table}: the system cannot read it ({error.strerror}).") from error


def _decoded(table: Path, data: bytes) -> str:
    """Return the text; what is neither UTF-8 nor marked as UTF-16 would have to be guessed."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{table}:{line}: must be UTF-8 text. Got the byte 0x{data[error.start]:02x}. {_REMEDY}"
        ) from error
    if "\0" in text:
        raise DataError(f"{table}: must be text. Got zero bytes. {_REMEDY}")
    if text.lstrip().startswith("<"):
        raise DataError(
            f"{table}: must be a table. Got a web page or XML, whatever its ending says. Open it "
            "in Excel and save it as .xlsx, or as CSV (UTF-8)."
        )
    return text


def _lines_of_text(table: Path, text: str, image: str) -> list[tuple[int, list[str]]]:
    """Return the cells of each line, stripped, with the line's number."""
    first_line = next(io.StringIO(text, newline=""), "")
    declared = _DECLARED_DELIMITER.fullmatch(first_line.strip())
    delimiter = declared[1] if declared else _delimiter(first_line, image)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = []
    try:
        for values in reader:
            if reader.line_num > 1 or not declared:
                lines.append((reader.line_num, [trimmed(value) for value in values]))
    except csv.Error as error:
        raise DataError(
            f"{table}:{reader.line_num}: is not a table ({error}). {_REMEDY}"
        ) from error
    return lines


def _delimiter(first_line: str, image: str) -> str:
    """Return the separator under which the image column is found, else the most frequent one."""

    def names(delimiter: str) -> list[str]:
        return [
            composed(trimmed(name)) for name in next(csv.reader([first_line], delimiter=delimiter))
        ]

    fitting = [delimiter for delimiter in DELIMITERS if image in names(delimiter)]
    return max(fitting or DELIMITERS, key=lambda delimiter: len(names(delimiter)))


def _check_header(table: Path, header: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        what = (
            f"Got {repeated[0]!r} twice. Rename one"
            if repeated[0]
            else "Got several without a name. Name them"
        )
        raise DataError(f"{table}: each column must have its own name. {what}.")
