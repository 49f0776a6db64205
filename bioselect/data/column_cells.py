"""What the cells of a table's columns hold: a number, a category, or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.column_words import COMMA, POINT

#: What people and programs write where nothing is known, in any capitals: one list for features and
#: targets, at training and at prediction.
NOTHING = frozenset(
    {"", "na", "n/a", "n.a.", "#n/a", "nan", "null", "?", ".", "--", "missing", "not available"}
)
#: Among numbers these say the same; among texts they may be a category: treatment none, CD4 -.
PERHAPS_NOTHING = frozenset({"none", "-"})
#: As programs write numbers; neither blanks nor signs between thousands.
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?(inf|infinity|\u221e)", re.IGNORECASE)
_WITH_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_MINUS_SIGN = "\u2212"
#: A number and what it is measured in: ``3 mm``, ``25%``, ``3,1 mg/dl``.
_WITH_UNIT = re.compile(
    r"[-+]?\d+(?:[.,]\d+)?\s*([%\u2030\u00b0\u00b5\u03bcA-Za-z][^\s\d,;:()]*[\d\u00b2\u00b3]?)"
)


@dataclass(frozen=True)
class Column:
    """A column of numbers, or of categories: their texts, sorted.

    Examples
    --------
    >>> Column("age").is_numeric, Column("sex", ("f", "m")).is_numeric
    (True, False)
    """

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.categories is None


def is_nothing(cell: str, among_numbers: bool) -> bool:
    """Tell whether a cell says that nothing is known.

    Examples
    --------
    >>> is_nothing("N/A", among_numbers=False), is_nothing("none", among_numbers=False)
    (True, False)
    """
    word = cell.casefold()
    return word in NOTHING or (among_numbers and word in PERHAPS_NOTHING)


def as_number(cell: str, decimal: str = POINT) -> float | None:
    """Return the number that a cell holds, infinity among them; None if it holds none.

    Parameters
    ----------
    cell : str
        Without blanks at its ends.
    decimal : "." or ","
        What stands before the fraction.

    Examples
    --------
    >>> as_number("17.99"), as_number("17,99"), as_number("17,99", ","), as_number("-1e3")
    (17.99, None, 17.99, -1000.0)
    """
    text = cell.replace(_MINUS_SIGN, "-")
    if _INFINITE.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    if decimal == COMMA:
        if POINT in text:
            return None
        text = text.replace(COMMA, POINT)
    return float(text) if _NUMBER.fullmatch(text) else None


def has_decimal_comma(cell: str) -> bool:
    """Tell whether a cell is a number with a comma before the fraction.

    Examples
    --------
    >>> has_decimal_comma("17,99"), has_decimal_comma("17.99"), has_decimal_comma("1,234,567")
    (True, False, False)
    """
    return _WITH_COMMA.fullmatch(cell.replace(_MINUS_SIGN, "-")) is not None


def unit_behind(cell: str) -> str:
    """Return the unit behind the number in a cell, or nothing.

    Examples
    --------
    >>> unit_behind("3,1 mm"), unit_behind("25%"), unit_behind("5 mm3"), unit_behind("25")
    ('mm', '%', 'mm3', '')
    >>> unit_behind("3 of 4 lobes"), unit_behind("2023-01-01"), unit_behind("1e3")
    ('', '', '')
    """
    if as_number(cell) is not None or has_decimal_comma(cell):
        return ""
    found = _WITH_UNIT.fullmatch(cell.replace(_MINUS_SIGN, "-"))
    return "" if found is None else found[1]


def coded(cells: Sequence[str], column: Column, decimal: str = POINT) -> np.ndarray:
    """Return the cells of a column as float64 ``(n_rows,)``.

    Numbers are themselves, categories their places in ``column.categories``. Nothing is NaN, and
    so is a category that the column does not know: it belongs to none of those it does.

    Raises
    ------
    ValueError
        If a cell of a numeric column holds text; see :func:`cell_problem`.

    Examples
    --------
    >>> coded(["m", "?", "f", "x"], Column("sex", ("f", "m")))
    array([ 1., nan,  0., nan])
    """
    if column.categories is not None:
        places = {name: float(place) for place, name in enumerate(column.categories)}
        return np.array([places.get(cell, math.nan) for cell in cells], dtype=np.float64)
    values = np.full(len(cells), math.nan)
    for place, cell in enumerate(cells):
        if is_nothing(cell, among_numbers=True):
            continue
        number = as_number(cell, decimal)
        if number is None:
            raise ValueError(f"column {column.name!r} must hold numbers. Got {cell!r}.")
        values[place] = number
    return values


def cell_problem(cell: str, column: Column, decimal: str = POINT) -> str:
    """Return what is wrong with a cell of a row to be predicted; empty if nothing is.

    Examples
    --------
    >>> cell_problem("12.5", Column("age")), cell_problem("x", Column("sex", ("f", "m")))
    ('', '')
    >>> cell_problem("young", Column("age"))
    "column 'age' must hold a number. Got 'young'. Correct it, or leave it empty."
    """
    if not column.is_numeric or is_nothing(cell, among_numbers=True):
        return ""
    number = as_number(cell, decimal)
    if number is not None and math.isfinite(number):
        return ""
    start = f"column {column.name!r} must hold a"
    if number is not None:
        return f"{start} finite number. Got {cell!r}. Correct it, or leave it empty."
    if decimal == POINT and has_decimal_comma(cell):
        return f"{start} number with a decimal point. Got {cell!r}. Write {_pointed(cell)}."
    if decimal == COMMA and POINT in cell:
        return (
            f"{start} number with a decimal comma, as in the table of the training. Got {cell!r}. "
            f"Write {cell.replace(POINT, COMMA)}."
        )
    return f"{start} number. Got {cell!r}. Correct it, or leave it empty."


def _pointed(cell: str) -> str:
    return cell.replace(COMMA, POINT)
