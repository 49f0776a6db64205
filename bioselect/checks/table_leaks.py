"""Findings about columns that leak the target: one alone tells it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.table_columns import listed_names
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable
from bioselect.data.targets import is_label_sets, is_values

#: A column of numbers that correlates with the target more than this says what it says.
CORRELATION = 0.99
#: Of fewer rows chance divides classes by one column.
FEWEST_ROWS = 20


def leak_findings(table: FeatureTable, targets: np.ndarray, target: str) -> list[Finding]:
    """Return a warning for the columns that alone tell the target.

    Parameters
    ----------
    table : FeatureTable
        Columns and rows.
    targets : np.ndarray
        int or float ``(n_rows,)``; of several labels a row nothing is said.
    target : str
        What the target is called.
    """
    if is_label_sets(targets) or len(targets) < FEWEST_ROWS:
        return []
    pairs = list(zip(table.columns, table.rows.T, strict=True))
    findings = []
    if is_values(targets):
        found = [
            (one.name, correlation(values, targets)) for one, values in pairs if one.is_numeric
        ]
        listed = [f"{name} (r = {r:.3f})" for name, r in found if abs(r) > CORRELATION]
        findings += _warning(listed, f"correlate with {target} above {CORRELATION:g}", target)
        alone = [
            one.name for one, values in pairs if not one.is_numeric and tells(one, values, targets)
        ]
    else:
        alone = [one.name for one, values in pairs if tells(one, values, targets)]
    return [*findings, *_warning(alone, f"alone tell {target} in every row", target)]


def correlation(values: np.ndarray, targets: np.ndarray) -> float:
    """Return Pearson's r over the rows in which the value is known; 0 where it has none.

    Examples
    --------
    >>> correlation(np.array([1.0, 2.0, np.nan, 4.0]), np.array([2.0, 4.0, 0.0, 8.0]))
    1.0
    """
    known = ~np.isnan(values)
    if known.sum() < FEWEST_ROWS and known.sum() < len(values) / 2:
        return 0.0
    x, y = values[known] - values[known].mean(), targets[known] - targets[known].mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return 0.0 if scale == 0 else float(x @ y) / scale


def tells(column: Column, values: np.ndarray, targets: np.ndarray) -> bool:
    """Tell whether one column alone gives the target of every row.

    Numbers do if those of each class lie apart from those of the others; categories if each has
    one target only, and there are not nearly as many of them as rows.

    Examples
    --------
    >>> tells(Column("size"), np.array([1.0, 2.0, 5.0, 6.0]), np.array([0, 0, 1, 1]))
    True
    >>> tells(Column("size"), np.array([1.0, 5.0, 2.0, 6.0]), np.array([0, 0, 1, 1]))
    False
    """
    if np.isnan(values).any() or len(np.unique(targets)) < 2:
        return False
    if not column.is_numeric:
        by_category = [targets[values == code] for code in np.unique(values)]
        return 2 * len(by_category) <= len(values) and all(
            len(np.unique(own)) == 1 for own in by_category
        )
    of_classes = [values[targets == place] for place in np.unique(targets)]
    ranges = sorted((float(own.min()), float(own.max())) for own in of_classes)
    return all(high < low for (_, high), (low, _) in pairwise(ranges))


def _warning(names: list[str], what: str, target: str) -> list[Finding]:
    if not names:
        return []
    plain = [name.split(" (r = ")[0] for name in names]
    return [
        Finding(
            WARNING,
            "",
            f"columns that {what}: {listed_names(names)}.",
            f"If they are not known before {target} is, or are computed from it, leave them out: "
            f"dataset.exclude: [{', '.join(plain)}]. They are kept now.",
        )
    ]
