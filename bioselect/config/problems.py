"""From pydantic's findings to lines that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from bioselect.config.rules import shown
from bioselect.config.task_keys import REGRESSION, SEGMENTATION, goes_with, task_of
from bioselect.registry import known_rows
from bioselect.strict_yaml import Document, Location, Problem, where

TYPE_RULES = {
    "model_type": "must be a section, with its keys indented below it",
    "tuple_type": "must be a list, such as [one, two]",
    "too_short": "must list at least one",
}


def structure_problems(
    errors: Iterable[Mapping[str, Any]], document: Document, model: type[BaseModel]
) -> list[Problem]:
    """Turn the errors of a pydantic model into problems with line and remedy.

    Parameters
    ----------
    errors : iterable of mapping
        From ``ValidationError.errors()``.
    document : Document
        The text that was validated.
    model : type
        The model that it was validated against.
    """
    problems = []
    task = task_of(document.value)
    for error in errors:
        location: Location = tuple(error["loc"])
        if error["type"] == "too_short" and error["input"]:
            continue  # the list is not empty; its items are wrong and reported themselves
        if error["type"] == "extra_forbidden":
            above = location[:-1]
            known = [key for key in keys_at(model, above) if goes_with(task, (*above, key))]
            text = unknown_key_text(location, known, _right_place(model, location, task))
        elif error["type"] == "missing":
            text = f"is missing. {_description(model, location)}"
        elif error["type"] == "rule":
            text = str(error["msg"])
        else:
            rule = TYPE_RULES.get(error["type"], str(error["msg"]))
            text = f"{rule}. Got {shown(error['input'])}."
        problems.append(Problem(document.line_of(location), where(location) + text))
    return problems


def unknown_key_text(location: Location, known: list[str], right_place: str = "") -> str:
    """Say that a key is unknown, and which one may have been meant.

    `right_place` is a sentence that says where the key would be known, if anywhere.

    Examples
    --------
    >>> unknown_key_text(("validation", "fold"), ["folds", "repeats"])
    "unknown key. Did you mean 'folds'? Known here: folds, repeats."
    """
    key = str(location[-1])
    if key == "search" and "search" not in known and "params" in known:
        if location[0] == "augmentation":
            return "steps have no search. Remove it, or list the step with other params."
        return (
            "extractors have no search, because nothing is learnt in them. List the extractor "
            "once for each value of its parameter."
        )
    if right_place:
        return f"unknown key. {right_place} Known here: {', '.join(known)}."
    takes_params = "params" in known
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.7 if takes_params else 0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    if takes_params and not near:
        hint = f" A parameter stands under params, as in params: {{{key}: ...}}."
    return f"unknown key.{hint} Known here: {', '.join(known)}."


def _right_place(model: type[BaseModel], location: Location, task: str) -> str:
    """Say where a key belongs that is right, but in another place."""
    key = str(location[-1])
    if key == "search" and len(location) == 1:
        if task == SEGMENTATION:
            return (
                "With masks no values are searched: list the network once for each value, under "
                "networks."
            )
        return "It belongs to one component: {name: svm, search: default}."
    at_top = keys_at(model, ())
    if len(location) > 1 and key in at_top and goes_with(task, (key,)):
        return "It belongs at the top level of the file, without indentation."
    for section in ("dataset", "validation", "statistics", "bundle", "report", "tracking"):
        inside = (section, key)
        if location[0] != section and goes_with(task, inside) and key in keys_at(model, inside[:1]):
            return f"It belongs under {section}."
    if len(location) > 2 or location[0] in ("dataset", "statistics"):
        return ""
    kind = {SEGMENTATION: "segmenter", REGRESSION: "value_network"}.get(task, "network")
    rows = known_rows(kind).values()
    owner = next((r for r in rows if any(one.name == key for one in r.parameters)), None)
    if owner is None:
        return ""
    return (
        "It is a parameter of a network: "
        f"networks: [{{name: {owner.name}, params: {{{key}: ...}}}}]."
    )


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that a section knows."""
    return list(_section_at(model, location).model_fields)


def _section_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    section = model
    for part in location:
        if isinstance(part, str):
            annotation: Any = section.model_fields[part].annotation
            section = getattr(annotation, "__args__", (annotation,))[0]
    return section


def _description(model: type[BaseModel], location: Location) -> str:
    return str(_section_at(model, location[:-1]).model_fields[str(location[-1])].description)
