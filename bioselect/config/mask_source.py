"""Which keys of `dataset` go together where masks are learnt: two folders, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.config.dataset_source import ARRAYS_ENDING, TABLE_ENDINGS

_COLUMNS = {"image": "the image paths", "mask": "the paths of the masks"}


def mask_source_problems(dataset: Mapping[str, Any]) -> list[str]:
    """Return what is wrong between the keys of `dataset`, each a sentence with the remedy.

    Examples
    --------
    >>> mask_source_problems({"path": "images", "masks": "masks"})
    []
    >>> mask_source_problems({"path": "images"})[0][:28]
    'masks is missing: the folder'
    """
    written = {key for key, value in dataset.items() if value is not None}
    if {"path", "table"} <= written:
        return ["path and table exclude each other. Keep the one that names your images."]
    if "table" in written:
        problems = [
            f"a table needs {key}: write the name of the column with {content}."
            for key, content in _COLUMNS.items()
            if key not in written
        ]
        if "masks" in written:
            problems.append(
                "masks goes with path only. With a table write mask: the name of the column with "
                "the paths of the masks."
            )
        return problems
    if "path" not in written:
        return [
            "path is missing: the folder with the images. (Or write table, image and mask: a table "
            "with one row per image.)"
        ]
    return _problems_of_folders(dataset, written)


def _problems_of_folders(dataset: Mapping[str, Any], written: set[str]) -> list[str]:
    problems = []
    for key in ("path", "masks"):
        folder = dataset.get(key)
        if isinstance(folder, str) and folder.lower().endswith((*TABLE_ENDINGS, ARRAYS_ENDING)):
            problems.append(
                f"{key} must be a folder. Got a file ({folder}). Write a table as table, with "
                "image and mask: the columns with the paths of images and masks."
            )
    if "masks" not in written:
        problems.append(
            "masks is missing: the folder with a mask for each image, which has the name of the "
            "image (its ending may differ)."
        )
    elif dataset["path"] == dataset["masks"]:
        problems.append(
            f"path and masks must be two folders. Got {dataset['path']} for both. Put the masks "
            "into a folder of their own."
        )
    problems += [
        f"{key} goes with table only. With path and masks, the names of the files say what "
        "belongs together."
        for key in ("root", "image", "mask")
        if key in written
    ]
    if isinstance(dataset.get("group"), str):
        problems.append(
            f"group {dataset['group']!r} names a column, which only a table has. With path write "
            "{level: N} or {pattern: REGEX}."
        )
    return problems
