"""Findings about the columns of a table: constant, equal, missing, names of rows."""

from __future__ import annotations

import re

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.data.feature_table import FeatureTable

#: A column of which more than this share is missing is told of as a warning.
MUCH_MISSING = 0.5
#: Fewer values are rather kinds of patients than patients.
FEWEST_GROUPS = 5
_N_LISTED = 5
_NAME_OF_GROUP = re.compile(
    r"(?i)(^|[_\-. ])(patient|subject|donor|animal|mouse|slide|plate|batch|case|person)"
    r"($|[_\-. ]|id)"
)
_NAME_OF_ROWS = re.compile(
    r"(?i)(^|[_\-. ])(id|nr|no|number|index|idx|patient|case|sample|subject|row|unnamed: ?\d+)"
    r"($|[_\-. ])"
)


def column_findings(table: FeatureTable) -> list[Finding]:
    """Return what is noticed about columns, whatever the target is."""
    return [
        *_left_aside(table),
        *_constant(table),
        *_equal(table),
        *_missing(table),
        *_names_of_rows(table),
    ]


def _left_aside(table: FeatureTable) -> list[Finding]:
    if not table.left_aside:
        return []
    listed = listed_names(table.left_aside)
    return [Finding(NOTE, "", f"columns that are not looked at: {listed}.", "")]


def _constant(table: FeatureTable) -> list[Finding]:
    names = [
        column.name
        for column, values in zip(table.columns, table.rows.T, strict=True)
        if len(np.unique(values[~np.isnan(values)])) == 1
    ]
    if not names:
        return []
    what = f"the same value in every row: {listed_names(names)}. Nothing can be learnt from it."
    return [Finding(WARNING, "", what, _exclude(names))]


def _equal(table: FeatureTable) -> list[Finding]:
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
            f"{_exclude(names[1:])}",
            "equal columns",
        )
        for names in found.values()
        if len(names) > 1
    ]


def _missing(table: FeatureTable) -> list[Finding]:
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
            "category is none of those there are. dataset.drop: incomplete leaves such rows out.",
        )
    ]
    much = [one.name for one, count in some if count > MUCH_MISSING * n_rows]
    if much:
        what = f"more than half of the values are missing: {listed_names(much)}."
        findings.append(Finding(WARNING, "", what, _exclude(much)))
    return findings


def _names_of_rows(table: FeatureTable) -> list[Finding]:
    """Warn of whole numbers, different in every row, under a name such as id."""
    names = [
        column.name
        for column, values in zip(table.columns, table.rows.T, strict=True)
        if column.is_numeric and _NAME_OF_ROWS.search(column.name) and _numbers_rows(values)
    ]
    if not names:
        return []
    return [
        Finding(
            WARNING,
            "",
            f"looks like the name of the row, not like a measurement: {listed_names(names)}.",
            f"What is learnt from it does not hold for new rows. Write dataset.id: {names[0]}, or "
            f"leave it out with dataset.exclude: [{names[0]}].",
        )
    ]


def _numbers_rows(values: np.ndarray) -> bool:
    is_whole = not np.isnan(values).any() and bool((values == np.round(values)).all())
    return is_whole and len(np.unique(values)) == len(values)


def listed_names(names: list[str] | tuple[str, ...]) -> str:
    """Return the first few names, and how many more there are.

    Examples
    --------
    >>> listed_names(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d, e and 1 more'
    """
    more = f" and {len(names) - _N_LISTED} more" if len(names) > _N_LISTED else ""
    return ", ".join(names[:_N_LISTED]) + more


def _exclude(names: list[str]) -> str:
    return f"To leave out: dataset.exclude: [{', '.join(names)}]."


def repeating_findings(table: FeatureTable) -> list[Finding]:
    """Warn of columns that seem to name patients or plates which have several rows each."""
    return [
        Finding(
            WARNING,
            "",
            f"column {column.name!r} repeats its values: {len(np.unique(values))} in "
            f"{len(values)} rows. Are these rows of one patient, animal or plate?",
            f"If so, write group: {column.name}, so that they never stand on both sides of a test, "
            "and nothing is learnt from it.",
        )
        for column, values in zip(table.columns, table.rows.T, strict=True)
        if _NAME_OF_GROUP.search(column.name)
        and FEWEST_GROUPS <= len(np.unique(values)) <= len(values) / 2
    ]
