"""JSON of somebody else's: numbers are finite, no name stands twice, and it ends."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

#: A manifest has some kilobytes; with thousands of classes some hundred.
LARGEST = 20_000_000


def read_strict(path: Path) -> Any:
    """Return what is written in a file.

    Raises
    ------
    ValueError
        If it is too large, no JSON, too deep, has a number that is none or a name twice.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise ValueError(f"it must have at most {LARGEST:,} bytes. Got {size:,}")
    return parse_strict(path.read_bytes())


def parse_strict(data: bytes) -> Any:
    """Return what is written; see :func:`read_strict`.

    Examples
    --------
    >>> parse_strict(b'{"a": 1e999}')
    Traceback (most recent call last):
    ValueError: numbers must be finite. Got 1e999
    >>> parse_strict(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: each name must stand once. Got 'a' twice
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_float=_finite,
            parse_constant=_refused,
            object_pairs_hook=_once,
        )
    except RecursionError:
        raise ValueError("parts must not lie so deep inside one another") from None


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused(text)


def _refused(text: str) -> float:
    raise ValueError(f"numbers must be finite. Got {text}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"each name must stand once. Got {twice!r} twice")
    return found
