"""Findings about columns that name rows, or patients with several rows, in place of measuring."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.table_remedies import OF_TABLE, ColumnRemedies, listed_names
from bioselect.data.column_cells import Column
from bioselect.data.column_kinds import NEARLY_ALL
from bioselect.data.column_words import as_yaml
from bioselect.data.feature_table import FeatureTable

#: Fewer values are rather kinds of patients than patients.
FEWEST_GROUPS = 5
#: So many rows are counted by nobody's measurement from one to the next.
FEWEST_COUNTED = 20
_N_LISTED = 3
_BEFORE, _BEHIND = r"(?i)(^|[_\-. #])", r"($|[_\-. #:])"
_GROUPS = r"patient|subject|donor|animal|mouse|slide|plate|batch|case|person|participant|individual"
_NAME_OF_GROUP = re.compile(rf"{_BEFORE}({_GROUPS}|id)({_BEHIND}|id)")
_NAME_OF_ROWS = re.compile(
    rf"{_BEFORE}({_GROUPS}|id|ids|nr|no|number|num|index|idx|sample|row|record|specimen|accession|"
    rf"barcode|name|key|uid|uuid|guid|mrn|unnamed: ?\d+)({_BEHIND}|id)"
)


def naming_findings(
    table: FeatureTable, rows: Sequence[str] = (), remedies: ColumnRemedies = OF_TABLE
) -> list[Finding]:
    """Warn of columns that name rows: of them nothing holds for new ones.

    Parameters
    ----------
    table : FeatureTable
        The columns that are learnt from.
    rows : sequence of str
        What the rows are called, in their order.
    remedies : ColumnRemedies
        What can be done where the columns stand.
    """
    names, findings = [], []
    for column, values in zip(table.columns, table.rows.T, strict=True):
        if not _names_rows(column, values):
            continue
        if repeated := _repeated(column, values, rows):
            findings.append(_with_copies(column.name, repeated, remedies))
        else:
            names.append(column.name)
    if names:
        what = f"looks like the name of the row, not like a measurement: {listed_names(names)}."
        does = remedies.of_names_of_rows(names[0])
        remedy = f"What is learnt from it does not hold for new rows: {does}. It is kept now."
        findings.insert(0, Finding(WARNING, "", what, remedy))
    return findings


def _with_copies(name: str, repeated: str, remedies: ColumnRemedies) -> Finding:
    grouped = f"if several rows are of one, write group: {as_yaml(name)}; "
    return Finding(
        WARNING,
        "",
        f"column {name!r} looks like the name of the row, not like a measurement, but {repeated}.",
        f"Correct the copies and {remedies.of_names_of_rows(name)}; "
        f"{'' if remedies.are_joined else grouped}what is learnt from it does not hold for new "
        "rows. It is kept now.",
    )


def _names_rows(column: Column, values: np.ndarray) -> bool:
    """Tell whether nearly every row has a name of its own in a column, by its values and name."""
    known = values[~np.isnan(values)]
    n_different = len(np.unique(known))
    if len(known) < NEARLY_ALL * len(values) or n_different < NEARLY_ALL * len(known):
        return False
    if column.is_numeric and (known != np.round(known)).any():
        return False
    if is_called_like_rows(column.name) or not column.is_numeric:
        return True
    is_counted = n_different == len(values) and np.ptp(known) == len(values) - 1
    return bool(is_counted) and len(values) >= FEWEST_COUNTED


def is_called_like_rows(name: str) -> bool:
    """Tell whether a column is called like one that names rows.

    Examples
    --------
    >>> is_called_like_rows("sampleID"), is_called_like_rows("width")
    (True, False)
    """
    return _NAME_OF_ROWS.search(_spaced(name)) is not None


def is_called_like_groups(name: str) -> bool:
    """Tell whether a column is called like one that names patients, plates and the like.

    Examples
    --------
    >>> is_called_like_groups("patient"), is_called_like_groups("sample")
    (True, False)
    """
    return _NAME_OF_GROUP.search(_spaced(name)) is not None


def _repeated(column: Column, values: np.ndarray, rows: Sequence[str]) -> str:
    """Say which names stand in several rows; empty if none does."""
    codes, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    several = codes[counts > 1]
    if not len(several):
        return ""
    places = np.flatnonzero(values == several[0]).tolist()
    name = column.categories[int(several[0])] if column.categories else f"{several[0]:.0f}"
    where = f"{len(places)} rows"
    if rows:
        where = f"several rows ({', '.join(rows[place] for place in places[:_N_LISTED])})"
    more = f", and {len(several) - 1} more in several rows" if len(several) > 1 else ""
    return f"{name!r} stands in {where}{more}"


def repeating_findings(table: FeatureTable) -> list[Finding]:
    """Warn of columns that seem to name patients or plates which have several rows each."""
    return [
        Finding(
            WARNING,
            "",
            f"column {column.name!r} repeats its values: {len(np.unique(values))} in "
            f"{len(values)} rows. Are these rows of one patient, animal or plate?",
            f"If so, write group: {as_yaml(column.name)}, so that they never stand on both sides "
            "of a test, and nothing is learnt from it.",
        )
        for column, values in zip(table.columns, table.rows.T, strict=True)
        if is_called_like_groups(column.name)
        and FEWEST_GROUPS <= len(np.unique(values)) < NEARLY_ALL * len(values)
    ]


def _spaced(name: str) -> str:
    """Return a name in which words begin behind blanks: sampleID is sample ID."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
