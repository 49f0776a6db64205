"""Rules of single values, in the same words as the rules of component parameters."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from bioselect.addresses import address_of, is_address, place_of
from bioselect.data.stacks import PROJECTIONS, stack_problem
from bioselect.data.stacks import WORDS as STACK_WORDS
from bioselect.exceptions import ConfigurationError
from bioselect.registry import Parameter, value_problem

#: A drive or a share, which other systems would take for a part of a file's name.
_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")

JSON_TYPES = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str": "string",
    "list": "array",
    "dict": "object",
    "null": "null",
}


def rule_error(text: str) -> PydanticCustomError:
    """Return the error of a broken rule; the text goes to the reader as it stands."""
    return PydanticCustomError("rule", "{text}", {"text": text})


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the JSON Schema of one parameter's values.

    Examples
    --------
    >>> parameter_schema(Parameter("folds", "auto", ("int",), ("auto",), minimum=2))
    {'anyOf': [{'type': 'integer', 'minimum': 2}, {'enum': ['auto']}]}
    """
    options: list[dict[str, Any]] = []
    for name in parameter.types:
        option: dict[str, Any] = {"type": JSON_TYPES[name]}
        if name in ("int", "float"):
            if parameter.minimum is not None:
                option["minimum"] = parameter.minimum
            if parameter.maximum is not None:
                option["maximum"] = parameter.maximum
        options.append(option)
    if parameter.choices:
        options.append({"enum": list(parameter.choices)})
    if not options:
        return {}
    return options[0] if len(options) == 1 else {"anyOf": options}


@dataclass(frozen=True)
class Rule:
    """Metadata of a field: a function that returns the checked value, and its JSON Schema.

    The function gets the value and the folder that relative paths start from.
    """

    check: Callable[[Any, Path | None], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Let the function alone decide; called by pydantic."""

        def checked(value: Any, info: core_schema.ValidationInfo) -> Any:
            return self.check(value, (info.context or {}).get("base_dir"))

        return core_schema.with_info_plain_validator_function(checked)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the JSON Schema; called by pydantic."""
        return dict(self.schema)


def one_of(*choices: str) -> Rule:
    """Return the rule of a field that holds one of some words."""
    return allowed(choices=choices)


def allowed(
    *types: str,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
) -> Rule:
    """Return the rule of a field whose values obey a `Parameter` of these types.

    Examples
    --------
    >>> allowed("int", choices=("auto",), minimum=2).check(5, None)
    5
    """
    parameter = Parameter("", None, types, choices, minimum, maximum)

    def check(value: Any) -> Any:
        if problem := value_problem(parameter, value):
            raise rule_error(problem)
        return value

    return checked_by(check, parameter_schema(parameter))


def checked_by(function: Callable[[Any], Any], schema: Mapping[str, Any]) -> Rule:
    """Return the rule of a field that has a checking function of its own."""
    return Rule(lambda value, _: function(value), schema)


def path_rule(optional: bool = True, written: bool = False, local: bool = False) -> Rule:
    """Return the rule of a field that holds a path: made absolute, `~` is the home folder.

    An address becomes the place of its copy on this disk, or, where results are `written`, the
    place where they wait; a `local` path must be none.
    """
    parameter = Parameter("", None, ("str", "null") if optional else ("str",))

    def check(value: Any, base_dir: Path | None) -> Path | None:
        if problem := value_problem(parameter, value):
            raise rule_error(problem)
        if value == "":
            raise rule_error("must be a path. Got an empty text.")
        if os.name != "nt" and value is not None and _OF_WINDOWS.match(value):
            raise rule_error(
                f"must be a path on this computer. Got {value!r}, which is one of Windows. Write "
                "it as this computer calls it, best relative to this file (../images)."
            )
        if value is None:
            return None
        try:
            path = resolved_path(value, base_dir, written)
        except ConfigurationError as error:
            raise rule_error(str(error)) from error
        if local and address_of(path) is not None:
            raise rule_error("must be a folder on this computer. Got an address.")
        return path

    return Rule(check, parameter_schema(parameter))


def resolved_path(written: str, base_dir: Path | None, results: bool = False) -> Path:
    """Return a path as an absolute one; a relative path starts from `base_dir`.

    An address becomes its place on this disk, see :func:`bioselect.addresses.place_of`, which
    refuses some.

    Examples
    --------
    >>> resolved_path("../images", Path("/study/configs")).as_posix()
    '/study/images'
    """
    if is_address(written):
        return place_of(written, results)
    path = Path(os.path.expanduser(written))  # Path.expanduser raises for an unknown user.
    return Path(os.path.normpath(path if base_dir is None else base_dir / path))


def check_intensity(value: Any) -> str | dict[str, float]:
    """Check `intensity`: a word, or a range of values.

    Examples
    --------
    >>> check_intensity({"min": 0, "max": 4095})
    {'min': 0.0, 'max': 4095.0}
    """
    if not isinstance(value, dict):
        words = ("auto", "dtype", "percentile")
        if problem := value_problem(Parameter("", None, choices=words), value):
            raise rule_error(problem.replace("percentile.", "percentile, {min: ..., max: ...}.", 1))
        return str(value)
    ends = {}
    for end in ("min", "max"):
        number = value.get(end)
        problem = value_problem(Parameter("", None, ("float",)), number)
        if problem or set(value) != {"min", "max"}:
            raise rule_error(
                "a range is {min: NUMBER, max: NUMBER}, both finite and nothing else, for example "
                f"{{min: 0, max: 4095}}. Got {shown(value)}."
            )
        ends[end] = float(value[end])
    if ends["min"] >= ends["max"]:
        raise rule_error(f"min must be less than max. Got {shown(value)}.")
    return ends


INTENSITY_SCHEMA = {
    "anyOf": [
        {"enum": ["auto", "dtype", "percentile"]},
        {
            "type": "object",
            "properties": {"min": {"type": "number"}, "max": {"type": "number"}},
            "required": ["min", "max"],
            "additionalProperties": False,
        },
    ],
    "examples": ["auto", {"min": 0, "max": 4095}],
}


def check_stack(value: Any) -> str | dict[str, Any] | None:
    """Check `stack`: null, or what becomes of a file with several planes.

    Examples
    --------
    >>> check_stack({"projection": "max"})
    {'projection': 'max'}
    """
    if value is None:
        return None
    if problem := stack_problem(value):
        raise rule_error(problem)
    return dict(value) if isinstance(value, dict) else str(value)


STACK_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"enum": list(STACK_WORDS)},
        {
            "type": "object",
            "properties": {"projection": {"enum": list(PROJECTIONS)}},
            "required": ["projection"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"every": {"type": "integer", "minimum": 1}},
            "required": ["every"],
            "additionalProperties": False,
        },
    ],
    "examples": [{"projection": "max"}, "middle", "all", {"every": 5}],
}


