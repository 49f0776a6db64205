"""A number for each image in a table: one column, read to the last digit or refused."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bioselect.data.column_cells import as_number, is_nothing
from bioselect.data.column_words import COMMA, POINT
from bioselect.data.table_rows import TableRow
from bioselect.exceptions import DataError

_N_LISTED = 5
_WITH_COMMA = re.compile(r"[-+]?[0-9]+([.\s\u2019']\d{3})*,[0-9]+([eE][-+]?[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([.,\s\u2019']\d{3})+([.,][0-9]+)?")
_THOUSANDS = re.compile(
    r"[-+]?[0-9]{1,3}((,\d{3})+\.[0-9]+|(\.\d{3})+,[0-9]+|([\s\u2019']\d{3})+([.,][0-9]+)?)"
)
_WITH_UNIT = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?\s*[^-/.\s_0-9].*", re.DOTALL)
_LIMIT = re.compile(r"[<>\u2264\u2265~\u2248]=?\s*[-+]?[0-9].*", re.DOTALL)
_INFINITE = frozenset({"inf", "-inf", "+inf", "infinity", "-infinity", "#div/0!"})
#: A unit behind the name of a column, as in ``age (months)``.
_UNIT = re.compile(r"^(.*\S)\s*(?:\(([^()]+)\)|\[([^\[\]]+)\])$", re.DOTALL)


@dataclass(frozen=True)
class NumberColumn:
    """The target of each image is a number, which stands in this column.

    `decimal` is what stands before the fraction, as in the columns that are learnt from.
    """

    name: str
    decimal: str = POINT

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        return (self.name,)


def unit_of(column: str) -> str:
    """Return the unit that stands behind the name of a column, or nothing.

    Examples
    --------
    >>> unit_of("age (months)"), unit_of("radius [um]"), unit_of("count")
    ('months', 'um', '')
    """
    found = _UNIT.match(column)
    return "" if found is None else (found[2] or found[3]).strip()


def numbers_of_rows(table: Path, rows: Sequence[TableRow], target: NumberColumn) -> list[float]:
    """Return the number of each row.

    Parameters
    ----------
    table : Path
        Named in errors.
    rows : sequence of TableRow
        The rows; they have the column of `target`.
    target : NumberColumn
        The column.

    Raises
    ------
    DataError
        If a cell holds anything but a finite number, written as `target` says; the first of the
        commonest kind is named with its line and value.
    """
    cells = [(row.line, row.cells[target.name]) for row in rows]
    numbers = [(line, cell, as_number(cell, target.decimal)) for line, cell in cells]
    good = [number for _, _, number in numbers if number is not None and math.isfinite(number)]
    if len(good) == len(cells):
        return good
    wrong = [
        (line, cell)
        for line, cell, number in numbers
        if number is None or not math.isfinite(number)
    ]
    kinds = _KINDS_OF_COMMAS if target.decimal == COMMA else _KINDS
    kind = Counter(_kind_of(cell, kinds) for _, cell in wrong).most_common(1)[0][0]
    _, rule, remedy = kinds[kind]
    alike = [(line, cell) for line, cell in wrong if _kind_of(cell, kinds) == kind]
    (line, cell), others = alike[0], len(wrong) - 1
    more = f", and {others} more cell{'s' * (others != 1)} that {_are(others)} no plain number"
    shown = "an empty cell" if not cell else repr(cell if len(cell) <= 60 else f"{cell[:57]}...")
    lines = ""
    if not cell and len(alike) > 1:
        listed = ", ".join(str(one) for one, _ in alike[:_N_LISTED])
        lines = f" (lines {listed}{', ...' if len(alike) > _N_LISTED else ''})"
    raise DataError(
        f"{table}:{line}: column {target.name!r} must hold a number in every row{rule}. Got {shown}"
        f"{more if others else ''}{lines}. {remedy}"
    )


def is_number(cell: str) -> bool:
    """Tell whether a cell is a finite number with a decimal point, as programs write one.

    Examples
    --------
    >>> is_number("-1.5e3"), is_number("1,5"), is_number("nan"), is_number("1e999")
    (True, False, False, False)
    """
    number = as_number(cell)
    return number is not None and math.isfinite(number)


def _kind_of(cell: str, kinds: Sequence[Kind]) -> int:
    return next(place for place, (belongs, _, _) in enumerate(kinds) if belongs(cell))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _looks_missing(cell: str) -> bool:
    return is_nothing(cell, among_numbers=True)


def _is_infinite(cell: str) -> bool:
    number = as_number(cell)
    is_infinite = number is not None and not math.isfinite(number)
    return cell.casefold() in _INFINITE or is_infinite


def _is_grouped(cell: str) -> bool:
    return _GROUPED.fullmatch(cell) is not None and "," not in cell


def has_thousands(cell: str) -> bool:
    """Tell whether a cell is a number with signs between thousands and a sign for the fraction.

    Examples
    --------
    >>> has_thousands("1,234.5"), has_thousands("1.234,5"), has_thousands("1,234")
    (True, True, False)
    """
    return _THOUSANDS.fullmatch(cell) is not None


def _has_comma(cell: str) -> bool:
    return _WITH_COMMA.fullmatch(cell) is not None or _GROUPED.fullmatch(cell) is not None


def _is_limit(cell: str) -> bool:
    return _LIMIT.fullmatch(cell) is not None


def _has_no_comma(cell: str) -> bool:
    """Tell whether a number is written in another way than with a comma before the fraction."""
    number = as_number(cell)
    return _has_comma(cell) if number is None else math.isfinite(number)


def _has_unit(cell: str) -> bool:
    return _WITH_UNIT.fullmatch(cell) is not None


#: What is wrong with a cell: whether it is that, what the rule is, what to do.
Kind: TypeAlias = tuple[Callable[[str], bool], str, str]
_POINTS: Kind = (
    _has_comma,
    ", with a decimal point",
    "Save the table with points and without separators of thousands: whether a comma is one or "
    "the other is not guessed. Of a table without images, or with columns joined to them, write "
    "decimal: ',' under dataset.",
)
_COMMAS: Kind = (
    _has_no_comma,
    ", with a decimal comma, as was declared",
    "Write all numbers of the table in one way, and without separators of thousands.",
)
_KINDS: Sequence[Kind] = (
    (
        _is_limit,
        "",
        "A limit is no number: decide on one, or remove the rows.",
    ),
    (_is_infinite, " that is finite", "Correct it, or remove the rows."),
    (
        _is_grouped,
        ", without blanks or signs between the digits",
        "Save the table with plain numbers (in Excel: number format General).",
    ),
    _POINTS,
    (
        _looks_missing,
        "",
        "Fill it in, or remove the rows of images that were not measured: nothing is made up for "
        "them.",
    ),
    (
        _has_unit,
        ", and nothing beside it",
        "Keep the number alone in the cell; the unit goes behind the name of the column, as in "
        "age (months), or to dataset.unit.",
    ),
    (
        lambda cell: True,
        "",
        "Correct the cell, or remove the row; if another column holds the number, name that one as "
        "dataset.target; if this one holds classes, write task: classification.",
    ),
)
#: Before all others: 5.580 looks like a number with a sign between thousands.
_KINDS_OF_COMMAS = (_COMMAS, *(kind for kind in _KINDS if kind is not _POINTS))
