"""Which keys of `dataset` go together: a folder of folders, an .npz file, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.config.rules import rule_error, shown

TABLE_ENDINGS = (".csv", ".tsv", ".xls", ".xlsx", ".xlsm")
ARRAYS_ENDING = ".npz"
COLUMNS = {"image": "the image paths", "target": "the class"}
NUMBER_COLUMNS = {**COLUMNS, "target": "the number to be predicted"}


def check_splits(value: Any) -> tuple[str, ...] | None:
    """Check `splits`: null, or the names of splits of an .npz file.

    Examples
    --------
    >>> check_splits(["train", "val"])
    ('train', 'val')
    """
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(n, str) for n in value):
        raise rule_error(
            "must be null or a list of names of splits, for example [train, val]. "
            f"Got {shown(value)}."
        )
    if repeated := [name for name in value if value.count(name) > 1]:
        raise rule_error(f"must name each split once. Got {repeated[0]} twice.")
    return tuple(value)


SPLITS_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    ],
    "examples": [["train", "val"]],
}


def source_problems(dataset: Mapping[str, Any], of_numbers: bool = False) -> list[str]:
    """Return what is wrong between the keys of `dataset`, each a sentence with the remedy.

    `of_numbers` says whether a number is predicted, which stands in a table.

    Examples
    --------
    >>> source_problems({"path": "images"})
    []
    >>> source_problems({"path": "images", "group": "patient"})[0][:44]
    "group 'patient' names a column, which only a"
    """
    written = {key for key, value in dataset.items() if value is not None}
    if of_numbers and (problems := _problems_of_numbers(dataset, written)):
        return problems
    if {"path", "table"} <= written:
        return ["path and table exclude each other. Keep the one that holds your labels."]
    if "splits" in written and not _ends(dataset.get("path"), ARRAYS_ENDING):
        return [
            "splits goes with path only, if that is an .npz file. Leave it out, or write such a "
            "file."
        ]
    if "table" in written:
        return [
            f"a table needs {key}: write the name of the column with {content}."
            for key, content in (NUMBER_COLUMNS if of_numbers else COLUMNS).items()
            if key not in written
        ]
    if "path" not in written:
        return [
            "path is missing: the folder that holds one folder per class. (Or write table, image "
            "and target: a table with one row per image.)"
        ]
    if _ends(dataset["path"], *TABLE_ENDINGS):
        return [
            f"path must be a folder or an .npz file. Got a table ({dataset['path']}). Write it as "
            "table, with image and target: the columns with the image paths and the class."
        ]
    return _problems_of_path(dataset, written)


def _problems_of_numbers(dataset: Mapping[str, Any], written: set[str]) -> list[str]:
    if "table" not in written:
        return [
            "a table is missing: folders are classes, and hold no number for an image. Write "
            "table, image and target: a table with one row per image, the columns with the image "
            f"paths and {NUMBER_COLUMNS['target']}."
        ]
    if isinstance(dataset.get("target"), list | dict):
        return [
            "target must be the name of one column, which holds a number for each image. Got "
            f"{shown(dataset['target'])}. Run a study for each number."
        ]
    return []


def _problems_of_path(dataset: Mapping[str, Any], written: set[str]) -> list[str]:
    is_arrays = _ends(dataset["path"], ARRAYS_ENDING)
    labels = (
        "the file holds the labels" if is_arrays else "the names of the folders are the classes"
    )
    problems = [
        f"{key} goes with table only. With path, {labels}."
        for key in ("root", "image", "target")
        if key in written
    ]
    group = dataset.get("group")
    if is_arrays and group is not None:
        problems.append(
            f"group {group!r} cannot be found in an .npz file, which holds no patients and no "
            "paths. Leave it out; with several images of one patient save them as files instead."
        )
    elif isinstance(group, str):
        problems.append(
            f"group {group!r} names a column, which only a table has. With path write "
            "{level: N} or {pattern: REGEX}."
        )
    return problems


def _ends(path: Any, *endings: str) -> bool:
    return isinstance(path, str) and path.lower().endswith(endings)
