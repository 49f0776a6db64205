"""Which columns of a table hold numbers and which categories: found, or refused with the cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bioselect.data.column_cells import Column, as_number, has_decimal_comma, is_nothing
from bioselect.data.column_words import COMMA, POINT

#: A column of which at least this share are numbers is one of numbers, and text in it a mistake.
MOSTLY_NUMBERS = 0.5
#: More different texts than this in half of the rows or more are names or notes.
MOST_CATEGORIES = 20
_N_LISTED = 3
Cells = Sequence[tuple[int, str]]


def kind_of_column(
    name: str,
    cells: Cells,
    declared_categorical: bool,
    decimal: str = POINT,
    leave_out: str = "",
) -> tuple[Column | None, str]:
    """Return what a column holds, or None and what is wrong with it in one sentence or two.

    Parameters
    ----------
    name : str
        Of the column.
    cells : sequence of (int, str)
        The line and the text of each row.
    declared_categorical : bool
        Whether the configuration says that its numbers are codes of categories.
    decimal : "." or ","
        What stands before the fraction of a number.
    leave_out : str
        How the column is left out, in a sentence; by default with `dataset.exclude`.

    Examples
    --------
    >>> kind_of_column("age", [(2, "61"), (3, "NA"), (4, "7.5")], False)
    (Column(name='age', categories=None), '')
    >>> kind_of_column("sex", [(2, "m"), (3, "f"), (4, "m")], False)[0]
    Column(name='sex', categories=('f', 'm'))
    >>> print(kind_of_column("age", [(2, "61"), (3, "old"), (4, "7")], False)[1])
    column 'age' holds numbers, but text in 1 of 3 cells (line 3: 'old'). Correct it or leave the \
cell empty, or, if these are categories, list the column under dataset.categorical.
    """
    leave_out = leave_out or f"Leave it out with dataset.exclude: [{name}]."
    if declared_categorical:
        return _categorical(name, cells, True, leave_out)
    known = [(line, cell) for line, cell in cells if not is_nothing(cell, among_numbers=True)]
    if not known:
        return None, f"column {name!r} holds nothing in any row. {leave_out}"
    numbers = [(line, cell, as_number(cell, decimal)) for line, cell in known]
    text = [(line, cell) for line, cell, number in numbers if number is None]
    if problem := _wrong_decimal(name, known, text, decimal):
        return None, problem
    if len(known) - len(text) < MOSTLY_NUMBERS * len(known):
        return _categorical(name, cells, False, leave_out)
    if text:
        return None, (
            f"column {name!r} holds numbers, but text in {len(text)} of {len(cells)} cells "
            f"({_listed(text)}). Correct it or leave the cell empty, or, if these are categories, "
            "list the column under dataset.categorical."
        )
    infinite = [
        (line, cell)
        for line, cell, number in numbers
        if number is not None and not math.isfinite(number)
    ]
    if infinite:
        return None, (
            f"column {name!r} must hold finite numbers. Got {len(infinite)} infinite "
            f"({_listed(infinite)}). Correct them, or leave the cells empty."
        )
    return Column(name), ""


def _wrong_decimal(name: str, known: Cells, text: Cells, decimal: str) -> str:
    """Say that numbers are written with the other sign before the fraction."""
    if decimal == POINT:
        with_comma = [(line, cell) for line, cell in text if has_decimal_comma(cell)]
        if with_comma and len(with_comma) == len(text):
            return (
                f"column {name!r} has decimal commas ({_listed(with_comma)}). Write decimal: ',' "
                "under dataset, or save the table with decimal points."
            )
        return ""
    with_point = [(line, cell) for line, cell in known if as_number(cell, POINT) is not None]
    with_point = [(line, cell) for line, cell in with_point if POINT in cell]
    if not with_point:
        return ""
    return (
        f"column {name!r} has decimal points ({_listed(with_point)}), and dataset.decimal is "
        f"{COMMA!r}. Write all numbers of the table in one way."
    )


def _categorical(
    name: str, cells: Cells, declared: bool, leave_out: str
) -> tuple[Column | None, str]:
    known = [cell for _, cell in cells if not is_nothing(cell, among_numbers=False)]
    if not known:
        return None, f"column {name!r} holds nothing in any row. {leave_out}"
    found = tuple(sorted(set(known)))
    if not declared and len(found) > MOST_CATEGORIES and 2 * len(found) > len(known):
        return None, (
            f"column {name!r} holds {len(found)} different texts in {len(known)} rows ("
            f"{', '.join(map(repr, found[:_N_LISTED]))}, ...), which look like names or notes. "
            f"{leave_out} If these are categories, list it under dataset.categorical."
        )
    return Column(name, found), ""


def _listed(cells: Cells) -> str:
    listed = ", ".join(f"line {line}: {cell!r}" for line, cell in cells[:_N_LISTED])
    more = len(cells) - _N_LISTED
    return f"{listed} and {more} more" if more > 0 else listed
