"""Findings about columns that leak the target: one alone tells it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.table_remedies import OF_TABLE, ColumnRemedies, listed_names
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable
from bioselect.data.targets import is_label_sets, is_values

#: A column of numbers that correlates with the target more than this says what it says.
CORRELATION = 0.99
#: Of fewer rows chance divides classes by one column.
FEWEST_ROWS = 20


def leak_findings(
    table: FeatureTable,
    targets: np.ndarray,
    target: str,
    remedies: ColumnRemedies = OF_TABLE,
) -> list[Finding]:
    """Return a warning for the columns that alone tell the target.

    A number does if it rises and falls with the target, along a line (Pearson) or not (Spearman);
    any column if each of its values has one target only. Each is asked in the rows that know it.

    Parameters
    ----------
    table : FeatureTable
        Columns and rows.
    targets : np.ndarray
        int or float ``(n_rows,)``; of several labels a row nothing is said.
    target : str
        What the target is called.
    remedies : ColumnRemedies
        What can be done where the columns stand.
    """
    if is_label_sets(targets) or len(targets) < FEWEST_ROWS:
        return []
    correlated, alone = [], []
    for column, values in zip(table.columns, table.rows.T, strict=True):
        words = _correlated(values, targets) if column.is_numeric and is_values(targets) else ""
        if words:
            correlated.append((column.name, f"{column.name} ({words})"))
        elif tells(column, values, targets):
            n_missing = int(np.isnan(values).sum())
            where = f" (missing in {n_missing} rows)" if n_missing else ""
            alone.append((column.name, f"{column.name}{where}"))
    return [
        *_warning(correlated, f"correlate with {target} above {CORRELATION:g}", target, remedies),
        *_warning(alone, f"alone tell {target} in every row", target, remedies),
    ]


def _correlated(values: np.ndarray, targets: np.ndarray) -> str:
    """Return the coefficient that says that a column tells a number; empty if none does."""
    linear = correlation(values, targets)
    if abs(linear) > CORRELATION:
        return f"r = {linear:.3f}"
    by_rank = rank_correlation(values, targets)
    return f"rank correlation {by_rank:.4f}" if abs(by_rank) > CORRELATION else ""


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


def rank_correlation(values: np.ndarray, targets: np.ndarray) -> float:
    """Return Spearman's coefficient over the rows in which the value is known.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, np.nan, 4.0]), np.array([1.0, 4.0, 0.0, 16.0]))
    1.0
    """
    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    ranks[known] = _ranks(values[known])
    of_targets = np.zeros(len(values))
    of_targets[known] = _ranks(targets[known])
    return correlation(ranks, of_targets)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each number, of equal ones the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: np.ndarray = ((ends - counts + ends - 1) / 2.0)[places]
    return ranks


def tells(column: Column, values: np.ndarray, targets: np.ndarray) -> bool:
    """Tell whether one column alone gives the target of every row in which it is known.

    Numbers do if those of each class lie apart from those of the others. Numbers and categories
    do if each has one target only, and there are not nearly as many of them as rows; a category
    that is missing may be one more.

    Examples
    --------
    >>> tells(Column("size"), np.array([1.0, 2.0, 5.0, 6.0]), np.array([0, 0, 1, 1]))
    True
    >>> tells(Column("size"), np.array([1.0, 5.0, 2.0, 6.0]), np.array([0, 0, 1, 1]))
    False
    """
    known = ~np.isnan(values)
    if known.sum() < len(values) / 2 and known.sum() < FEWEST_ROWS:
        return False
    if not column.is_numeric and not known.all():
        coded = np.where(known, values, -1.0)
        return _has_one_each(coded, targets) or _has_one_each(values[known], targets[known])
    values, targets = values[known], targets[known]
    if _has_one_each(values, targets):
        return True
    return column.is_numeric and not is_values(targets) and _lie_apart(values, targets)


def _has_one_each(values: np.ndarray, targets: np.ndarray) -> bool:
    """Tell whether each value stands beside one target, and in two rows or more on average."""
    different, codes = np.unique(values, return_inverse=True)
    if len(np.unique(targets)) < 2 or 2 * len(different) > len(values):
        return False
    first = np.zeros(len(different), dtype=targets.dtype)
    first[codes] = targets
    return bool((first[codes] == targets).all())


def _lie_apart(values: np.ndarray, classes: np.ndarray) -> bool:
    of_classes = [values[classes == place] for place in np.unique(classes)]
    ranges = sorted((float(own.min()), float(own.max())) for own in of_classes)
    return len(ranges) > 1 and all(high < low for (_, high), (low, _) in pairwise(ranges))


def _warning(
    found: list[tuple[str, str]], what: str, target: str, remedies: ColumnRemedies
) -> list[Finding]:
    if not found:
        return []
    return [
        Finding(
            WARNING,
            "",
            f"columns that {what}: {listed_names([told for _, told in found])}.",
            f"If they are not known before {target} is, or are computed from it, leave them out: "
            f"{remedies.leave_out([name for name, _ in found])}. They are kept now.",
        )
    ]
