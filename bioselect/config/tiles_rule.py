"""The rule of `dataset.tiles`: null, or how large images are cut into tiles."""

from __future__ import annotations

from typing import Any

from bioselect.config.rules import rule_error
from bioselect.data.tiles import KEEP, SKIP, SMALLEST, tiles_problem


def check_tiles(value: Any) -> dict[str, Any] | None:
    """Check `tiles`.

    Examples
    --------
    >>> check_tiles({"size": 256, "stride": 128})
    {'size': 256, 'stride': 128}
    """
    if value is None:
        return None
    if problem := tiles_problem(value):
        raise rule_error(problem)
    return dict(value)


TILES_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "minimum": SMALLEST},
                "stride": {"type": "integer", "minimum": 1},
                "background": {"enum": [SKIP, KEEP]},
            },
            "required": ["size"],
            "additionalProperties": False,
        },
    ],
    "examples": [{"size": 256, "stride": 256, "background": "skip"}],
}
