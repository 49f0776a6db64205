"""Labelled images that a finished model is judged on, with what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.bundle.reading import Model
from bioselect.data.column_words import POINT
from bioselect.data.layouts import from_class_folders
from bioselect.data.npz_datasets import from_npz, is_npz
from bioselect.data.records import ImageDataset
from bioselect.data.table_numbers import NumberColumn
from bioselect.data.table_rows import is_table
from bioselect.data.tables import Target, from_table
from bioselect.exceptions import DataError
from bioselect.workflows.evaluated_labels import target_of_labels
from bioselect.workflows.listed_images import group_rule_of_column


@dataclass(frozen=True)
class TableColumns:
    """The columns of a labelled table; of an .npz file the splits, None for the only one."""

    image: str | None = None
    target: str | None = None
    group: str | None = None
    splits: tuple[str, ...] | None = None

    def given(self, but: Sequence[str]) -> list[str]:
        """Return what was given, as options of the command line, but for some of them."""
        return [f"--{name}" for name, value in vars(self).items() if value and name not in but]


#: For a folder.
NO_COLUMNS = TableColumns()


def read_labelled(
    path: Path, columns: TableColumns, model: Model
) -> tuple[ImageDataset, list[str]]:
    """Return labelled images, and what was noticed while they were listed.

    Raises
    ------
    DataError
        If they cannot be read, or are not named as such images must be.
    """
    if columns.splits is not None and not is_npz(path):
        raise DataError(
            f"{path}: --splits names splits, which only an .npz file has. Leave it out, or give "
            "such a file."
        )
    if is_table(path):
        labels = model.manifest.labels
        if columns.image is None or (columns.target is None and labels is None):
            raise DataError(
                f"{path}: a table must come with the names of its columns. Add --image NAME and "
                "--target NAME."
            )
        rule = group_rule_of_column(columns.group)
        target: Target = columns.target
        if labels is not None:
            target = target_of_labels(columns.target, labels, model.class_names)
        if model.number is not None and columns.target is not None:
            part = model.manifest.columns
            target = NumberColumn(columns.target, part.decimal if part is not None else POINT)
        return from_table(path, columns.image, target, rule, None)
    if model.number is not None:
        raise DataError(
            f"{path}: must be a table with a number for each image, as the model predicts "
            f"{model.number.in_words}. Give one (.csv, .tsv, .xlsx), with --image NAME and "
            "--target NAME."
        )
    if columns != TableColumns(splits=columns.splits):
        raise DataError(
            f"{path}: --image, --target and --group name columns, which only a table has. Leave "
            "them out, or give a table (.csv, .tsv, .xlsx)."
        )
    if is_npz(path):
        return from_npz(path, columns.splits)
    return from_class_folders(path, None)
