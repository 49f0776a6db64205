"""The rule of `dataset.tiles`: null, or how large images are cut into tiles."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bioselect.config.rules import checked_by, rule_error
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

TileChoice = Annotated[
    dict[str, Any] | None,
    checked_by(check_tiles, TILES_SCHEMA),
    Field(
        description="Large images (scans) are cut into tiles, which are images of their own with "
        "the class of the scan, and share a group: {size: 256, stride: 256, background: skip}. "
        "background: skip leaves out tiles that show nothing; keep does not. null: images are "
        "taken as they are.",
    ),
]
