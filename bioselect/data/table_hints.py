"""What is probably meant when the images of a table are not where it says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

from bioselect.data.layouts import IMAGE_SUFFIXES, is_image_name
from bioselect.data.table_rows import TableRow
from bioselect.visible import visible_line

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
        return bool(cell) and (is_image_name(path) or os.path.isfile(path))

    if any(map(is_image, images)) or not all(map(is_image, targets)):
        return ""
    return visible_line(
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
    if ending := _missing_ending(tried, root):
        return f"there they end in {ending}: add it to the paths in the table."
    for folder in folders_around(root):
        if all(os.path.isfile(_path(folder, cell)) for cell in tried):
            return f"they lie in {folder}: write it as dataset.root, or put the table there."
        if ending := _missing_ending(tried, folder):
            return (
                f"they lie in {folder} and end in {ending}: add both to the paths in the table, or "
                "the ending to these and the folder as dataset.root."
            )
    return _without_beginning(tried, root)


def _missing_ending(tried: Sequence[str], folder: Path) -> str:
    """Return the ending with which the paths are files in a folder, or nothing."""
    for suffix in sorted(IMAGE_SUFFIXES):
        for ending in (suffix, suffix.upper()):
            if all(os.path.isfile(_path(folder, cell + ending)) for cell in tried):
                return ending
    return ""


def _without_beginning(tried: Sequence[str], root: Path) -> str:
    """Say which folders of another computer stand before paths that are right without them."""
    parts = [PurePosixPath(cell.replace("\\", "/")).parts for cell in tried]
    folders = zip(*(one[:-1] for one in parts), strict=False)  # as deep as the shortest path
    shared = list(takewhile(lambda names: len(set(names)) == 1, folders))
    for n_parts in range(1, len(shared) + 1):
        if all(os.path.isfile(root.joinpath(*one[n_parts:])) for one in parts):
            beginning = PurePosixPath(*parts[0][:n_parts])
            return f"there they are without {beginning}/: take it out of the paths in the table."
    return ""


def other_capitals(missing: Sequence[str], root: Path) -> str:
    """Say that files are there whose names differ in capitals only, or lost links, or nothing.

    Parameters
    ----------
    missing : sequence of str
        Paths as they stand in the table, of which no file is found.
    root : Path
        The folder they start from.
    """
    tried = [_path(root, cell) for cell in missing[:_N_TRIED]]
    names_in = {folder: _names_by_lower(folder) for folder in {path.parent for path in tried}}
    found = [names_in[path.parent].get(path.name.lower(), "") for path in tried]
    if not tried or not all(found):
        return ""
    if any(name == path.name for name, path in zip(found, tried, strict=True)):
        return f"there {found[0]} is a link that leads nowhere: copy the image itself."
    return f"there it is {found[0]}, with other capitals: write names as they are on the disk."


def _names_by_lower(folder: Path) -> dict[str, str]:
    try:
        return {name.lower(): name for name in sorted(os.listdir(folder))}
    except OSError:
        return {}


def _path(root: Path, cell: str) -> Path:
    return root / cell.replace("\\", "/")


def folders_around(root: Path) -> Iterator[Path]:
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
