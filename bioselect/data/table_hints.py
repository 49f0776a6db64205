"""What is probably meant when the images of a table are not where it says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioselect.data.layouts import IMAGE_SUFFIXES, is_image_name
from bioselect.data.table_rows import TableRow

#: So many folders and files are looked at; a hint must not take longer than the work.
_MOST_FOLDERS = 300
_N_TRIED = 20
_DEPTH = 2


def swapped_columns(rows: Sequence[TableRow], image: str, target: str, root: Path) -> str:
    """Say that the columns of images and classes look swapped, or nothing.

    They do when every cell of the target column looks like an image or is a file, and no cell of
    the image column does.
    """
    images = [row.cells[image] for row in rows]
    targets = [row.cells[target] for row in rows]

    def is_image(cell: str) -> bool:
        path = _path(root, cell)
        return bool(cell) and (is_image_name(path) or path.is_file())

    if any(map(is_image, images)) or not all(map(is_image, targets)):
        return ""
    return (
        f"the columns look swapped. Column {target!r}, given as the target, holds files "
        f"({targets[0]}), and column {image!r}, given as the image, does not ({images[0]}). Write "
        f"image: {target} and target: {image}."
    )


def where_they_may_be(written: Sequence[str], root: Path) -> str:
    """Say where the images of a table lie, none of which lies where the table says, or nothing.

    Parameters
    ----------
    written : sequence of str
        The paths as they stand in the table.
    root : Path
        The folder they were taken to start from.
    """
    tried = list(written[:_N_TRIED])
    for suffix in sorted(IMAGE_SUFFIXES):
        for ending in (suffix, suffix.upper()):
            if all(_path(root, cell + ending).is_file() for cell in tried):
                return f"there they end in {ending}: add it to the paths in the table."
    for folder in _folders_around(root):
        if all(_path(folder, cell).is_file() for cell in tried):
            return f"they lie in {folder}: write it as dataset.root."
    return ""


def _path(root: Path, cell: str) -> Path:
    return root / cell.replace("\\", "/")


def _folders_around(root: Path) -> Iterator[Path]:
    """Yield the folders in `root`, its parent and the folders in that, the near ones first."""
    above = root.resolve().parent
    seen = {root.resolve()}
    for start, depth in ((root, _DEPTH), (above, 0), (above, 1)):
        for folder in _folders_in(start, depth):
            if len(seen) > _MOST_FOLDERS:
                return
            if folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder


def _folders_in(start: Path, depth: int) -> Iterator[Path]:
    """Yield a folder and those in it, down to a depth; what cannot be looked into is left out."""
    yield start
    if depth == 0:
        return
    try:
        with os.scandir(start) as entries:
            inside = sorted(Path(entry.path) for entry in entries if entry.is_dir())
    except OSError:
        return
    for folder in inside:
        if not folder.name.startswith("."):
            yield from _folders_in(folder, depth - 1)
