"""How the scores of a run are written: with its unit, and differences in points where usual."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from bioselect.exceptions import BioselectError
from bioselect.metrics.base import Metric
from bioselect.report.results import RunResults
from bioselect.selection.calibration_words import ROUNDING
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


def short_interval_text(low: float | None, high: float | None, metric: Metric) -> str:
    r"""Return an interval for the cell of a table whose heading has the unit.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> short_interval_text(0.7581, 0.92, get_metric("accuracy")).split("\N{EN DASH}")
    ['0.758', '0.920']
    >>> short_interval_text(-0.1, 0.2, get_metric("r2"))
    '-0.100 to 0.200'
    """
    if low is None or high is None:
        return "not known"
    plain = replace(metric, unit="")
    between = " to " if low < 0 else "\N{EN DASH}"
    return f"{long_score(low, plain)}{between}{long_score(high, plain)}"


def difference_unit(metric: Metric) -> str:
    """Return the unit of differences: of the metric, or points of a score from 0 to 1."""
    return metric.unit or ("points" if tuple(metric.bounds) == (0, 1) else "")


def short_difference_text(value: float, metric: Metric) -> str:
    """Return a difference for the cell of a table whose heading has the unit.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> short_difference_text(-0.0186, get_metric("accuracy"))
    '-1.9'
    """
    plain = replace(metric, unit="")
    return difference_words(value, plain, signed=True).removesuffix(" points")


def share_text(share: float) -> str:
    """Return a share in percent, which never makes little nothing or almost all of it all.

    Examples
    --------
    >>> share_text(1.0 - 1e-16)
    '100 %'
    >>> share_text(0.824), share_text(0.001), share_text(0.9996), share_text(1.0), share_text(0.0)
    ('82 %', 'under 1 %', 'over 99 %', '100 %', '0 %')
    """
    if 0 < share < 0.01:
        return "under 1 %"
    # A mean of ones may be a rounding error away from one.
    if 0.99 < share < 1 - ROUNDING:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def count_text(count: float) -> str:
    """Return a number of images, which may be a mean over repeats.

    Examples
    --------
    >>> count_text(12.0), count_text(1.5), count_text(0.04)
    ('12', '1.5', 'under 0.1')
    """
    if 0 < count < 0.05:
        return "under 0.1"
    return f"{count:.1f}".removesuffix(".0")
