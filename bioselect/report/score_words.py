"""How the scores of a run are written: with its unit, and differences in points where usual."""

from __future__ import annotations

import math
from typing import Any

from bioselect.exceptions import BioselectError
from bioselect.metrics.base import Metric
from bioselect.report.results import RunResults
from bioselect.selection.phrases import difference_words, long_score, short_score


def judged_by(results: RunResults) -> Metric:
    """Return the metric that decided, as `study.json` describes it: it can be named, not computed.

    Somebody's own metric is so described without its code.
    """
    facts: dict[str, Any] | None = results.study.get("judged_by")
    if facts is None:
        raise BioselectError(
            f"{results.folder.study}: must say what was judged (judged_by). This run was made by "
            "an older version. Run the same configuration again: finished work is kept."
        )
    low, high = facts["bounds"]
    return Metric(
        name=facts["metric"],
        direction=facts["direction"],
        bounds=(-math.inf if low is None else low, math.inf if high is None else high),
        response=facts["response"],
        function=_not_computed,
        words=facts["in_words"],
        unit=facts["unit"],
    )


def _not_computed(*_: Any) -> float:
    raise TypeError("a metric that was read from a report must not be computed")


def number(text: str) -> float | None:
    """Return the number in a cell of a table; None where it is empty.

    Examples
    --------
    >>> number("0.5"), number("")
    (0.5, None)
    """
    return float(text) if text else None


def score_text(value: float | None, metric: Metric) -> str:
    """Return a score as tables show it: three digits behind the point, or with its unit."""
    return "" if value is None else long_score(value, metric)


def rough_score_text(value: float | None, metric: Metric) -> str:
    """Return a score as a headline shows it: two digits."""
    return "not known" if value is None else short_score(value, metric)


def interval_text(low: float | None, high: float | None, metric: Metric) -> str:
    """Return an interval, or that there is none."""
    if low is None or high is None:
        return "not known"
    return f"{long_score(low, metric)} to {long_score(high, metric)}"


def difference_text(value: float, metric: Metric) -> str:
    """Return a difference: in points (hundredths) for a score from 0 to 1."""
    return difference_words(value, metric, signed=True)
