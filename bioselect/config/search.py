"""What `search` of a classifier may hold: the values that are tried inside the folds."""

from __future__ import annotations

from typing import Any

from bioselect.config.rules import rule_error, shown
from bioselect.config.search_range import RANGE_SCHEMA, range_problem

SEARCH_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"const": "default"},
        {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "array", "minItems": 1}, RANGE_SCHEMA]},
        },
    ],
    "examples": ["default", {"C": [0.1, 1, 10]}, {"C": {"min": 0.01, "max": 100, "scale": "log"}}],
}


def check_search(value: Any) -> Any:
    """Check the form of `search`; its keys and values are checked with the component."""
    if value is None or value == "default":
        return value
    if not isinstance(value, dict) or not value:
        raise rule_error(
            "must be default, or a mapping from a parameter to the list of its values or to their "
            "range, for example {C: [0.1, 1, 10]} or {C: {min: 0.01, max: 100, scale: log}}. Got "
            f"{shown(value)}."
        )
    for name, tried in value.items():
        if isinstance(tried, dict):
            if problem := range_problem(tried):
                raise rule_error(f"{name}: {problem}")
            continue
        if not isinstance(tried, list) or not tried:
            raise rule_error(
                f"{name} must be a list of the values to try. Got {shown(tried)}. One value "
                "that is not searched belongs under params; a range is written {min: 0.01, max: "
                "100, scale: log}."
            )
    return value
