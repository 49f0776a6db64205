"""Which columns of a table hold numbers and which categories: found, or refused with the cell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from bioselect.data.column_cells import (
    Column,
    as_number,
    has_decimal_comma,
    is_nothing,
    unit_behind,
)
from bioselect.data.column_words import COMMA, POINT, as_yaml
from bioselect.data.table_numbers import has_thousands, unit_of

#: A column of which at least this share are numbers is one of numbers, and text in it a mistake.
MOSTLY_NUMBERS = 0.5
#: Of fewer numbers, or so few different ones, the rest are categories and these codes of some.
CONSIDERABLY_NUMBERS = 0.1
FEW_NUMBERS = 2
#: Of texts with one unit so many different ones are measurements; fewer are doses, times, ...
FEWEST_MEASURED = 6
#: More different texts than this in half of the rows or more are names or notes.
MOST_CATEGORIES = 20
#: Of names of rows so many are different, even where some were copied.
NEARLY_ALL = 0.9
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
        How a column that is joined to images is left out, in a sentence; by default, in a table
        without images, with `dataset.exclude`.

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
    names_rows = "" if leave_out else f"If it names the rows, write dataset.id: {as_yaml(name)}. "
    leave_out = leave_out or f"Leave it out with dataset.exclude: [{as_yaml(name)}]."
    if declared_categorical:
        return _categorical(name, cells, True, leave_out, names_rows)
    known = [(line, cell) for line, cell in cells if not is_nothing(cell, among_numbers=True)]
    if not known:
        return None, f"column {name!r} holds nothing in any row. {leave_out}"
    numbers = [(line, cell, as_number(cell, decimal)) for line, cell in known]
    text = [(line, cell) for line, cell, number in numbers if number is None]
    if problem := _wrong_decimal(name, known, text, decimal):
        return None, problem
    if problem := _with_units(name, known, leave_out) or _with_thousands(name, text):
        return None, problem
    if len(known) - len(text) < MOSTLY_NUMBERS * len(known):
        if problem := _mixed(name, numbers, cells, decimal):
            return None, problem
        return _categorical(name, cells, False, leave_out, names_rows)
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


def _with_units(name: str, known: Cells, leave_out: str) -> str:
    """Say that the unit stands in the cells, with which they are text; empty if it does not."""
    units = Counter(unit for _, cell in known if (unit := unit_behind(cell)))
    if not units:
        return ""
    unit, n_with_it = units.most_common(1)[0]
    with_unit = [(line, cell) for line, cell in known if unit_behind(cell)]
    n_different = len({cell for _, cell in with_unit})
    if n_different < FEWEST_MEASURED or n_with_it < MOSTLY_NUMBERS * len(known):
        return ""
    heading = name if unit_of(name) else f"{name} ({unit})"
    return (
        f"column {name!r} holds numbers with a unit in {len(with_unit)} of {len(known)} cells "
        f"({_listed(with_unit)}), which makes them text. Leave only the number in each cell, and "
        f"the unit in the heading: {heading!r}. {leave_out} If these are categories, list it under "
        "dataset.categorical."
    )


def _with_thousands(name: str, text: Cells) -> str:
    """Say that thousands are set apart, with which numbers are text; empty if they are not."""
    found = [(line, cell) for line, cell in text if has_thousands(cell)]
    if not found or len(found) < MOSTLY_NUMBERS * len(text):
        return ""
    return (
        f"column {name!r} has signs between thousands ({_listed(found)}). Save the table with "
        "plain numbers (in Excel: number format General)."
    )


def _mixed(
    name: str, numbers: Sequence[tuple[int, str, float | None]], cells: Cells, decimal: str
) -> str:
    """Say that a column holds too many numbers for one of categories; empty if it does not."""
    with_comma = [(line, cell) for line, cell, _ in numbers if has_decimal_comma(cell)]
    with_comma = with_comma if decimal == POINT else []
    plain = [(line, cell) for line, cell, number in numbers if number is not None]
    found = sorted([*plain, *with_comma])
    text = [
        (line, cell)
        for line, cell, number in numbers
        if number is None and not (decimal == POINT and has_decimal_comma(cell))
    ]
    if with_comma and len(found) >= MOSTLY_NUMBERS * len(numbers):
        return (
            f"column {name!r} has decimal commas ({_listed(with_comma)}), and text in {len(text)} "
            f"of {len(cells)} cells ({_listed(text)}). Write decimal: ',' under dataset, and "
            "correct the text or leave these cells empty; or, if these are categories, list the "
            "column under dataset.categorical."
        )
    is_considerable = len(found) >= CONSIDERABLY_NUMBERS * len(numbers)
    if not is_considerable or len({cell for _, cell in found}) <= FEW_NUMBERS:
        return ""
    return (
        f"column {name!r} holds text in {len(text)} of {len(cells)} cells ({_listed(text)}) and "
        f"numbers in {len(found)} ({_listed(found)}): whether these are measurements or categories "
        "is not guessed. Write a number or nothing into each cell, or, if these are categories, "
        "list the column under dataset.categorical."
    )


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
        f"{COMMA!r}. Write all numbers of the table in one way, or, if these are categories, list "
        "the column under dataset.categorical."
    )


def _categorical(
    name: str, cells: Cells, declared: bool, leave_out: str, names_rows: str
) -> tuple[Column | None, str]:
    known = [cell for _, cell in cells if not is_nothing(cell, among_numbers=False)]
    if not known:
        return None, f"column {name!r} holds nothing in any row. {leave_out}"
    found = tuple(sorted(set(known)))
    if not declared and len(found) > MOST_CATEGORIES and 2 * len(found) > len(known):
        return None, (
            f"column {name!r} holds {len(found)} different texts in {len(known)} rows ("
            f"{', '.join(map(repr, found[:_N_LISTED]))}, ...), which look like names or notes"
            f"{_repeated(cells, found)}. {names_rows}{leave_out} If these are categories, list it "
            "under dataset.categorical."
        )
    return Column(name, found), ""


def _repeated(cells: Cells, found: Sequence[str]) -> str:
    """Say which of texts that name nearly every row once stand in several."""
    counts = Counter(cell for _, cell in cells)
    repeated = [name for name in found if counts[name] > 1]
    if not repeated or len(found) < NEARLY_ALL * sum(counts[name] for name in found):
        return ""
    lines = [str(line) for line, cell in cells if cell == repeated[0]]
    more = f", and {len(repeated) - 1} more in several rows" if len(repeated) > 1 else ""
    return f"; {repeated[0]!r} stands in lines {', '.join(lines)}{more}"


def _listed(cells: Cells) -> str:
    listed = ", ".join(f"line {line}: {cell!r}" for line, cell in cells[:_N_LISTED])
    more = len(cells) - _N_LISTED
    return f"{listed} and {more} more" if more > 0 else listed
