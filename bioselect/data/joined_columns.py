"""Columns of a table that are joined to its images: a row of numbers for each image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.data.column_cells import coded
from bioselect.data.column_kinds import kind_of_column
from bioselect.data.column_roles import ColumnChoice, check_known
from bioselect.data.feature_table import FeatureTable
from bioselect.data.records import ImageDataset
from bioselect.data.table_rows import TableRow
from bioselect.data.tables import rows_by_image
from bioselect.exceptions import DataError


def read_joined_columns(
    table: Path,
    image: str,
    root: Path | None,
    dataset: ImageDataset,
    choice: ColumnChoice,
    used: Sequence[str] = (),
) -> FeatureTable:
    """Return the columns of a table that are joined to images, a row for each of them.

    Parameters
    ----------
    table, image, root
        As for :func:`bioselect.data.tables.from_table`, which must have taken them.
    dataset : ImageDataset
        The images, in whose order the rows are. Parts of one file have the row of the file.
    choice : ColumnChoice
        With the columns in `features`.
    used : sequence of str
        Columns that hold something else: target, group.

    Raises
    ------
    DataError
        If a column is unknown, holds something else, or cannot be read: a line for each.
    """
    choice = choice.composed()
    names = choice.features or ()
    header, rows = rows_by_image(table, image, root)
    check_known(table, header, (), None, choice, "columns")
    for name in names:
        if name == image or name in used:
            raise DataError(
                f"{table}: dataset.columns must not hold the image, the target or the group. Got "
                f"{name!r}. Leave it out."
            )
    for name in choice.categorical:
        if name not in names:
            raise DataError(
                f"{table}: dataset.categorical must list some of dataset.columns. Got {name!r}. "
                "Leave it out, or add it to columns."
            )
    found = rows_of_images(table, dataset, rows)
    kinds = [
        kind_of_column(
            name,
            [(row.line, row.cells[name]) for row in rows.values()],
            name in choice.categorical,
            choice.decimal,
            "Leave it out of dataset.columns.",
        )
        for name in names
    ]
    if problems := [text for column, text in kinds if column is None]:
        raise DataError("\n".join(f"{table}: {text}" for text in problems))
    columns = tuple(column for column, _ in kinds if column is not None)
    values = [coded([row.cells[one.name] for row in found], one, choice.decimal) for one in columns]
    return FeatureTable(columns, np.ascontiguousarray(np.stack(values, axis=1)))


def rows_of_images(table: Path, dataset: ImageDataset, rows: dict[str, TableRow]) -> list[TableRow]:
    """Return the row of the table that each image stands in.

    Raises
    ------
    DataError
        If images are not those of the rows: folders that stand for a DICOM series.
    """
    without = [record.file_id for record in dataset.records if record.file_id not in rows]
    if without:
        raise DataError(
            f"{table}: columns can be joined to images that stand in the table themselves. Got "
            f"{without[0]}, which is found in a folder. Name every file in the table."
        )
    return [rows[record.file_id] for record in dataset.records]
