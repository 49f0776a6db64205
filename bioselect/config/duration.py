"""How long something may take, as people write it: 90s, 20min, 1.5h, 1h30min, 1:30 (h:min)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from bioselect.config.rules import rule_error, shown

SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_PIECE = r"(\d+\.?\d*|\.\d+)\s*([a-z]+)"
_PIECES = re.compile(rf"\s*{_PIECE}(\s*{_PIECE})*\s*", re.IGNORECASE)
#: Hours and minutes, and seconds if there are any, as on a clock.
_CLOCK = re.compile(r"\s*(\d+):([0-5]\d)(?::([0-5]\d))?\s*")


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
        {
            "type": "string",
            "pattern": r"^\s*(([0-9]+\.?[0-9]*|\.[0-9]+)\s*[A-Za-z]+\s*)+$"
            r"|^\s*[0-9]+:[0-5][0-9](:[0-5][0-9])?\s*$",
        },
    ],
    "examples": ["90s", "20min", "1.5h", "1h30min"],
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
    seconds = _seconds(value) if isinstance(value, str) else None
    if seconds is None:
        return (
            f"must be a duration such as 90s, 20min or 1.5h. Got {shown(value)}. Write a number "
            "and s, min, h or d."
        )
    if seconds == 0:
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
    >>> seconds_of("1h30min"), seconds_of("1:30")
    (5400.0, 5400.0)
    """
    seconds = _seconds(duration)
    if not seconds:
        raise ValueError(duration_problem(duration))
    return seconds


def _seconds(written: str) -> float | None:
    """Return how long that is; None if it is no duration."""
    clock = _CLOCK.fullmatch(written)
    if clock:
        return 3600.0 * float(clock[1]) + 60.0 * float(clock[2]) + float(clock[3] or 0)
    if not _PIECES.fullmatch(written):
        return None
    pieces = re.findall(_PIECE, written, re.IGNORECASE)
    units = [unit.lower() for _, unit in pieces]
    lengths = [SECONDS.get(unit, 0) for unit in units]
    # The longest first, each once, as in 1h30min; anything else is a slip.
    if 0 in lengths or any(one <= next_one for one, next_one in pairwise(lengths)):
        return None
    return sum(float(number) * length for (number, _), length in zip(pieces, lengths, strict=True))
