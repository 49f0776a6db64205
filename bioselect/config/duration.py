"""How long something may take, as people write it: 90s, 20min, 1.5h."""

from __future__ import annotations

import re
from typing import Any

from bioselect.config.rules import rule_error, shown

SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_DURATION = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]+)\s*", re.IGNORECASE)


def check_budget(value: Any) -> str | None:
    """Check `budget`: null, or a duration.

    Examples
    --------
    >>> check_budget("20min")
    '20min'
    """
    if value is not None and (problem := duration_problem(value)):
        raise rule_error(problem)
    return value if value is None else str(value)


BUDGET_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "pattern": r"^\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*[A-Za-z]+\s*$"},
    ],
    "examples": ["90s", "20min", "1.5h"],
}


def duration_problem(value: Any) -> str:
    """Return what is wrong with a duration, or nothing.

    Examples
    --------
    >>> duration_problem("2 h")
    ''
    >>> duration_problem("20")
    "must be a duration such as 90s, 20min or 1.5h. Got '20'. Write a number and s, min, h or d."
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in SECONDS:
        return (
            f"must be a duration such as 90s, 20min or 1.5h. Got {shown(value)}. Write a number "
            "and s, min, h or d."
        )
    if float(match[1]) == 0:
        return f"must be more than nothing. Got {shown(value)}. Leave it out for no limit."
    return ""


def seconds_of(duration: str) -> float:
    """Return a duration in seconds.

    Raises
    ------
    ValueError
        If it is none; the message says what is wrong.

    Examples
    --------
    >>> seconds_of("90s"), seconds_of("20min"), seconds_of("1.5h"), seconds_of("2 h")
    (90.0, 1200.0, 5400.0, 7200.0)
    """
    match = _DURATION.fullmatch(duration)
    if match is None or duration_problem(duration):
        raise ValueError(duration_problem(duration))
    return float(match[1]) * SECONDS[match[2].lower()]
