"""Columns and single rows of a table whose values lie far from those of the training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.bundle.column_part import ColumnFacts

#: A column is told of as a whole if more than this share of its values lies far away.
MANY = 0.5
#: A value is far away if it lies so many times the usual range beyond it, of a single row more.
_FAR, _VERY_FAR = 1.0, 3.0
_N_LISTED = 5


def far_columns(rows: np.ndarray, facts: Sequence[ColumnFacts]) -> list[str]:
    """Say of columns that most values lie far from those of the training: another unit, mostly."""
    found = []
    for place in _places_of_far_columns(rows, facts):
        one, values = facts[place], rows[:, place]
        median = np.median(values[~np.isnan(values)])
        found.append(
            f"{one.name} (median {median:g}; in training mostly {one.low:g} to {one.high:g})"
        )
    if not found:
        return []
    return [f"values far from those of the training: {_listed(found)}. Check the units."]


def far_rows(names: Sequence[str], rows: np.ndarray, facts: Sequence[ColumnFacts]) -> list[str]:
    """Say of single rows that a value lies very far from those of the training.

    Examples
    --------
    >>> facts = [ColumnFacts(name="age", categories=None, low=20.0, high=80.0)]
    >>> print(*far_rows(["line 2", "line 3"], np.array([[50.0], [560.0]]), facts))
    1 row lies far from those of the training: line 3 (age 560; in training mostly 20 to 80). A \
model knows nothing there; check the values.
    """
    told = _places_of_far_columns(rows, facts)
    found = []
    for name, row in zip(names, rows, strict=True):
        far = [place for place in _far_places(row, facts, told) if place not in told]
        if far:
            found.append(f"{name} ({_far_in_words(row, far, facts)})")
    if not found:
        return []
    rows_lie = "1 row lies" if len(found) == 1 else f"{len(found)} rows lie"
    return [
        f"{rows_lie} far from those of the training: {_listed(found)}. A model knows nothing "
        "there; check the values."
    ]


def far_reasons(rows: np.ndarray, facts: Sequence[ColumnFacts]) -> list[str]:
    """Return for each row why it lies far from those of the training; empty where it does not.

    A value of a column that is told of as a whole counts as soon as it lies as far as these.

    Examples
    --------
    >>> facts = [ColumnFacts(name="age", categories=None, low=20.0, high=80.0)]
    >>> far_reasons(np.array([[50.0], [61.0], [560.0]]), facts)
    ['', '', 'far from the training: age 560; in training mostly 20 to 80']
    """
    told = _places_of_far_columns(rows, facts)
    reasons = []
    for row in rows:
        far = _far_places(row, facts, told)
        reasons.append(f"far from the training: {_far_in_words(row, far, facts)}" if far else "")
    return reasons


def _far_in_words(row: np.ndarray, far: Sequence[int], facts: Sequence[ColumnFacts]) -> str:
    one = facts[far[0]]
    n_more = len(far) - 1
    more = f" and {n_more} more column{'s' * (n_more > 1)}" if n_more else ""
    return f"{one.name} {row[far[0]]:g}; in training mostly {one.low:g} to {one.high:g}{more}"


def _places_of_far_columns(rows: np.ndarray, facts: Sequence[ColumnFacts]) -> list[int]:
    found = []
    for place, (one, values) in enumerate(zip(facts, rows.T, strict=True)):
        known = values[~np.isnan(values)]
        # One row alone is told of as a row.
        if len(known) > 1 and one.low is not None and one.high is not None:
            far = [_is_far(value, one.low, one.high, _FAR) for value in known]
            if np.mean(far) > MANY:
                found.append(place)
    return found


def _far_places(row: np.ndarray, facts: Sequence[ColumnFacts], told: Sequence[int]) -> list[int]:
    return [
        place
        for place, (value, one) in enumerate(zip(row.tolist(), facts, strict=True))
        if one.low is not None
        and one.high is not None
        and _is_far(value, one.low, one.high, _FAR if place in told else _VERY_FAR)
    ]


def _is_far(value: float, low: float, high: float, times: float) -> bool:
    """Tell whether a value lies beyond what is usual; one that is not known (NaN) does not."""
    room = times * (high - low)
    return value < low - room or value > high + room


def _listed(found: Sequence[str]) -> str:
    more = f" and {len(found) - _N_LISTED} more" if len(found) > _N_LISTED else ""
    return ", ".join(found[:_N_LISTED]) + more
