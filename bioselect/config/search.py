"""What `search` of a classifier may hold: the values that are tried inside the folds."""

from __future__ import annotations

from typing import Any

from bioselect.config.rules import rule_error, shown

SEARCH_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"const": "default"},
        {"type": "object", "additionalProperties": {"type": "array", "minItems": 1}},
    ],
    "examples": ["default", {"C": [0.1, 1, 10]}],
}


def check_search(value: Any) -> Any:
    """Check the form of `search`; its keys and values are checked with the component."""
    if value is None or value == "default":
        return value
    if not isinstance(value, dict) or not value:
        raise rule_error(
            "must be default, or a mapping from a parameter to the list of its values, for "
            f"example {{C: [0.1, 1, 10]}}. Got {shown(value)}."
        )
    for name, tried in value.items():
        if not isinstance(tried, list) or not tried:
            raise rule_error(
                f"{name} must be a list of the values to try. Got {shown(tried)}. One value "
                "that is not searched belongs under params."
            )
    return value
