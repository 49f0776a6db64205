"""Is a value that was written for a parameter right; if not, what is wrong, in a sentence."""

from __future__ import annotations

import difflib
import math
import re
import sys
from collections.abc import Mapping
from typing import Any

from bioselect.component import ComponentRow, Parameter, as_text

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_IN_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_HEIGHT_BY_WIDTH = re.compile(r"(\d+)\s*[x*]\s*(\d+)")
#: What other programs call a choice; nothing where the likeness to one of ours would mislead.
_CALLED_ELSEWHERE = {
    "nchw": ("channels_first",),
    "nhwc": ("channels_last",),
    **dict.fromkeys(("fp32", "float32"), ("f32",)),
    "bfloat16": ("bf16",),
    **dict.fromkeys(("fp16", "f16", "float16", "half"), ()),
}
#: What other programs call a parameter.
_PARAMETERS_ELSEWHERE = {
    "pretrained": "weights",
    "lr": "learning_rate",
    "patience": "early_stopping",
    "freeze": "trainable",
    "frozen": "trainable",
    "wd": "weight_decay",
    "width": "filters",
}
#: What stands at the top level of the file, where networks are concerned, and not under params.
_ABOVE = {
    "augmentation": "The list of steps stands at the top level of the file, not under params.",
}
#: From here on a number where a share belongs may be meant in percent.
PERCENT, SMALLEST_PERCENT = 100, 2
#: What arrays hold; a longer number is a slip of the hand.
LARGEST_INT = 2**63 - 1
_TYPE_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "list": "a list",
    "dict": "a mapping",
    "null": "null",
}


def _has_type(value: Any, name: str) -> bool:
    if name == "null":
        return value is None
    if name == "bool":
        return isinstance(value, bool)
    if name == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, {"str": str, "list": list, "dict": dict}[name])


def is_finite_number(value: Any) -> bool:
    """Tell whether a value is a number that arrays can hold: a whole one may be too long for them.

    Examples
    --------
    >>> [is_finite_number(value) for value in (3, 0.5, True, "3", float("nan"), 10**400)]
    [True, True, False, False, False, False]
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= sys.float_info.max


def value_problem(parameter: Parameter, value: Any) -> str | None:
    """Return what is wrong with a value, or None.

    A value is right when it is one of the `choices` or has one of the `types` (and lies between
    `minimum` and `maximum`). So choices alone narrow, and choices beside types are extra words.

    Examples
    --------
    >>> value_problem(Parameter("bins", 8, ("int",), minimum=2), 1)
    'must be at least 2. Got 1.'
    >>> value_problem(Parameter("folds", "auto", ("int",), ("auto",)), "atuo")
    "must be a whole number or auto. Got 'atuo'. Did you mean 'auto'?"
    """
    if not parameter.types and not parameter.choices:
        return None
    if any(_is_same(value, choice) for choice in parameter.choices):
        return None
    own = parameter.check(value) if parameter.check else None
    if own or any(_has_type(value, name) for name in parameter.types):
        return own or _range_problem(parameter, value)
    choices = [as_text(choice) for choice in parameter.choices]
    words = [_TYPE_WORDS[name] for name in parameter.types if name != "null"]
    if not words and len(choices) > 1:
        rule = f"one of {', '.join(choices)}"
    else:
        rule = " or ".join([*words, *choices])
    if "null" in parameter.types:
        rule += " or null"
    hint = _other_form(parameter, value) or _hint(value, choices)
    return f"must be {rule}. Got {_as_written(value)}.{hint}"


def _other_form(parameter: Parameter, value: Any) -> str:
    """Say how a value is written that has a form of other programs; nothing if it has none."""
    written = str(value)
    if _DECIMAL_COMMA.fullmatch(written) and "float" in parameter.types:
        return f" Write it with a point: {written.replace(',', '.')}."
    percent, sizes = _IN_PERCENT.fullmatch(written), _HEIGHT_BY_WIDTH.fullmatch(written)
    if percent and "float" in parameter.types:
        share = float(percent[1]) / PERCENT
        return f" Write {share:g}." if _range_problem(parameter, share) is None else ""
    if sizes and {"int", "list"} <= set(parameter.types):
        height, width = sizes.groups()
        return f" Write {height if height == width else f'[{height}, {width}]'}."
    if value is False and "null" in parameter.types:
        return " Write null to switch it off."
    return ""


def _hint(value: Any, choices: list[str]) -> str:
    """Name the choice that was probably meant."""
    written = str(value)
    if written.lower() in _CALLED_ELSEWHERE:
        near = [choice for choice in _CALLED_ELSEWHERE[written.lower()] if choice in choices]
    else:
        near = difflib.get_close_matches(written, choices, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _is_same(value: Any, choice: Any) -> bool:
    """Tell whether two values are equal; 1 and 1.0 are, 1 and true are not."""
    return isinstance(value, bool) == isinstance(choice, bool) and bool(value == choice)


def _as_written(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)


def _range_problem(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        n_digits = len(str(abs(value)))
        return f"must be a number of at most {LARGEST_INT}. Got one with {n_digits} digits."
    if not math.isfinite(value):
        return f"must be a finite number. Got {value!r}."
    if parameter.minimum is not None and value < parameter.minimum:
        return f"must be at least {parameter.minimum:g}. Got {value!r}."
    if parameter.maximum is not None and value > parameter.maximum:
        text = f"must be at most {parameter.maximum:g}. Got {value!r}."
        share = value / PERCENT
        is_share = parameter.maximum <= 1 and (parameter.minimum or 0) <= share <= parameter.maximum
        if is_share and value >= SMALLEST_PERCENT:
            return f"{text} If that was meant in percent, write {share:g}."
        return text
    return None


def _parameter_hint(name: str, value: Any, known: Mapping[str, Parameter]) -> str:
    """Name the parameter that was probably meant."""
    if name == "pretrained" and "weights" in known and isinstance(value, bool):
        if not value:
            return " Write weights: none."
        if known["weights"].default == "imagenet":
            return " Write weights: imagenet."
        return " Write weights: and the model to begin with (imagenet: keras.applications only)."
    if name == "on_unavailable":
        return " It stands beside name, or at the top level of the file, not under params."
    if name in _ABOVE and "augmentation_mix" in known:
        return f" {_ABOVE[name]}"
    near = difflib.get_close_matches(_PARAMETERS_ELSEWHERE.get(name, name), known, 1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def parameter_problems(row: ComponentRow, params: Mapping[str, Any]) -> list[str]:
    """Return every problem with the parameters written for a row, each a sentence."""
    known = {parameter.name: parameter for parameter in row.parameters}
    problems = []
    for name, value in params.items():
        if name not in known and name in dict(row.lacks):
            problems.append(f"params.{name}: {dict(row.lacks)[name]}")
        elif name not in known:
            hint = _parameter_hint(name, value, known)
            names = ", ".join(known) or "none"
            problems.append(f"params.{name}: unknown parameter.{hint} Known: {names}.")
        elif problem := value_problem(known[name], value):
            problems.append(f"params.{name}: {problem}")
    for parameter in row.parameters:
        if parameter.required and parameter.name not in params:
            problems.append(f"params.{parameter.name}: is missing; {row.name} needs it.")
    return problems
