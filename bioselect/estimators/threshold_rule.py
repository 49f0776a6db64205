"""What `threshold` of a classifier may hold: by what the border between two classes is chosen."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bioselect.component import ComponentSpec
from bioselect.exceptions import ConfigurationError

#: Highest value of these, which treat both classes alike. Youden's index and balanced accuracy
#: are highest at the same border; people look for either name.
OF_BOTH = ("balanced_accuracy", "youden", "f1_macro")
#: Highest value of these, which are about the positive class.
OF_POSITIVE = ("f1",)
#: At least so much of these, and then as much as possible of the other one.
AT_LEAST = ("sensitivity", "specificity")

_FORMS = (
    f"must be {', '.join(OF_BOTH)}, null, or a mapping that names the positive class: "
    "{sensitivity: 0.9, positive: CLASS}, {specificity: 0.9, positive: CLASS} or "
    "{criterion: f1, positive: CLASS}."
)


@dataclass(frozen=True)
class ThresholdRule:
    """By what the border is chosen; `place` is the positive class of the two, 0 or 1."""

    criterion: str
    place: int
    at_least: float = 0.0

    @classmethod
    def of(cls, value: Any) -> ThresholdRule:
        """Make the rule from what a parameter holds after :func:`with_places`.

        Of labels, of which an image may have several, to have one is the positive class.

        Examples
        --------
        >>> ThresholdRule.of({"sensitivity": 0.9, "positive": {"name": "tumour", "place": 0}})
        ThresholdRule(criterion='sensitivity', place=0, at_least=0.9)
        """
        if isinstance(value, str):
            return cls(value, 1)
        positive = value["positive"]
        if isinstance(positive, str):
            raise ConfigurationError(
                f"threshold: the positive class {positive!r} must be one of two that are known. "
                "Got no classes; with_places knows them."
            )
        if "criterion" in value:
            return cls(value["criterion"], positive["place"])
        name = next(name for name in AT_LEAST if name in value)
        return cls(name, positive["place"], float(value[name]))


def threshold_problem(value: Any) -> str | None:
    """Return what is wrong with a value of `threshold`, or None.

    Examples
    --------
    >>> threshold_problem("youden")
    >>> threshold_problem("sensitivity")
    'sensitivity needs a number and a class: write {sensitivity: 0.9, positive: CLASS}.'
    """
    if value is None or value in (*OF_BOTH, *OF_POSITIVE):
        return None  # Whether the positive class must be named, the images will tell.
    if isinstance(value, str):
        return _text_problem(value)
    if not isinstance(value, dict):
        return f"{_FORMS} Got {value!r}."
    named = [name for name in ("criterion", *AT_LEAST) if name in value]
    others = sorted(set(map(str, value)) - {"criterion", "positive", *AT_LEAST})
    if len(named) != 1 or others:
        return f"{_FORMS} Got the keys {', '.join(map(str, value)) or 'none'}."
    if named == ["criterion"] and value["criterion"] not in (*OF_POSITIVE, *OF_BOTH):
        known = ", ".join((*OF_POSITIVE, *OF_BOTH))
        return f"criterion must be one of {known}. Got {value['criterion']!r}."
    if named != ["criterion"] and not _is_share(value[named[0]]):
        return (
            f"{named[0]} must be a number above 0 and below 1, as 0.9 for 90 %. Got "
            f"{value[named[0]]!r}."
        )
    return _positive_problem(value)


def _text_problem(value: str) -> str:
    if value in AT_LEAST:
        return f"{value} needs a number and a class: write {{{value}: 0.9, positive: CLASS}}."
    near = difflib.get_close_matches(value, OF_BOTH, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{_FORMS} Got {value!r}.{hint}"


def _is_share(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < 1


def _positive_problem(value: dict[str, Any]) -> str | None:
    if "positive" not in value:
        return (
            "must say which of the two classes is the positive one, the one that is looked for. "
            f"Got {value!r} without it. Add positive: CLASS."
        )
    positive = value["positive"]
    resolved = isinstance(positive, dict) and set(positive) == {"name", "place"}
    if resolved or (isinstance(positive, str) and positive):
        return None
    return f"positive must be the name of a class, in quotes if it is a number. Got {positive!r}."


def with_places(specs: Sequence[ComponentSpec], class_names: Sequence[str]) -> list[ComponentSpec]:
    """Return the classifiers with the place of each positive class beside its name.

    Parameters
    ----------
    specs : sequence of ComponentSpec
        Checked by :func:`threshold_problem`, in `params` and in `search`.
    class_names : sequence of str
        Of the data set.

    Raises
    ------
    ConfigurationError
        If there is a threshold where there are not two classes, or the positive one is none of
        them.
    """
    return [_placed(spec, tuple(class_names)) for spec in specs]


def _placed(spec: ComponentSpec, class_names: tuple[str, ...]) -> ComponentSpec:
    params, search = spec.params_dict, spec.search_dict
    if "threshold" in params:
        params["threshold"] = _with_place(params["threshold"], spec, class_names)
    if "threshold" in search:
        search["threshold"] = [
            _with_place(value, spec, class_names) for value in search["threshold"]
        ]
    return ComponentSpec.of(spec.name, params, search)


def _with_place(value: Any, spec: ComponentSpec, class_names: tuple[str, ...]) -> Any:
    if value is None or ":" in spec.name:
        return value  # Somebody's own classifier may mean anything by this name.
    where = f"classifiers: {spec.name}: threshold:"
    if len(class_names) != 2:
        raise ConfigurationError(
            f"{where} one number divides two classes, not {len(class_names)} "
            f"({', '.join(class_names)}). Remove it; class_weight: balanced and resampling are for "
            "any number of classes."
        )
    if value in OF_POSITIVE:
        raise ConfigurationError(
            f"{where} {value} is about one of the two classes: write {{criterion: {value}, "
            "positive: CLASS}."
        )
    if isinstance(value, str) or isinstance(value["positive"], dict):
        return value
    positive = value["positive"]
    if positive not in class_names:
        near = difflib.get_close_matches(positive, class_names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(
            f"{where} positive must be one of the classes {', '.join(class_names)}. Got "
            f"{positive!r}.{hint}"
        )
    place = class_names.index(positive)
    return {**value, "positive": {"name": positive, "place": place}}