def check_channels(value: Any) -> tuple[int, ...] | None:
    """Check `channels`: null, or a list of channel numbers counted from 0."""
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise rule_error(
            "must be null or a list of channel numbers counted from 0, for example [0, 1, 2]. "
            f"Got {shown(value)}."
        )
    for number in value:
        if problem := value_problem(Parameter("", None, ("int",), minimum=0), number):
            raise rule_error(f"each channel number {problem}")
    return tuple(value)


CHANNELS_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1},
    ],
    "examples": [[0, 1, 2]],
}


def check_group(value: Any) -> str | dict[str, Any] | None:
    """Check `group`: null, a table's column, a folder level or a pattern of file names.

    Examples
    --------
    >>> check_group({"pattern": r"([^/_]+)_[0-9]+[.]png$"})
    {'pattern': '([^/_]+)_[0-9]+[.]png$'}
    """
    if value is None or (isinstance(value, str) and value):
        return value
    if not isinstance(value, dict) or len(value) != 1 or not set(value) <= {"level", "pattern"}:
        raise rule_error(
            "must be null, the name of a table's column, {level: N} (folders counted from 1 below "
            f"the data set's folder) or {{pattern: REGULAR EXPRESSION}}. Got {shown(value)}."
        )
    if "level" in value:
        if problem := value_problem(Parameter("", None, ("int",), minimum=1), value["level"]):
            raise rule_error(f"level {problem}")
    else:
        _check_pattern(value["pattern"])
    return dict(value)


def _check_pattern(pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise rule_error(f"pattern must be text. Got {shown(pattern)}. Put it in quotes.")
    try:
        n_groups = re.compile(pattern).groups
    except re.error as error:
        raise rule_error(
            f"pattern must be a regular expression ({error}). Got {pattern!r}."
        ) from error
    if n_groups < 1:
        raise rule_error(
            "pattern must hold the group's name in parentheses, for example '^([^_]+)_'. "
            f"Got {pattern!r}."
        )


GROUP_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "properties": {"level": {"type": "integer", "minimum": 1}},
            "required": ["level"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"pattern": {"type": "string", "format": "regex"}},
            "required": ["pattern"],
            "additionalProperties": False,
        },
    ],
    "examples": ["patient", {"level": 2}, {"pattern": "^([^_]+)_"}],
}


def shown(value: Any) -> str:
    """Return a value as it would stand in YAML, in one line and not too long.

    Examples
    --------
    >>> shown({"min": 0, "max": None}), shown(True)
    ('{min: 0, max: null}', 'true')
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
        text = f"{{{inside}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(shown(item) for item in value)}]"
    elif value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, float) and not math.isfinite(value):
        text = f".{value}"
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
