"""A table of columns -> rows of numbers with a target each: no images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bioselect.data.column_cells import Column, coded, is_nothing
from bioselect.data.column_kinds import kind_of_column
from bioselect.data.column_roles import (
    ALL_COLUMNS,
    ColumnChoice,
    check_known,
    feature_names,
)
from bioselect.data.column_words import INCOMPLETE, WITHOUT_TARGET, as_yaml
from bioselect.data.names import composed
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.table_labels import LabelCell, LabelTarget, labels_of_rows
from bioselect.data.table_numbers import NumberColumn, numbers_of_rows
from bioselect.data.table_rows import TableRow, read_rows
from bioselect.data.tables import Target, composed_target, target_columns
from bioselect.exceptions import DataError

_N_LISTED = 5


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """The columns that are learnt from, and a row for each record of a data set.

    `rows` is float64 ``(n_rows, n_columns)``: numbers, places of categories, NaN where nothing is
    known. `left_aside` are the columns of the file that nothing was read from.
    """

    columns: tuple[Column, ...]
    rows: np.ndarray
    left_aside: tuple[str, ...] = ()

    def of(self, places: np.ndarray) -> FeatureTable:
        """Return the table of some rows."""
        return FeatureTable(self.columns, self.rows[places], self.left_aside)


@dataclass(frozen=True, eq=False)
class ColumnDataset:
    """A table as a data set: its records have no images, but a row of `table` each.

    `notes` say which rows were left out.
    """

    dataset: ImageDataset
    table: FeatureTable
    notes: tuple[str, ...] = field(default=())


def read_feature_table(
    table: Path,
    target: Target,
    group: str | None = None,
    choice: ColumnChoice = ALL_COLUMNS,
) -> ColumnDataset:
    """Read a CSV, TSV or Excel file whose columns are learnt from.

    Parameters
    ----------
    table : Path
        As :func:`bioselect.data.table_rows.read_rows` takes it.
    target : str, NumberColumn, LabelColumns or LabelCell
        The column with the class or the number, or where several labels a row stand.
    group : str or None
        The column with what must not be split: a patient, say.
    choice : ColumnChoice
        Which other columns are features, and as what they are read.

    Returns
    -------
    ColumnDataset
        Sorted by the name of the row: what the column `id` holds, or its line in the file.

    Raises
    ------
    DataError
        If the table cannot be read or a column does not hold what it should: a line for each.
    """
    table, choice, target = Path(table), choice.composed(), composed_target(target)
    group = None if group is None else composed(group)
    wanted = target_columns(target)
    header, rows = read_rows(table, wanted[0] if wanted else "")
    check_known(table, header, wanted, group, choice)
    names = feature_names(table, header, wanted, group, choice)
    rows, notes = _learnt_rows(table, rows, target, choice)
    columns, problems = _columns(rows, names, choice)
    if problems:
        raise DataError("\n".join(f"{table}: {text}" for text in problems))
    targets, class_names = _targets(table, rows, target)
    ids = _ids(table, rows, choice.id)
    if group is not None:
        _check_filled(table, rows, group, "the group")
    values = [coded([row.cells[one.name] for row in rows], one, choice.decimal) for one in columns]
    order = sorted(range(len(rows)), key=lambda place: ids[place])
    groups = [None if group is None else composed(row.cells[group]) for row in rows]
    records = tuple(
        ImageRecord(ids[place], table, targets[place], groups[place], ids[place]) for place in order
    )
    used = {*wanted, *names, group, choice.id}
    features = FeatureTable(
        tuple(columns),
        np.ascontiguousarray(np.stack(values, axis=1)[order]),
        tuple(name for name in header if name not in used),
    )
    dataset = ImageDataset(
        f"{table.resolve().parent.name}/{table.name}",
        table.parent,
        records,
        class_names,
        wanted[0] if isinstance(target, NumberColumn) else "",
    )
    dataset, features, note = _known(dataset, features)
    notes += [note] if note else []
    if choice.drop == INCOMPLETE:
        dataset, features, note = _complete(table, dataset, features)
        notes += [note] if note else []
    return ColumnDataset(dataset, features, tuple(notes))


def _learnt_rows(
    table: Path, rows: list[TableRow], target: Target, choice: ColumnChoice
) -> tuple[list[TableRow], list[str]]:
    """Return the rows whose target is known, and what is to be said of the others."""
    note = ""
    if isinstance(target, str | NumberColumn):
        rows, note = _with_target(table, rows, target, choice)
    elif choice.drop is not None and target is not None:
        rows, note = _with_labels(table, rows, target)
    return rows, [note] if note else []


def _with_target(
    table: Path, rows: list[TableRow], rule: str | NumberColumn, choice: ColumnChoice
) -> tuple[list[TableRow], str]:
    """Return the rows that have a target, and in words how many were left out."""
    is_number = isinstance(rule, NumberColumn)
    target = rule.name if isinstance(rule, NumberColumn) else rule
    kept = [row for row in rows if not is_nothing(row.cells[target], is_number)]
    without = [row for row in rows if is_nothing(row.cells[target], is_number)]
    if not without:
        return rows, ""
    lines = _lines([row.line for row in without])
    if choice.drop is None:
        raise DataError(
            f"{table}: column {target!r}, the target, must be filled in every row. Got "
            f"{len(without)} empty ({lines}). Fill them in, or leave these rows out with "
            f"dataset.drop: {WITHOUT_TARGET}."
        )
    if not kept:
        raise DataError(f"{table}: column {target!r}, the target, is empty in every row. Fill it.")
    return kept, f"{_rows(len(without))} without a target left out ({lines})."


def _with_labels(
    table: Path, rows: list[TableRow], rule: LabelTarget
) -> tuple[list[TableRow], str]:
    """Return the rows whose labels are all known, and in words how many were left out."""
    none_label = rule.none_label if isinstance(rule, LabelCell) else None

    def is_known(row: TableRow) -> bool:
        cells = [row.cells[name] for name in rule.columns]
        return not any(is_nothing(cell, False) and cell != none_label for cell in cells)

    without = [row.line for row in rows if not is_known(row)]
    kept = [row for row in rows if is_known(row)]
    if not kept:
        raise DataError(f"{table}: the labels of no row are known. Check dataset.target.")
    note = f"{_rows(len(without))} without all labels left out ({_lines(without)})."
    return kept, note if without else ""


def _columns(
    rows: Sequence[TableRow], names: Sequence[str], choice: ColumnChoice
) -> tuple[list[Column], list[str]]:
    """Return what each column holds, and what is wrong with those that cannot be used."""
    columns, problems = [], []
    for name in names:
        cells = [(row.line, row.cells[name]) for row in rows]
        column, problem = kind_of_column(name, cells, name in choice.categorical, choice.decimal)
        if column is None:
            problems.append(problem)
        else:
            columns.append(column)
    return columns, problems


def _targets(
    table: Path, rows: Sequence[TableRow], target: Target
) -> tuple[Sequence[str | float | tuple[str, ...]], tuple[str, ...]]:
    """Return the target of each row, and the names of classes or labels."""
    if isinstance(target, NumberColumn):
        return numbers_of_rows(table, rows, target), ()
    if target is None:
        raise DataError(f"{table}: a target must be named. Write dataset.target.")
    if not isinstance(target, str):
        return labels_of_rows(table, rows, target)
    classes = [composed(row.cells[target]) for row in rows]
    return classes, tuple(sorted(set(classes)))


def _ids(table: Path, rows: Sequence[TableRow], column: str | None) -> list[str]:
    """Return the name of each row; without a column for it, its line with leading zeros."""
    if column is None:
        width = len(str(max(row.line for row in rows)))
        return [f"line {row.line:0{width}d}" for row in rows]
    _check_filled(table, rows, column, "the name of the row")
    ids = [composed(row.cells[column]) for row in rows]
    repeated = [name for name, count in Counter(ids).items() if count > 1]
    if repeated:
        lines = [row.line for row, name in zip(rows, ids, strict=True) if name == repeated[0]]
        more = f", and {len(repeated) - 1} more such names" if len(repeated) > 1 else ""
        raise DataError(
            f"{table}: column {column!r}, the id, must name each row once. Got {repeated[0]!r} in "
            f"{_lines(lines)}{more}. Remove the copies; if several rows are of one patient, "
            f"write group: {as_yaml(column)} in place of id."
        )
    return ids


def _check_filled(table: Path, rows: Sequence[TableRow], column: str, what: str) -> None:
    empty = [row.line for row in rows if not row.cells[column]]
    if empty:
        raise DataError(
            f"{table}: column {column!r} must hold {what} in every row. Got {len(empty)} empty "
            f"cells ({_lines(empty)}). Fill them in or remove the rows."
        )


def _known(dataset: ImageDataset, features: FeatureTable) -> tuple[ImageDataset, FeatureTable, str]:
    """Leave out the rows in which nothing is known: no model could tell them apart."""
    is_known = ~np.isnan(features.rows).all(axis=1)
    if is_known.all():
        return dataset, features, ""
    unknown = [dataset.records[int(place)].image_id for place in np.flatnonzero(~is_known)]
    more = f" and {len(unknown) - _N_LISTED} more" if len(unknown) > _N_LISTED else ""
    note = (
        f"{_rows(len(unknown))} left out in which nothing is known, as all columns to learn from "
        f"are empty: {', '.join(unknown[:_N_LISTED])}{more}."
    )
    places = np.flatnonzero(is_known)
    records = tuple(dataset.records[int(place)] for place in places)
    return replace(dataset, records=records), features.of(places), note


def _complete(
    table: Path, dataset: ImageDataset, features: FeatureTable
) -> tuple[ImageDataset, FeatureTable, str]:
    """Leave out the rows in which a feature is missing."""
    places = np.flatnonzero(~np.isnan(features.rows).any(axis=1))
    n_left_out = dataset.n_images - len(places)
    if not n_left_out:
        return dataset, features, ""
    if not len(places):
        raise DataError(
            f"{table}: dataset.drop: {INCOMPLETE} leaves no row, as something is missing in each. "
            f"Write drop: {WITHOUT_TARGET}; what is missing is then filled in from other rows."
        )
    records = tuple(dataset.records[int(place)] for place in places)
    kept = replace(dataset, records=records)
    note = f"{_rows(n_left_out)} in which something is missing left out (drop: {INCOMPLETE})."
    return kept, features.of(places), note


def _lines(lines: Sequence[int]) -> str:
    listed = ", ".join(map(str, lines[:_N_LISTED]))
    more = f" and {len(lines) - _N_LISTED} more" if len(lines) > _N_LISTED else ""
    return f"line{'s' * (len(lines) > 1)} {listed}{more}"


def _rows(number: int) -> str:
    return f"{number} row{'s' * (number != 1)}"
