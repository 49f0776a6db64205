"""A range of values to search, written as its ends: checked, and written out as a list."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

from bioselect.component import Parameter
from bioselect.config.rules import shown
from bioselect.parameter_values import value_problem

SCALES = ("linear", "log")
DEFAULT_VALUES = 5
MOST_VALUES = 100
#: Digits to which the values of a range are rounded.
DIGITS = 6

_KEYS = ("min", "max", "scale", "values", "samples")
_EXAMPLE = "{min: 0.01, max: 100, scale: log, values: 5}"

RANGE_SCHEMA = {
    "type": "object",
    "properties": {
        "min": {"type": "number"},
        "max": {"type": "number"},
        "scale": {"enum": list(SCALES)},
        "values": {"type": "integer", "minimum": 2, "maximum": MOST_VALUES},
        "samples": {"type": "integer", "minimum": 1, "maximum": MOST_VALUES},
    },
    "required": ["min", "max"],
    "additionalProperties": False,
}


def range_problem(written: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a range, a sentence with the remedy, or None.

    Examples
    --------
    >>> range_problem({"min": 0.01, "max": 100, "scale": "log"})
    >>> range_problem({"min": 0, "max": 1, "scale": "log"})
    "a range with scale: log must begin above 0. Got {min: 0, max: 1, scale: 'log'}."
    """
    if unknown := [str(key) for key in written if key not in _KEYS]:
        return f"a range has no {', '.join(unknown)}. Write it as {_EXAMPLE}."
    for end in ("min", "max"):
        if value_problem(Parameter("", None, ("float",)), written.get(end)):
            return (
                f"a range must have min and max, both numbers. Got {shown(dict(written))}. Write "
                f"it as {_EXAMPLE}."
            )
    if written["min"] >= written["max"]:
        return f"min must be less than max. Got {shown(dict(written))}."
    if problem := value_problem(Parameter("", None, choices=SCALES), _scale(written)):
        return f"scale {problem}"
    if _scale(written) == "log" and written["min"] <= 0:
        return f"a range with scale: log must begin above 0. Got {shown(dict(written))}."
    if {"values", "samples"} <= set(written):
        return (
            "values (evenly spaced) and samples (drawn at random) exclude each other. Keep one of "
            "them."
        )
    for key, least in (("values", 2), ("samples", 1)):
        rule = Parameter("", None, ("int",), minimum=least, maximum=MOST_VALUES)
        if key in written and (problem := value_problem(rule, written[key])):
            return f"{key} {problem}"
    return None


def range_values(
    written: Mapping[str, Any], parameter: Parameter, component: str, seed: int
) -> list[float] | list[int]:
    """Return the values of a range without problems, from small to large, each once.

    Parameters
    ----------
    written : mapping
        `min`, `max`, `scale` (linear), and `values`, how many evenly spaced ones (5), or `samples`,
        how many drawn at random.
    parameter : Parameter
        Whole numbers are searched where it takes no others.
    component : str
        Whose parameter it is.
    seed : int
        The study's; with the two names it says which values are drawn.

    Examples
    --------
    >>> penalty, leaves = Parameter("C", 1.0, ("float",)), Parameter("leaves", 4, ("int",))
    >>> range_values({"min": 0.01, "max": 100, "scale": "log"}, penalty, "svm", 0)
    [0.01, 0.1, 1.0, 10.0, 100.0]
    >>> range_values({"min": 2, "max": 32, "scale": "log", "values": 5}, leaves, "trees", 0)
    [2, 4, 8, 16, 32]
    """
    low, high = float(written["min"]), float(written["max"])
    if "samples" in written:
        draw = random.Random(f"{seed}/{component}/{parameter.name}")
        shares = [draw.random() for _ in range(written["samples"])]
    else:
        n_values = written.get("values", DEFAULT_VALUES)
        shares = [number / (n_values - 1) for number in range(n_values)]
    if _scale(written) == "log":
        log_low, log_high = math.log(low), math.log(high)
        exact = [math.exp(log_low + share * (log_high - log_low)) for share in shares]
    else:
        exact = [low + share * (high - low) for share in shares]
    if _takes_whole_numbers(parameter):
        return sorted({round(value) for value in exact})
    return sorted({float(f"{value:.{DIGITS}g}") for value in exact})


def _scale(written: Mapping[str, Any]) -> Any:
    return written.get("scale", "linear")


def _takes_whole_numbers(parameter: Parameter) -> bool:
    if parameter.types:
        return "int" in parameter.types and "float" not in parameter.types
    default = parameter.default
    return isinstance(default, int) and not isinstance(default, bool)
