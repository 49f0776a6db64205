"""A table without images: which of its columns is what, and which cannot be learnt from yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.checks.table_names import FEWEST_GROUPS, is_called_like_groups, is_called_like_rows
from bioselect.data.column_cells import as_number, has_decimal_comma, is_nothing, unit_behind
from bioselect.data.column_kinds import MOSTLY_NUMBERS, NEARLY_ALL, kind_of_column
from bioselect.data.column_roles import ColumnChoice, unknown_column
from bioselect.data.column_words import COMMA, POINT, WITHOUT_TARGET
from bioselect.data.feature_table import ColumnDataset, read_feature_table
from bioselect.data.layouts import is_image_name
from bioselect.data.names import as_text
from bioselect.data.sheets import split_sheet
from bioselect.data.table_numbers import NumberColumn, numbers_of_rows
from bioselect.data.table_rows import TableRow, is_table, read_rows
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.cells import why_no_class
from bioselect.workflows.proposal.choices import sentence
from bioselect.workflows.proposal.image_column import NoImagesError, choose_images
from bioselect.workflows.proposal.source import ColumnNames
from bioselect.workflows.proposal.target_column import TargetColumn, choose_target, holds_numbers


@dataclass(frozen=True)
class ColumnSource:
    """A table without images, as it is to be read; `excluded` says why of each column left out."""

    path: Path
    name: str
    target: TargetColumn
    choice: ColumnChoice
    group: str | None
    excluded: Mapping[str, str]
    was_named: bool

    def read(self, group: str | None) -> ColumnDataset:
        """Return the rows, with what is named as group."""
        name = self.target.name
        rule = NumberColumn(name, self.choice.decimal) if self.target.is_number else name
        return read_feature_table(self.path, rule, group, self.choice)


def find_columns(path: Path, named: ColumnNames) -> ColumnSource | None:
    """Find out which column of a table without images is what; None where it is something else.

    Parameters
    ----------
    path : Path
        What a person points at.
    named : ColumnNames
        Columns that are not to be looked for.

    Raises
    ------
    DataError
        If the column to be predicted is unclear, or nothing is left to learn from.
    """
    if not is_table(path) or not split_sheet(path)[0].exists() or named.image is not None:
        return None
    header, rows = read_rows(path, named.target or "")
    columns = {name: [row.cells[name] for row in rows] for name in header}
    if any(is_image_name(Path(name)) for name in header):
        return None
    try:
        choose_images(path, columns)
    except NoImagesError as error:
        return _decided(path, header, rows, named, error)
    except DataError:
        return None  # Of images whose column or place is unclear, which is told elsewhere.
    return None


def _decided(
    path: Path,
    header: Sequence[str],
    rows: Sequence[TableRow],
    named: ColumnNames,
    no_images: NoImagesError,
) -> ColumnSource:
    for option, column in (("--target", named.target), ("--group", named.group)):
        if column is not None and column not in header:
            raise DataError(f"{path}: {unknown_column(column, header, option)}")
    columns = {name: [row.cells[name] for row in rows] for name in header}
    decimal = _decimal(columns)
    row_id = _id(columns, (named.target, named.group))
    group = named.group or _group(columns, (named.target, row_id))
    target = _target(path, columns, (row_id, group), named.target, decimal)
    if target.name == named.target and not target.is_number:
        _refuse_marred_numbers(path, rows, target.name, decimal)
    roles = {target.name, row_id, group}
    excluded = {}
    for name in header:
        if name not in roles:
            cells = [(row.line, row.cells[name]) for row in rows]
            if why := _why_not(name, cells, decimal):
                excluded[name] = why
    if not [name for name in header if name not in roles and name not in excluded]:
        raise DataError(
            f"{no_images} Of columns alone nothing can be learnt here: beside {target.name!r}, "
            f"{', '.join(excluded) or 'names of rows'} cannot be used. "
            f"{' '.join(map(sentence, excluded.values()))}".rstrip()
        )
    has_gaps = any(is_nothing(cell, target.is_number) for cell in columns[target.name])
    choice = ColumnChoice(
        None,
        tuple(excluded),
        (),
        row_id,
        WITHOUT_TARGET if has_gaps else None,
        decimal,
    )
    name = as_text(split_sheet(path)[0].stem)
    return ColumnSource(path, name, target, choice, group, excluded, named.target is not None)


def _decimal(columns: Mapping[str, Sequence[str]]) -> str:
    """Return the sign before the fraction that most of the numbers of a table have."""
    cells = [cell for column in columns.values() for cell in column]
    n_commas = sum(map(has_decimal_comma, cells))
    n_points = sum(POINT in cell and as_number(cell) is not None for cell in cells)
    return COMMA if n_commas > n_points else POINT


def _id(columns: Mapping[str, Sequence[str]], taken: Sequence[str | None]) -> str | None:
    """Return the column that names each row once, if one is called so."""
    for name, cells in columns.items():
        is_filled = not any(is_nothing(cell, among_numbers=True) for cell in cells)
        numbers = [as_number(cell) for cell in cells]
        is_measured = any(one is not None and not float(one).is_integer() for one in numbers)
        is_one_each = is_filled and not is_measured and len(set(cells)) == len(cells)
        if name not in taken and is_one_each and is_called_like_rows(name):
            return name
    return None


def _group(columns: Mapping[str, Sequence[str]], taken: Sequence[str | None]) -> str | None:
    """Return the column that names patients or the like, some of whom have several rows."""
    for name, cells in columns.items():
        is_repeated = FEWEST_GROUPS <= len(set(cells)) < NEARLY_ALL * len(cells)
        if name not in taken and is_called_like_groups(name) and is_repeated and all(cells):
            return name
    return None


def _target(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    taken: Sequence[str | None],
    named: str | None,
    decimal: str,
) -> TargetColumn:
    known = {name: _known(cells, decimal) for name, cells in columns.items() if name not in taken}
    if named is not None:
        return TargetColumn(named, is_number=holds_numbers(known.get(named, ())))
    return choose_target(path, known)


def _refuse_marred_numbers(path: Path, rows: Sequence[TableRow], name: str, decimal: str) -> None:
    """Raise DataError where a named target is numbers with units, or with text among them."""
    filled = [row for row in rows if not is_nothing(row.cells[name], among_numbers=True)]
    cells = [row.cells[name] for row in filled]
    is_numeric = [
        as_number(cell, decimal) is not None or bool(has_decimal_comma(cell) or unit_behind(cell))
        for cell in cells
    ]
    is_class = not why_no_class(cells)
    if not is_class and sum(is_numeric) >= MOSTLY_NUMBERS * len(cells):
        numbers_of_rows(path, filled, NumberColumn(name, decimal))


def _known(cells: Sequence[str], decimal: str) -> list[str]:
    """Return cells as targets are looked for in: numbers with a point, without what is missing."""
    filled = [cell for cell in cells if not is_nothing(cell, among_numbers=True)]
    if filled and all(as_number(cell, decimal) is not None for cell in filled):
        return [cell.replace(decimal, POINT) for cell in filled]
    return ["" if is_nothing(cell, among_numbers=False) else cell for cell in cells]


def _why_not(name: str, cells: Sequence[tuple[int, str]], decimal: str) -> str:
    """Say why a column cannot be learnt from as it is; empty if it can."""
    known = [cell for _, cell in cells if not is_nothing(cell, among_numbers=True)]
    if why_no_class(known) == "dates":
        return f"column {name!r} holds dates, of which nothing is learnt that holds for new rows."
    column, problem = kind_of_column(name, cells, False, decimal)
    if column is None:
        return problem
    if len(set(known)) == 1:
        return f"column {name!r} holds {known[0]!r} in every row that says anything."
    is_new_everywhere = len(set(known)) >= NEARLY_ALL * len(known)
    is_measured = any((as_number(cell, decimal) or 0.0) % 1 != 0 for cell in known)
    if is_called_like_rows(name) and is_new_everywhere and not is_measured:
        return f"column {name!r} looks like the name of the row, not like a measurement."
    return ""
