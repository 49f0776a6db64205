"""Findings about the columns of a table: constant, equal, missing, names of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.table_names import naming_findings
from bioselect.checks.table_remedies import OF_TABLE, ColumnRemedies, listed_names
from bioselect.data.column_cells import PERHAPS_NOTHING, as_number, has_decimal_comma
from bioselect.data.column_words import as_yaml
from bioselect.data.feature_table import FeatureTable

#: A column of which more than this share is missing is told of as a warning.
MUCH_MISSING = 0.5
_N_LISTED = 5


def column_findings(
    table: FeatureTable,
    rows: Sequence[str] = (),
    declared: Collection[str] = (),
    remedies: ColumnRemedies = OF_TABLE,
) -> list[Finding]:
    """Return what is noticed about columns, whatever the target is.

    Parameters
    ----------
    table : FeatureTable
        The columns that are learnt from.
    rows : sequence of str
        What the rows are called, in their order.
    declared : collection of str
        The columns that are said to hold categories.
    remedies : ColumnRemedies
        What can be done where the columns stand.
    """
    return [
        *_left_aside(table),
        *_constant(table, remedies),
        *_equal(table, remedies),
        *_missing(table, remedies),
        *_mixed(table, declared),
        *naming_findings(table, rows, remedies),
    ]


def _left_aside(table: FeatureTable) -> list[Finding]:
    if not table.left_aside:
        return []
    listed = listed_names(table.left_aside)
    return [Finding(NOTE, "", f"columns that are not looked at: {listed}.", "")]


def _constant(table: FeatureTable, remedies: ColumnRemedies) -> list[Finding]:
    names = [
        column.name
        for column, values in zip(table.columns, table.rows.T, strict=True)
        if len(np.unique(values[~np.isnan(values)])) == 1
    ]
    if not names:
        return []
    what = f"the same value in every row: {listed_names(names)}. Nothing can be learnt from it."
    return [Finding(WARNING, "", what, remedies.to_leave_out(names))]


def _equal(table: FeatureTable, remedies: ColumnRemedies) -> list[Finding]:
    found: dict[bytes, list[str]] = {}
    for column, values in zip(table.columns, table.rows.T, strict=True):
        kind = b"number" if column.is_numeric else repr(column.categories).encode()
        found.setdefault(kind + values.astype("<f8").tobytes(), []).append(column.name)
    return [
        Finding(
            WARNING,
            "",
            f"columns that are equal in every row: {listed_names(names)}.",
            f"They count several times in distances, and share what is said of importance. "
            f"{remedies.to_leave_out(names[1:])}",
            "equal columns",
        )
        for names in found.values()
        if len(names) > 1
    ]


def _missing(table: FeatureTable, remedies: ColumnRemedies) -> list[Finding]:
    n_rows = len(table.rows)
    counts = np.isnan(table.rows).sum(axis=0).tolist()
    some = [(one, count) for one, count in zip(table.columns, counts, strict=True) if count]
    if not some:
        return []
    listed = ", ".join(f"{one.name} {count}" for one, count in some[:_N_LISTED])
    more = f" and {len(some) - _N_LISTED} more columns" if len(some) > _N_LISTED else ""
    n_incomplete = int(np.isnan(table.rows).any(axis=1).sum())
    findings = [
        Finding(
            NOTE,
            "",
            f"missing values in {n_incomplete} of {n_rows} rows ({listed}{more}).",
            "In each fold a number is filled in with the median of the training rows; a missing "
            f"category is none of those there are.{remedies.of_incomplete_rows()}",
        )
    ]
    much = [one.name for one, count in some if count > MUCH_MISSING * n_rows]
    if much:
        what = f"more than half of the values are missing: {listed_names(much)}."
        findings.append(Finding(WARNING, "", what, remedies.to_leave_out(much)))
    return findings


def _mixed(table: FeatureTable, declared: Collection[str]) -> list[Finding]:
    """Tell of columns of categories in which some cells are numbers, or may say nothing."""
    findings = []
    for column, values in zip(table.columns, table.rows.T, strict=True):
        if column.categories is None or column.name in declared:
            continue
        codes = values[~np.isnan(values)].astype(int)
        counts = np.bincount(codes, minlength=len(column.categories)).tolist()
        # Rows that were left out may have been all of a category.
        cells = [(name, n) for name, n in zip(column.categories, counts, strict=True) if n]
        numbers = [(name, n) for name, n in cells if _is_number(name)]
        text = [(name, n) for name, n in cells if not _is_number(name)]
        if numbers:
            findings.append(_with_numbers(column.name, numbers, text))
        for name, count in cells:
            if name.casefold() in PERHAPS_NOTHING:
                what = f"column {column.name!r} holds {name!r} in {_rows(count)}: a category of it."
                remedy = "Where it means that nothing is known, leave these cells empty."
                findings.append(Finding(NOTE, "", what, remedy))
    return findings


def _with_numbers(
    name: str, numbers: Sequence[tuple[str, int]], text: Sequence[tuple[str, int]]
) -> Finding:
    """Warn of a column of text in which some cells look like numbers."""
    n_numbers, n_text = (sum(count for _, count in one) for one in (numbers, text))
    shown, others = (listed_names([repr(cell) for cell, _ in one]) for one in (numbers, text))
    what = (
        f"column {name!r} is taken for categories, as {n_text} of {n_text + n_numbers} cells are "
        f"text ({others}), but {n_numbers} look like numbers ({shown})."
    )
    return Finding(
        WARNING,
        "",
        what,
        "If they are measurements, write a number or nothing into each cell; if they are "
        f"categories, say so with dataset.categorical: [{as_yaml(name)}].",
    )


def _is_number(cell: str) -> bool:
    return as_number(cell) is not None or has_decimal_comma(cell)


def _rows(number: int) -> str:
    return f"{number} row{'s' * (number != 1)}"
