"""A table with one row per image -> a data set."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from bioselect.data.layouts import GroupRule, is_image_name
from bioselect.data.names import as_text, composed, exists, stored_path
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.remote_files import bring_files
from bioselect.data.table_hints import other_capitals, swapped_columns, where_they_may_be
from bioselect.data.table_labels import LabelCell, LabelColumns, LabelTarget, labels_of_rows
from bioselect.data.table_numbers import NumberColumn, numbers_of_rows
from bioselect.data.table_rows import TableRow, read_rows
from bioselect.exceptions import DataError

_N_LISTED = 5
#: Where the targets of images stand: a class, several labels, or a number; None for none.
Target: TypeAlias = str | LabelTarget | NumberColumn | None


def from_table(
    table: Path,
    image: str,
    target: Target = None,
    group: GroupRule | None = None,
    root: Path | None = None,
) -> tuple[ImageDataset, list[str]]:
    """Read a CSV, TSV or Excel file that has one row per image.

    Parameters
    ----------
    table : Path
        Text or an Excel file, as :func:`bioselect.data.table_rows.read_rows` takes them.
    image : str
        The column with the paths of the images, with forward or backward slashes.
    target : str, LabelColumns, LabelCell, NumberColumn or None
        The column with the class, where several labels an image stand, or the column with the
        number; None for images without any.
    group : GroupRule or None
        The group: a column, or a folder level or pattern of the image's path.
    root : Path or None
        The folder that the paths start from; None is the folder of the table.

    Returns
    -------
    dataset : ImageDataset
        Sorted by image id, the path relative to `root`.
    notes : list of str
        What was left aside, in words.

    Raises
    ------
    DataError
        If the table cannot be read, a column is unknown, a cell is empty or holds no label, an
        image is missing or stands in two rows.
    """
    table = Path(table)
    root = table.parent if root is None else Path(root)
    image = composed(image)
    target = composed_target(target)
    if group is not None and group.column is not None:
        group = replace(group, column=composed(group.column))
    header, rows = read_rows(table, image)
    for column in (image, *target_columns(target), group.column if group else None):
        if column is not None and column not in header:
            raise DataError(_unknown_column(table, column, header))
    _check_different(table, image, target, group)
    if isinstance(target, str) and (swapped := swapped_columns(rows, image, target, root)):
        raise DataError(f"{table}: {swapped}")
    _check_filled(table, rows, image, "the path of an image")
    targets, class_names = _targets(table, rows, target)
    if group is not None and group.column is not None:
        _check_filled(table, rows, group.column, "the group")
    pairs = zip(rows, targets, strict=True)
    records = [_record(row, image, one, group, root) for row, one in pairs]
    _check_unique(table, rows, records)
    bring_files([record.path for record in records])
    _check_present(table, [row.cells[image] for row in rows], records, root)
    dataset = ImageDataset(
        name=f"{table.resolve().parent.name}/{table.name}",
        root=root,
        records=tuple(sorted(records, key=lambda record: record.image_id)),
        class_names=class_names,
        target_name=target.name if isinstance(target, NumberColumn) else "",
    )
    return dataset, _notes(records)


def unused_columns(
    table: Path, image: str, root: Path | None, dataset: ImageDataset, used: Sequence[str | None]
) -> dict[str, list[str]] | None:
    """Return the columns that nothing was read from, with a cell for each image.

    Parameters
    ----------
    table, image, root
        As for :func:`from_table`, which must have taken them.
    dataset : ImageDataset
        The images, in whose order the cells are.
    used : sequence of str or None
        The columns that something was read from.

    Returns
    -------
    dict of str to list of str, or None
        By the name of the column. None where images are not those of the rows: folders that
        stand for a DICOM series.
    """
    _, rows = rows_by_image(table, image, root)
    cells_of = {image_id: row.cells for image_id, row in rows.items()}
    files = [record.file_id for record in dataset.records]
    if not all(file in cells_of for file in files):
        return None
    names = [name for name in cells_of[files[0]] if name not in used]
    return {name: [cells_of[file][name] for file in files] for name in names}


def rows_by_image(
    table: Path, image: str, root: Path | None
) -> tuple[list[str], dict[str, TableRow]]:
    """Return the names of the columns, and each row by the id of its image.

    The parameters are those of :func:`from_table`, which must have taken them.
    """
    image = composed(image)
    header, rows = read_rows(table, image)
    start = table.parent if root is None else Path(root)
    return header, {_image_id(_place(row, image, start), start): row for row in rows}


def composed_target(target: Target) -> Target:
    """Return the target with the names of its columns as `read_rows` returns them."""
    if isinstance(target, LabelColumns):
        return LabelColumns(tuple(map(composed, target.names)))
    if isinstance(target, LabelCell):
        return replace(target, column=composed(target.column))
    if isinstance(target, NumberColumn):
        return replace(target, name=composed(target.name))
    return None if target is None else composed(target)


def target_columns(target: Target) -> tuple[str, ...]:
    """Return the columns that a target is read from."""
    if target is None:
        return ()
    return (target,) if isinstance(target, str) else target.columns


def _targets(
    table: Path, rows: Sequence[TableRow], target: Target
) -> tuple[Sequence[str | float | tuple[str, ...] | None], tuple[str, ...]]:
    """Return the target of each row, and the names of the classes or labels; of numbers none."""
    if target is None:
        return [None] * len(rows), ()
    if isinstance(target, NumberColumn):
        return numbers_of_rows(table, rows, target), ()
    if not isinstance(target, str):
        return labels_of_rows(table, rows, target)
    _check_filled(table, rows, target, "the class")
    classes = [composed(row.cells[target]) for row in rows]
    return classes, tuple(sorted(set(classes)))


def _unknown_column(table: Path, column: str, header: Sequence[str]) -> str:
    data = next((name for name in header if is_image_name(Path(name))), None)
    if data is not None:
        return (
            f"{table}: the first line must name the columns, one of them {column!r}. Got what "
            f"looks like an image ({data}). Write a line with the names above it."
        )
    if len(header) == 1 and re.search(rf"\b{re.escape(column)}\b", header[0]):
        return (
            f"{table}: columns must be separated by commas, semicolons or tabs. Got one column, "
            f"{header[0]!r}. Save the table as CSV."
        )
    parts = [part.strip() for part in column.split(",")]
    if len(parts) > 1 and set(parts) <= set(header):
        listed = ", ".join(parts)
        return (
            f"{table}: has no column {column!r}, but one for each of these names. Several columns "
            f"of labels are a list, in brackets: target: [{listed}]."
        )
    lower = {name.lower(): name for name in header}
    near = difflib.get_close_matches(column.lower(), list(lower), n=1, cutoff=0.5)
    hint = f"Did you mean {lower[near[0]]!r}? " if near else ""
    return f"{table}: has no column {column!r}. {hint}Its columns: {', '.join(header)}."


def _check_different(table: Path, image: str, target: Target, group: GroupRule | None) -> None:
    """Refuse one column for two things: it would be too many classes, or one group for each."""
    what = "number" if isinstance(target, NumberColumn) else "class"
    if image in target_columns(target):
        raise DataError(
            f"{table}: image and target must be different columns. Got {image!r} for both. Write "
            f"the column with the {what} as target."
        )
    if group is not None and group.column in target_columns(target):
        raise DataError(
            f"{table}: group and target must be different columns. Got {group.column!r} for both. "
            "Write the column with the patient or slide as group, or leave it out."
        )


def _check_filled(table: Path, rows: Sequence[TableRow], column: str, what: str) -> None:
    empty = [str(row.line) for row in rows if not row.cells[column]]
    if empty:
        raise DataError(
            f"{table}: column {column!r} must hold {what} in every row. Got {len(empty)} empty "
            f"cells (line {', '.join(empty[:_N_LISTED])}{_more(len(empty))}). Fill them in or "
            "remove the rows."
        )


def _more(n_found: int) -> str:
    return f" and {n_found - _N_LISTED} more" if n_found > _N_LISTED else ""


def _record(
    row: TableRow,
    image: str,
    target: str | float | tuple[str, ...] | None,
    group: GroupRule | None,
    root: Path,
) -> ImageRecord:
    path = _place(row, image, root)
    image_id = _image_id(path, root)
    name = None
    if group is not None and group.column is not None:
        name = composed(row.cells[group.column])
    elif group is not None:
        name = group.group_of(composed(image_id))
    return ImageRecord(image_id, path, target, name)


def _place(row: TableRow, image: str, root: Path) -> Path:
    return stored_path(root, row.cells[image].replace("\\", "/"))


def _image_id(path: Path, root: Path) -> str:
    """Return the path relative to `root`; an image elsewhere keeps its whole path."""
    plain = Path(os.path.abspath(path))
    try:
        return as_text(plain.relative_to(os.path.abspath(root)))
    except ValueError:
        return as_text(plain)


def _check_unique(table: Path, rows: Sequence[TableRow], records: Sequence[ImageRecord]) -> None:
    line_of: dict[str, int] = {}
    for row, record in zip(rows, records, strict=True):
        if record.image_id in line_of:
            raise DataError(
                f"{table}: each image must stand in one row. Got {record.image_id} in lines "
                f"{line_of[record.image_id]} and {row.line}. Remove one."
            )
        line_of[record.image_id] = row.line


def _check_present(
    table: Path, written: Sequence[str], records: Sequence[ImageRecord], root: Path
) -> None:
    gone = [place for place, record in enumerate(records) if not exists(record.path)]
    if gone:
        hint = other_capitals([written[place] for place in gone], root)
        if not hint and len(gone) == len(records):
            hint = where_they_may_be(written, root)
        remedy = hint or "choose another folder with dataset.root, or correct the table."
        listed = ", ".join(records[place].image_id for place in gone[:_N_LISTED])
        told = (
            f"{table}: {len(gone)} of {len(records)} images are missing: "
            f"{listed}{_more(len(gone))}. The paths start from {root}; {remedy}"
        )
        raise DataError(as_text(told))  # The remedy names files and folders as they are.


def _notes(records: Sequence[ImageRecord]) -> list[str]:
    strange = [record.image_id for record in records if not is_image_name(record.path)]
    if not strange:
        return []
    return [f"{len(strange)} paths do not end like images, for example {strange[0]}."]
