"""Which keys go with which task: those of another one are refused and never just left unused."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from bioselect.config.column_source import KEYS_OF_COLUMNS
from bioselect.config.rules import rule_error, shown
from bioselect.strict_yaml import Location

CLASSIFICATION, REGRESSION = "classification", "regression"
SEGMENTATION = "segmentation"
TASKS = (CLASSIFICATION, REGRESSION, SEGMENTATION)

_MASKS = "it is about masks, of which task: segmentation learns. Leave it out, or write that task."
_FEATURES = (
    "it is about rows of numbers, and masks are learnt from pixels. List what shall be compared "
    "under networks, for example [unet, otsu]."
)
_COLUMNS = "masks are learnt from pixels alone. Leave it out."
_REGRESSORS = (
    "a regressor predicts a number. Write classifiers, or task: regression if the target is a "
    "number."
)
_FOLDS = "masks are judged in folds, or in one split. Write folds or split: [0.7, 0.2, 0.1]."
_OF_MASKS: Mapping[Location, str] = {
    ("dataset", key): _MASKS for key in ("masks", "mask", "classes", "ignore", "pixel_size")
}
#: The keys that do not go with a task, and why.
_REFUSED: Mapping[str, Mapping[Location, str]] = {
    CLASSIFICATION: {
        **_OF_MASKS,
        ("regressors",): _REGRESSORS,
        ("dataset", "unit"): "classes have no unit. Leave it out.",
        ("bundle", "interval"): "a class has no low and high. Leave it out.",
    },
    REGRESSION: {
        **_OF_MASKS,
        ("classifiers",): "a classifier predicts a class. Write regressors, for example [ridge, "
        "random_forest]; or task: classification if the target is a class.",
        ("dataset", "splits"): "an .npz file holds classes. Write a table with a column of "
        "numbers.",
        ("dataset", "tiles"): "the number of a whole image is not that of its parts. Leave it out.",
        ("bundle", "calibration"): "numbers have no probabilities to calibrate. Leave it out.",
        ("bundle", "coverage"): "numbers have low and high in place of sets of classes. Leave it "
        "out, or write interval.",
        ("ensemble",): "the mean of several models is made of probabilities. Leave it out.",
    },
    SEGMENTATION: {
        ("extractors",): _FEATURES,
        ("classifiers",): _FEATURES,
        ("regressors",): _FEATURES,
        ("dataset", "unit"): "masks have no unit. Leave it out, or write pixel_size.",
        ("dataset", "target"): "the masks say what is seen. Leave it out; a table has mask: the "
        "column with the paths of the masks.",
        ("dataset", "tiles"): "large images need not be cut: networks are trained on parts of them "
        "and go through them part by part. Leave it out.",
        ("dataset", "splits"): "an .npz file holds no masks. Save images and masks as files.",
        **{("dataset", key): _COLUMNS for key in KEYS_OF_COLUMNS},
        ("validation", "splits"): _FOLDS,
        ("validation", "test_size"): _FOLDS,
        ("validation", "honest"): "repeating the choice inside the folds would train every network "
        "several times as often. Leave it out: the usual correction (bbc) is made.",
        ("report",): "it is about images with a class or a number. Leave it out.",
        ("bundle",): "probabilities of pixels are not calibrated. Leave it out.",
        ("ensemble",): "masks of several models are not averaged. Leave it out.",
        ("budget",): "a network that was trained on some of the folds cannot be compared. Leave it "
        "out, and list fewer or smaller networks.",
    },
}
#: What says the same as leaving the key out.
_NEUTRAL: Mapping[Location, Sequence[Any]] = {
    ("validation", "honest"): ("bbc",),
    ("dataset", "decimal"): (".",),
}


def check_task(value: Any) -> str:
    """Check `task`."""
    if value in TASKS:
        return str(value)
    raise rule_error(f"must be {', '.join(TASKS[:-1])} or {TASKS[-1]}. Got {shown(value)}.")


def task_of(written: Mapping[str, Any]) -> str:
    """Return the task of a configuration as it was written; a wrong one is told of elsewhere.

    What else is told then goes by the task whose name is nearest.

    Examples
    --------
    >>> task_of({"task": "segmentation"}), task_of({}), task_of({"task": "regresion"})
    ('segmentation', 'classification', 'regression')
    """
    task = written.get("task")
    if isinstance(task, str) and task in TASKS:
        return task
    near = difflib.get_close_matches(str(task), TASKS, n=1)
    return near[0] if near else CLASSIFICATION


def goes_with(task: str, location: Location) -> bool:
    """Tell whether a key goes with a task.

    Examples
    --------
    >>> goes_with("classification", ("dataset", "masks")), goes_with("classification", ("jobs",))
    (False, True)
    """
    return location not in _REFUSED[task]


def task_problems(written: Mapping[str, Any]) -> list[tuple[Location, str]]:
    """Return where a key stands that does not go with the task, and a sentence with the remedy.

    Examples
    --------
    >>> task_problems({"task": "classification", "dataset": {"masks": "../masks"}})[0][0]
    ('dataset', 'masks')
    >>> task_problems({"task": "segmentation", "dataset": {"masks": "../masks"}})
    []
    """
    task = task_of(written)
    problems = []
    for location, why in _REFUSED[task].items():
        value = _value_at(written, location)
        if value in (None, [], {}) or value in _NEUTRAL.get(location, ()):
            continue
        problems.append((location, f"does not go with task: {task}: {why}"))
    if task == SEGMENTATION:
        problems += _searches(written.get("networks"))
    return problems


def without_other_tasks(sections: dict[str, Any], task: str) -> dict[str, Any]:
    """Return all keys of a configuration but those that do not go with its task.

    Examples
    --------
    >>> without_other_tasks({"dataset": {"path": "a", "masks": None}}, "classification")
    {'dataset': {'path': 'a'}}
    """
    kept = {key: dict(one) if isinstance(one, dict) else one for key, one in sections.items()}
    for *above, last in _REFUSED[task]:
        place: Any = kept
        for part in above:
            place = place.get(part, {})
        place.pop(last, None)
    if task == SEGMENTATION:
        for network in kept.get("networks", ()):
            network.pop("search", None)
    return kept


def _searches(networks: Any) -> list[tuple[Location, str]]:
    text = (
        "does not go with task: segmentation: values are not searched inside the folds. Leave it "
        "out, and list the network once for each value."
    )
    entries = networks if isinstance(networks, list) else []
    return [
        (("networks", place, "search"), text)
        for place, entry in enumerate(entries)
        if isinstance(entry, dict) and entry.get("search") is not None
    ]


def _value_at(written: Mapping[str, Any], location: Location) -> Any:
    value: Any = written
    for part in location:
        value = value.get(part) if isinstance(value, dict) else None
    return value
