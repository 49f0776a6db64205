"""What `dataset.target` may hold: a column with the class, or where several labels stand."""

from __future__ import annotations

from typing import Any

from bioselect.config.rules import rule_error, shown

_FORMS = (
    "must be the name of the column with the class, a list of the columns with 0 and 1, one for "
    "each label (for example [nodule, mass]), or {column: NAME, separator: TEXT} where all labels "
    "of an image stand in one cell"
)
_KEYS = ("column", "separator", "none_label")


def check_target(value: Any) -> str | tuple[str, ...] | dict[str, Any] | None:
    """Check `target`; spaces around a separator do not count, nor do those around labels.

    Examples
    --------
    >>> check_target(["nodule", "mass"])
    ('nodule', 'mass')
    >>> check_target({"column": "findings", "separator": "; "})
    {'column': 'findings', 'separator': ';'}
    """
    if value is None or (isinstance(value, str) and value):
        return value
    if isinstance(value, dict):
        return _checked_cell(value)
    if not isinstance(value, list) or not value or not all(_is_name(one) for one in value):
        raise rule_error(f"{_FORMS}. Got {shown(value)}.")
    if len(value) == 1:
        raise rule_error(
            f"must list at least two columns, one for each label. Got {shown(value)}. For one "
            f"column write target: {value[0]}; its 0 and 1 are then two classes."
        )
    if repeated := [name for name in value if value.count(name) > 1]:
        raise rule_error(f"must name each column once. Got {repeated[0]!r} twice.")
    return tuple(value)


def _checked_cell(value: dict[Any, Any]) -> dict[str, Any]:
    unknown = [key for key in value if key not in _KEYS]
    if unknown:
        raise rule_error(f"unknown key {shown(unknown[0])}. Known here: {', '.join(_KEYS)}.")
    if not _is_name(value.get("column")) or not _is_name(value.get("separator")):
        raise rule_error(
            f"{_FORMS}; both keys hold a text that is not empty. Got {shown(value)}. Put a "
            "separator in quotes."
        )
    none_label = value.get("none_label")
    if none_label is not None and not isinstance(none_label, str):
        raise rule_error(
            "none_label must be null or the text of a cell for an image with none of the labels "
            f"('' for an empty cell). Got {shown(none_label)}. Put it in quotes."
        )
    separator = value["separator"].strip() or value["separator"]
    if none_label and separator in none_label:
        raise rule_error(
            f"none_label must not hold the separator {separator!r}. Got {none_label!r}. Write it "
            "as it stands in a cell for none of the labels."
        )
    return {**value, "separator": separator}


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


TARGET_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "minLength": 1},
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 2,
            "uniqueItems": True,
        },
        {
            "type": "object",
            "properties": {
                "column": {"type": "string", "minLength": 1},
                "separator": {"type": "string", "minLength": 1},
                "none_label": {"type": ["string", "null"]},
            },
            "required": ["column", "separator"],
            "additionalProperties": False,
        },
    ],
    "examples": [
        "diagnosis",
        ["nodule", "mass"],
        {"column": "findings", "separator": "|", "none_label": "No Finding"},
    ],
}
