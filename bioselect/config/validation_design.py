"""Which keys of `validation` go together: folds, random splits, or one split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.component import Parameter
from bioselect.config.rules import rule_error, shown
from bioselect.parameter_values import PERCENT, value_problem

#: The split that an .npz file brings along.
OFFICIAL = "official"
#: How far the sum of the three shares may be from 1.
ROUNDING = 1e-6

SPLIT_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"enum": [OFFICIAL]},
        {
            "type": "array",
            "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "minItems": 3,
            "maxItems": 3,
        },
        {
            "type": "object",
            "properties": {"column": {"type": "string", "minLength": 1}},
            "required": ["column"],
            "additionalProperties": False,
        },
    ],
    "examples": [[0.6, 0.2, 0.2], {"column": "part"}, OFFICIAL],
}


def check_split(value: Any) -> tuple[float, ...] | dict[str, str] | str | None:
    """Check `split`: null, three shares, a table's column, or `official`.

    Examples
    --------
    >>> check_split([0.6, 0.2, 0.2])
    (0.6, 0.2, 0.2)
    >>> check_split({"column": "part"})
    {'column': 'part'}
    """
    if value is None or value == OFFICIAL:
        return None if value is None else OFFICIAL
    if isinstance(value, dict) and set(value) == {"column"}:
        if isinstance(value["column"], str) and value["column"]:
            return {"column": value["column"]}
    elif isinstance(value, list) and len(value) == 3 and all(map(_is_share, value)):
        if abs(sum(value) - 1) > ROUNDING:
            raise rule_error(
                f"the three shares must add up to 1. Got {shown(value)}, which is {sum(value):g}."
            )
        return tuple(float(share) for share in value)
    raise rule_error(
        "must be the shares of training, validation and test, as in [0.6, 0.2, 0.2], "
        "{column: NAME} of a table, or official for the splits of an .npz file. Got "
        f"{shown(value)}.{_as_shares(value)}"
    )


def _as_shares(value: Any) -> str:
    """Say how three shares are written that were given in percent."""
    if not isinstance(value, list) or len(value) != 3:
        return ""
    numbers = [str(one).strip().removesuffix("%").strip() for one in value]
    try:
        percent = [float(one) for one in numbers]
    except ValueError:
        return ""
    if min(percent) <= 0 or abs(sum(percent) - PERCENT) > ROUNDING:
        return ""
    return f" Write [{', '.join(f'{one / PERCENT:g}' for one in percent)}]."


def _is_share(value: Any) -> bool:
    return value_problem(Parameter("", None, ("float",)), value) is None and 0 < value < 1


def design_problems(validation: Mapping[str, Any], dataset: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between the keys of `validation`, each a sentence with the remedy.

    Parameters
    ----------
    validation, dataset : mapping
        The sections as they were written. `auto` and null count as not written.

    Examples
    --------
    >>> design_problems({"splits": 50, "test_size": 0.2, "repeats": "auto"}, {})
    []
    >>> design_problems({"splits": 50, "folds": 5}, {})
    ['splits and folds exclude each other. Keep the one that is meant.']
    """
    written = {key for key, value in validation.items() if value not in (None, "auto")}
    pairs = [("splits", "folds"), ("splits", "repeats"), ("split", "folds"), ("split", "repeats")]
    pairs += [("split", "splits"), ("split", "test_size")]
    problems = [
        f"{first} and {second} exclude each other. Keep the one that is meant."
        for first, second in pairs
        if {first, second} <= written
    ]
    if "test_size" in written and not written & {"splits", "split"}:
        problems.append("test_size goes with splits only: write how many splits, or leave it out.")
    if validation.get("honest") == "nested" and written & {"splits", "split"}:
        problems.append(
            "honest: nested repeats the choice inside folds, and there are none. Leave it out, or "
            "write folds."
        )
    return problems + _source_problems(validation.get("split"), dataset)


def _source_problems(split: Any, dataset: Mapping[str, Any]) -> list[str]:
    if isinstance(split, dict) and not dataset.get("table"):
        return ["split: {column: NAME} needs a table, which has columns. Write shares instead."]
    path = dataset.get("path")
    if split == OFFICIAL and not (isinstance(path, str) and path.lower().endswith(".npz")):
        return [
            "split: official needs an .npz file, which brings its splits along. Of a table write "
            "{column: NAME}, else shares."
        ]
    return []
