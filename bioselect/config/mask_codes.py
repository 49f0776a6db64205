"""What `dataset.classes` and `dataset.ignore` may hold: which code of a mask is which class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bioselect.config.rules import rule_error, shown

#: Masks in which objects are numbered one by one, in place of codes.
INSTANCES = "instances"
#: The class that counts in no mean over classes.
BACKGROUND = "background"
#: The largest value of a 16-bit image.
LARGEST_CODE = 65535
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_CODE = "a whole number from 0 to 65535, or a colour as '#ff0000' (in quotes)"


def check_classes(value: Any) -> str | dict[str, str] | None:
    """Check `classes`: null, codes with their classes, or `instances`.

    Examples
    --------
    >>> check_classes({"0": "background", "255": "nucleus"})
    {'0': 'background', '255': 'nucleus'}
    >>> check_classes("instances"), check_classes({"instances": "nucleus"})
    ('instances', {'instances': 'nucleus'})
    """
    if value is None or value == INSTANCES:
        return None if value is None else INSTANCES
    if not isinstance(value, dict) or not value:
        raise rule_error(
            "must be null (codes are found in the masks), a mapping from the codes of the masks to "
            "the names of classes, for example {0: background, 255: nucleus}, or instances (each "
            f"object has a number of its own). Got {shown(value)}."
        )
    for code, name in value.items():
        if isinstance(code, str) and isinstance(name, int) and not code.strip().isdigit():
            raise rule_error(
                "must have the codes of the masks first and the names of classes behind them. Got "
                f"{code}: {shown(name)}. Turn them round: {{{name}: {code}}}."
            )
        if not isinstance(name, str) or not name.strip():
            raise rule_error(
                f"{code}: must be the name of a class. Got {shown(name)}. Put names that are "
                "numbers in quotes."
            )
        if name.strip() != BACKGROUND and name.strip().casefold() == BACKGROUND:
            raise rule_error(
                f"{code}: the class that lies around all others, and counts in no mean, is written "
                f"{BACKGROUND}. Got {shown(name)}. Write it like that."
            )
    if INSTANCES in value:
        if len(value) > 1:
            raise rule_error(
                "instances are numbered objects of one class, beside which there are no codes. "
                f"Got {shown(value)}. Write {{instances: {value[INSTANCES]}}}, or codes only."
            )
        if value[INSTANCES].strip() == BACKGROUND:
            raise rule_error(
                "instances: must be the name of the numbered objects; 0 is the background already. "
                f"Got {BACKGROUND}. Write what they are, for example {{instances: nucleus}}."
            )
        return dict(value)
    return _checked_codes(value)


def check_ignore(value: Any) -> tuple[int | str, ...] | None:
    """Check `ignore`: null, or a list of codes.

    Examples
    --------
    >>> check_ignore([128, "#FFFFFF"])
    (128, '#ffffff')
    """
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise rule_error(
            "must be null or a list of codes whose pixels do not count, for example [128]. Got "
            f"{shown(value)}."
        )
    for code in value:
        if isinstance(code, bool) or not isinstance(code, int | str) or not is_code(str(code)):
            raise rule_error(f"each code must be {_CODE}. Got {shown(code)}.")
    plain = [int(one) if str(one).isdecimal() else str(one).lower() for one in value]
    if repeated := [one for one in plain if plain.count(one) > 1]:
        raise rule_error(f"must name each code once. Got {repeated[0]} twice.")
    return tuple(plain)


def is_code(text: str) -> bool:
    """Tell whether a text is a grey code or a colour.

    Examples
    --------
    >>> is_code("255"), is_code("#ff0000"), is_code("-1"), is_code("red")
    (True, True, False, False)
    """
    if _COLOUR.fullmatch(text):
        return True
    return text.isascii() and text.isdecimal() and int(text) <= LARGEST_CODE


def ignored_class_problem(classes: Any, ignore: Any) -> str:
    """Return what is wrong where a code is of a class and does not count, or nothing.

    Examples
    --------
    >>> ignored_class_problem({"0": "background", "7": "cell"}, [7])[:19]
    '7 is also a code of'
    """
    if not isinstance(classes, Mapping) or not isinstance(ignore, list):
        return ""
    both = [str(one) for one in ignore if str(one).lower() in {str(key).lower() for key in classes}]
    if not both:
        return ""
    return f"{both[0]} is also a code of dataset.classes. Keep it in one of the two."


def _checked_codes(value: Mapping[Any, str]) -> dict[str, str]:
    codes = {str(code).lower() if str(code).startswith("#") else str(code): name.strip()
             for code, name in value.items()}  # fmt: skip
    for code in codes:
        if not is_code(code):
            raise rule_error(f"each code must be {_CODE}. Got {shown(code)}.")
    plain = [str(int(code)) if code.isdecimal() else code for code in codes]
    if len(set(plain)) < len(value):
        raise rule_error(f"must name each code once. Got {shown(dict(value))}.")
    if len(set(codes.values())) < 2:
        raise rule_error(
            f"must name at least 2 classes; what is not looked for is one too. Got {shown(value)}. "
            "Write for example {0: background, 255: nucleus}; colours stand in quotes, as a bare # "
            "begins a comment."
        )
    return dict(zip(plain, codes.values(), strict=True))


_CODE_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": LARGEST_CODE},
        {"type": "string", "pattern": r"^(#[0-9a-fA-F]{6}|[0-9]+)$"},
    ]
}
IGNORE_SCHEMA = {
    "anyOf": [{"type": "null"}, {"type": "array", "items": _CODE_SCHEMA, "minItems": 1}],
    "examples": [[128]],
}
CLASSES_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"enum": [INSTANCES]},
        {
            "type": "object",
            "properties": {INSTANCES: {"type": "string"}},
            "required": [INSTANCES],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "patternProperties": {r"^(#[0-9a-fA-F]{6}|[0-9]+)$": {"type": "string"}},
            "additionalProperties": False,
            "minProperties": 2,
        },
    ],
    "examples": [{"0": "background", "255": "nucleus"}, INSTANCES, {INSTANCES: "nucleus"}],
}
