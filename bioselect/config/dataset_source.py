"""Which keys of `dataset` go together: a folder of folders, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = {"image": "the image paths", "target": "the class"}


def source_problems(dataset: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between the keys of `dataset`, each a sentence with the remedy.

    Examples
    --------
    >>> source_problems({"path": "images"})
    []
    >>> source_problems({"path": "images", "group": "patient"})[0][:44]
    "group 'patient' names a column, which only a"
    """
    written = {key for key, value in dataset.items() if value is not None}
    if {"path", "table"} <= written:
        return ["path and table exclude each other. Keep the one that holds your labels."]
    if "table" in written:
        return [
            f"a table needs {key}: write the name of the column with {content}."
            for key, content in COLUMNS.items()
            if key not in written
        ]
    if "path" not in written:
        return [
            "path is missing: the folder that holds one folder per class. (Or write table, image "
            "and target: a table with one row per image.)"
        ]
    problems = [
        f"{key} goes with table only. With path, the names of the folders are the classes."
        for key in ("root", "image", "target")
        if key in written
    ]
    group = dataset.get("group")
    if isinstance(group, str):
        problems.append(
            f"group {group!r} names a column, which only a table has. With path write "
            "{level: N} or {pattern: REGEX}."
        )
    return problems
