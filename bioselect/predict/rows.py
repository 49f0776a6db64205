"""New tables -> the rows that a model of columns takes, whatever the order of their columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioselect.bundle.column_part import ColumnPart
from bioselect.bundle.reading import Model
from bioselect.data.column_cells import Column, cell_problem, coded, is_nothing
from bioselect.data.column_roles import unknown_column
from bioselect.data.names import composed
from bioselect.data.table_rows import TableRow, is_table, read_rows
from bioselect.exceptions import BundleError, DataError
from bioselect.predict.far_rows import far_columns, far_reasons, far_rows
from bioselect.predict.files import Prediction, said_of_row

#: The first column of a table of predictions of rows.
ROW = "row"
_NOTHING_KNOWN = (
    "in none of the columns that the model takes is anything that it knows. Fill some in, or "
    "remove the row."
)
_N_LISTED = 5


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows to be predicted: their names, their cells, what is wrong with some.

    `rows` is float64 ``(n_rows, n_columns)`` in the order of the model's columns, with zeros where
    `errors` says why a row cannot be used, and `strange` what in it is unlike the training. `notes`
    and `doubts` are about the table as a whole; `lines` are those of the file.
    """

    names: tuple[str, ...]
    cells: tuple[dict[str, str], ...]
    rows: np.ndarray
    errors: tuple[str, ...]
    strange: tuple[str, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()


def read_new_rows(table: Path, part: ColumnPart) -> NewRows:
    """Read a table whose rows are to be predicted.

    Columns are found by their names; those that the model does not know are left aside. A category
    that it does not know is none of those it does.

    Parameters
    ----------
    table : Path
        CSV, TSV or Excel.
    part : ColumnPart
        Of the model.

    Raises
    ------
    DataError
        If the table cannot be read, or lacks a column that the model takes.
    """
    header, rows = read_rows(table, part.columns[0].name)
    columns = part.as_columns()
    lacking = [one.name for one in columns if one.name not in header]
    if lacking:
        raise DataError(_lacks(table, lacking, header, part))
    errors = [_row_problem(row, columns, part.decimal) for row in rows]
    values = np.zeros((len(rows), len(columns)))
    good = [place for place, error in enumerate(errors) if not error]
    for place, column in enumerate(columns):
        cells = [rows[row].cells[column.name] for row in good]
        values[good, place] = coded(cells, column, part.decimal)
    if not part.with_images:
        for place in np.flatnonzero(np.isnan(values).all(axis=1)).tolist():
            errors[place] = f"line {rows[place].line}: {_NOTHING_KNOWN}"
            values[place] = 0.0
        good = [place for place in good if not errors[place]]
    names = _names(rows, header, part)
    strange = [""] * len(rows)
    for place, reason in zip(good, far_reasons(values[good], part.columns), strict=True):
        never_met = _never_met(rows[place], columns)
        strange[place] = "; ".join(filter(None, [reason, *never_met]))
    return NewRows(
        names,
        tuple(row.cells for row in rows),
        values,
        tuple(errors),
        tuple(strange),
        _notes(table, header, part),
        (
            *_repeated_names(names),
            *_unknown_categories(rows, columns),
            *far_columns(values[good], part.columns),
            *far_rows([names[place] for place in good], values[good], part.columns),
        ),
        tuple(row.line for row in rows),
    )


def read_new_tables(paths: Sequence[Path], part: ColumnPart) -> NewRows:
    """Read one table, or several below each other, whose rows then begin with the table's name.

    Raises
    ------
    DataError
        If a path is no table, or there is none.
    """
    others = [path for path in paths if not is_table(Path(path))]
    if others or not paths:
        raise DataError(
            f"{others[0] if others else 'paths'}: must be a table (.csv, .tsv, .xlsx) with the "
            f"columns that this model takes ({', '.join(one.name for one in part.columns[:3])}, "
            "...). It looks at no images."
        )
    read = [read_new_rows(Path(path), part) for path in paths]
    if len(read) == 1:
        return read[0]
    named = [
        replace(new, names=tuple(f"{Path(path).name}: {name}" for name in new.names))
        for path, new in zip(paths, read, strict=True)
    ]
    return NewRows(
        tuple(name for new in named for name in new.names),
        tuple(cells for new in named for cells in new.cells),
        np.concatenate([new.rows for new in named]),
        tuple(error for new in named for error in new.errors),
        tuple(one for new in named for one in new.strange),
        tuple(note for new in named for note in new.notes),
        tuple(dict.fromkeys(doubt for new in named for doubt in new.doubts)),
        tuple(line for new in named for line in new.lines),
    )


def column_part_of(model: Model) -> ColumnPart:
    """Return what a model of columns says of them."""
    if model.manifest.columns is None:
        raise BundleError("the model takes no columns of a table. Give it images.")
    return model.manifest.columns


def predict_rows(model: Model, new: NewRows) -> list[Prediction]:
    """Return a prediction for each row, in order; a bad one has its reason."""
    good = [place for place, error in enumerate(new.errors) if not error]
    probabilities = model.probabilities_of_rows(new.rows[good]) if good else None
    place_of = {place: number for number, place in enumerate(good)}
    predictions = []
    for place, (name, error) in enumerate(zip(new.names, new.errors, strict=True)):
        if error or probabilities is None:
            predictions.append(Prediction(name, "", None, error))
            continue
        said = said_of_row(model, name, probabilities[place_of[place]])
        predictions.append(replace(said, strange=new.strange[place]))
    return predictions


def _lacks(table: Path, lacking: Sequence[str], header: Sequence[str], part: ColumnPart) -> str:
    taken = {*(one.name for one in part.columns), part.id or "", part.target or ""}
    remedy = "Name columns as in training; where nothing is known, add one with empty cells."
    if len(lacking) == 1:
        told = unknown_column(lacking[0], header, "which the model takes", taken)
        return f"{table}: {told} {remedy}"
    listed = ", ".join(map(repr, lacking[:_N_LISTED]))
    more = f" and {len(lacking) - _N_LISTED} more" if len(lacking) > _N_LISTED else ""
    return (
        f"{table}: must have the {len(part.columns)} columns that the model takes. {len(lacking)} "
        f"are missing: {listed}{more}. Its columns: {', '.join(header)}. {remedy}"
    )


def _row_problem(row: TableRow, columns: Sequence[Column], decimal: str) -> str:
    found = (cell_problem(row.cells[one.name], one, decimal) for one in columns)
    return next((f"line {row.line}: {text}" for text in found if text), "")


def _names(rows: Sequence[TableRow], header: Sequence[str], part: ColumnPart) -> tuple[str, ...]:
    if part.id is not None and part.id in header:
        return tuple(composed(row.cells[part.id]) or f"line {row.line}" for row in rows)
    return tuple(f"line {row.line}" for row in rows)


def _repeated_names(names: Sequence[str]) -> list[str]:
    """Say that several rows have one name, so that predictions cannot be told apart by it."""
    repeated = [(name, count) for name, count in Counter(names).items() if count > 1]
    if not repeated:
        return []
    listed = ", ".join(f"{name!r} ({count} rows)" for name, count in repeated[:_N_LISTED])
    more = f" and {len(repeated) - _N_LISTED} more" if len(repeated) > _N_LISTED else ""
    return [f"several rows have one name: {listed}{more}. Each is predicted by itself."]


def _notes(table: Path, header: Sequence[str], part: ColumnPart) -> tuple[str, ...]:
    known = {*(one.name for one in part.columns), part.id, part.target, part.group}
    others = [name for name in header if name not in known]
    if not others:
        return ()
    listed = ", ".join(others[:_N_LISTED])
    more = f" and {len(others) - _N_LISTED} more" if len(others) > _N_LISTED else ""
    return (f"{table}: columns that the model does not take are left aside: {listed}{more}",)


def _is_unknown(cell: str, column: Column) -> bool:
    """Tell whether a cell names a category that the model does not know."""
    if column.categories is None or cell in column.categories:
        return False
    return not is_nothing(cell, among_numbers=False)


def _never_met(row: TableRow, columns: Sequence[Column]) -> list[str]:
    """Return what the model has never met in a row, one reason each."""
    return [
        f"never met in training: {one.name} {row.cells[one.name]!r}"
        for one in columns
        if _is_unknown(row.cells[one.name], one)
    ]


def _unknown_categories(rows: Sequence[TableRow], columns: Sequence[Column]) -> list[str]:
    lines = []
    for column in columns:
        if column.categories is None:
            continue
        cells = [row.cells[column.name] for row in rows]
        unknown = Counter(cell for cell in cells if _is_unknown(cell, column))
        if unknown:
            listed = ", ".join(f"{name!r} ({n})" for name, n in unknown.most_common(_N_LISTED))
            lines.append(
                f"column {column.name!r}: categories that the model has never met: {listed}. It "
                f"takes them for none of {', '.join(map(repr, column.categories[:_N_LISTED]))}."
            )
    return lines
