"""A table with one row per image -> a data set."""

from __future__ import annotations

import csv
import difflib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.layouts import GroupRule, is_image_name
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import DataError

DELIMITERS = (",", ";", "\t")
_N_LISTED = 5


@dataclass(frozen=True)
class _Row:
    """A row of the table with the line it ends on, counted from 1 as editors do."""

    line: int
    cells: dict[str, str]


def from_table(
    table: Path,
    image: str,
    target: str | None = None,
    group: GroupRule | None = None,
    root: Path | None = None,
) -> tuple[ImageDataset, list[str]]:
    """Read a CSV or TSV file that has one row per image.

    Parameters
    ----------
    table : Path
        UTF-8 text whose first line names the columns, separated by comma, semicolon or tab.
    image : str
        The column with the paths of the images, with forward or backward slashes.
    target : str or None
        The column with the class; None for images without labels.
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
        If the table cannot be read, a column is unknown, a cell is empty, an image is missing or
        stands in two rows.
    """
    table = Path(table)
    root = table.parent if root is None else Path(root)
    header, rows = read_rows(table, image)
    for column in (image, target, group.column if group else None):
        if column is not None and column not in header:
            raise DataError(_unknown_column(table, column, header))
    _check_filled(table, rows, image, "the path of an image")
    if target is not None:
        _check_filled(table, rows, target, "the class")
    if group is not None and group.column is not None:
        _check_filled(table, rows, group.column, "the group")
    records = [_record(row, image, target, group, root) for row in rows]
    _check_unique(table, rows, records)
    _check_present(table, records, root)
    class_names = tuple(sorted({str(r.target) for r in records})) if target is not None else ()
    dataset = ImageDataset(
        name=f"{table.resolve().parent.name}/{table.name}",
        root=root,
        records=tuple(sorted(records, key=lambda record: record.image_id)),
        class_names=class_names,
    )
    return dataset, _notes(records)


def read_rows(table: Path, image: str) -> tuple[list[str], list[_Row]]:
    """Return the names of the columns and the rows; empty lines do not count."""
    text = _text_of(table)
    first_line = next(io.StringIO(text, newline=""), "")
    if not first_line.strip():
        raise DataError(
            f"{table}: the first line must name the columns. Got an empty one. Save the table as "
            "CSV with a header."
        )
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(first_line, image), strict=True
    )
    try:
        header = [name.strip() for name in next(reader)]
        _check_header(table, header)
        rows = []
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                raise DataError(
                    f"{table}:{reader.line_num}: must have {len(header)} columns like the first "
                    f"line. Got {len(values)}. Put text that holds the separator in quotes."
                )
            cells = (value.strip() for value in values)
            rows.append(_Row(reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise DataError(
            f"{table}:{reader.line_num}: is not a table ({error}). Save it as CSV (UTF-8)."
        ) from error
    if not rows:
        raise DataError(f"{table}: must have one row per image. Got only the first line.")
    return header, rows


def _text_of(table: Path) -> str:
    remedy = "Save the table as CSV (UTF-8)."
    try:
        data = table.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{table}: there is no such file. Check dataset.table.") from error
    except IsADirectoryError as error:
        raise DataError(
            f"{table}: must be a table, a file. Got a folder. For one folder per class write "
            "dataset.path."
        ) from error
    except PermissionError as error:
        raise DataError(f"{table}: no permission to read it. Ask for the right to.") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(f"{table}: must be text. Got a spreadsheet file. {remedy}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{table}:{line}: must be UTF-8 text. Got the byte 0x{data[error.start]:02x}. {remedy}"
        ) from error
    if "\0" in text:
        raise DataError(f"{table}: must be text. Got zero bytes. {remedy}")
    return text


def _delimiter(first_line: str, image: str) -> str:
    """Return the separator under which the image column is found, else the most frequent one."""

    def names(delimiter: str) -> list[str]:
        return [name.strip() for name in next(csv.reader([first_line], delimiter=delimiter))]

    fitting = [delimiter for delimiter in DELIMITERS if image in names(delimiter)]
    return max(fitting or DELIMITERS, key=lambda delimiter: len(names(delimiter)))


def _check_header(table: Path, header: Sequence[str]) -> None:
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(
            f"{table}: each column must have its own name. Got {repeated[0]!r} twice. Rename one."
        )


def _unknown_column(table: Path, column: str, header: Sequence[str]) -> str:
    lower = {name.lower(): name for name in header}
    near = difflib.get_close_matches(column.lower(), list(lower), n=1, cutoff=0.5)
    hint = f"Did you mean {lower[near[0]]!r}? " if near else ""
    return f"{table}: has no column {column!r}. {hint}Its columns: {', '.join(header)}."


def _check_filled(table: Path, rows: Sequence[_Row], column: str, what: str) -> None:
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
    row: _Row, image: str, target: str | None, group: GroupRule | None, root: Path
) -> ImageRecord:
    path = root / row.cells[image].replace("\\", "/")
    image_id = _image_id(path, root)
    name = None
    if group is not None:
        name = row.cells[group.column] if group.column is not None else group.group_of(image_id)
    return ImageRecord(image_id, path, row.cells[target] if target is not None else None, name)


def _image_id(path: Path, root: Path) -> str:
    """Return the path relative to `root`; an image elsewhere keeps its whole path."""
    plain = Path(os.path.normpath(path))
    try:
        return plain.relative_to(os.path.normpath(root)).as_posix()
    except ValueError:
        return plain.as_posix()


def _check_unique(table: Path, rows: Sequence[_Row], records: Sequence[ImageRecord]) -> None:
    line_of: dict[str, int] = {}
    for row, record in zip(rows, records, strict=True):
        if record.image_id in line_of:
            raise DataError(
                f"{table}: each image must stand in one row. Got {record.image_id} in lines "
                f"{line_of[record.image_id]} and {row.line}. Remove one."
            )
        line_of[record.image_id] = row.line


def _check_present(table: Path, records: Sequence[ImageRecord], root: Path) -> None:
    missing = [record.image_id for record in records if not record.path.is_file()]
    if missing:
        raise DataError(
            f"{table}: {len(missing)} of {len(records)} images are missing: "
            f"{', '.join(missing[:_N_LISTED])}{_more(len(missing))}. The paths start from {root}; "
            "choose another folder with dataset.root, or correct the table."
        )


def _notes(records: Sequence[ImageRecord]) -> list[str]:
    strange = [record.image_id for record in records if not is_image_name(record.path)]
    if not strange:
        return []
    return [f"{len(strange)} paths do not end like images, for example {strange[0]}."]
