"""Which keys go with a table of columns, which has no images, and which with one that has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.strict_yaml import Location

#: What only a table without images has, and what is about images alone.
OF_TABLES = ("features", "exclude", "id", "drop")
OF_IMAGES = ("root", "channels", "stack", "tiles", "intensity", "on_bad_image", "splits")
#: What goes with either, where columns are learnt from.
OF_BOTH = ("categorical", "decimal")
KEYS_OF_COLUMNS = (*OF_TABLES, "columns", *OF_BOTH)
_USUAL: Mapping[str, Any] = {"intensity": "auto", "on_bad_image": "stop", "decimal": "."}
#: Sections of a configuration that are about images.
_SECTIONS = {
    "extractors": "they turn images into rows, and a table has rows already",
    "networks": "they are trained from pixels",
    "augmentation": "it changes images",
    "augmentation_mix": "it is about augmented images",
    "augmentation_ratio": "it is about augmented images",
    "budget": "how long folds take is measured on features of images only",
    "ensemble": "it is found among combinations on features of images",
}


def is_table_of_columns(dataset: Any) -> bool:
    """Tell whether `dataset`, as it was written, is a table without images.

    Examples
    --------
    >>> is_table_of_columns({"table": "cells.csv", "target": "diagnosis"})
    True
    >>> is_table_of_columns({"table": "cells.csv", "target": "diagnosis", "image": "file"})
    False
    """
    return (
        isinstance(dataset, Mapping)
        and dataset.get("table") is not None
        and all(dataset.get(key) is None for key in ("image", "path", "mask", "masks"))
    )


def column_problems(written: Mapping[str, Any]) -> list[tuple[Location, str]]:
    """Return where a key stands that does not go with the source, and a sentence with the remedy.

    Examples
    --------
    >>> column_problems({"dataset": {"table": "a.csv", "target": "y"}, "classifiers": ["lda"]})
    []
    >>> column_problems({"dataset": {"path": "images", "exclude": ["a"]}})[0][0]
    ('dataset', 'exclude')
    """
    dataset = written.get("dataset")
    if not isinstance(dataset, Mapping):
        return []
    if is_table_of_columns(dataset):
        return _problems_of_columns(written, dataset)
    problems: list[tuple[Location, str]] = [
        (
            ("dataset", key),
            "goes with a table of columns only, which has no image: column. With images, write "
            "columns: [age, sex] for what is joined to them. Leave it out.",
        )
        for key in OF_TABLES
        if dataset.get(key) is not None
    ]
    if dataset.get("columns") is None:
        return problems + [
            (("dataset", key), "is about columns to learn from. Got none: write columns, too.")
            for key in OF_BOTH
            if dataset.get(key) not in (None, _USUAL.get(key))
        ]
    if dataset.get("table") is None:
        problems.append((("dataset", "columns"), "goes with a table only, which has columns."))
    return problems


def _problems_of_columns(
    written: Mapping[str, Any], dataset: Mapping[str, Any]
) -> list[tuple[Location, str]]:
    compared = [key for key in ("extractors", "networks") if written.get(key)]
    if compared:
        return [
            (
                ("dataset",),
                "a table without image: is learnt from as it stands, its columns being the rows; "
                f"{compared[0]} need images. Write image: the column with the image paths, or "
                f"leave out {' and '.join(compared)}.",
            )
        ]
    problems: list[tuple[Location, str]] = [
        (
            ("dataset", key),
            "is about images, and this table has no image: column. Leave it out, or write image.",
        )
        for key in OF_IMAGES
        if dataset.get(key) not in (None, _USUAL.get(key))
    ]
    if dataset.get("columns") is not None:
        text = "joins columns to images. Without image: write features: the columns to learn from."
        problems.append((("dataset", "columns"), text))
    if dataset.get("target") is None:
        text = "a table needs target: write the name of the column that is to be predicted."
        problems.append((("dataset",), text))
    group = dataset.get("group")
    if group is not None and not isinstance(group, str):
        text = "must be the name of a column, as there are no paths of images."
        problems.append((("dataset", "group"), text))
    return problems + [
        ((key,), f"does not go with a table of columns: {why}. Leave it out.")
        for key, why in _SECTIONS.items()
        if written.get(key) not in (None, [], "auto")
    ]


def without_other_sources(sections: dict[str, Any]) -> dict[str, Any]:
    """Return a whole configuration without the keys that do not go with its source.

    Of images, what is about columns stands behind the rest.
    """
    dataset = dict(sections["dataset"])
    of_columns = {key: dataset.pop(key) for key in KEYS_OF_COLUMNS}
    of_columns = {
        key: list(one) if isinstance(one, tuple) else one for key, one in of_columns.items()
    }
    if not is_table_of_columns(dataset):
        with_images = ("columns", *OF_BOTH)
        if of_columns["columns"] is not None:
            dataset |= {key: of_columns[key] for key in with_images}
        return {**sections, "dataset": dataset}
    del of_columns["columns"]
    for key in (*OF_IMAGES, "path", "image"):
        dataset.pop(key, None)
    kept = {key: one for key, one in sections.items() if key not in _SECTIONS}
    kept.pop("on_unavailable", None)
    return {**kept, "dataset": {**dataset, **of_columns}}
