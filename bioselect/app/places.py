"""Folders and files of this machine that may be named on the page: those inside one root."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bioselect.app.refusal import RefusedError
from bioselect.data.layouts import is_image_name
from bioselect.data.names import is_text
from bioselect.data.table_rows import is_table

#: Of a folder with more entries, only the first are listed.
_MOST = 500


@dataclass(frozen=True)
class Listing:
    """What is seen of a folder: `files` are tables and .npz files, which may be data sets."""

    path: Path
    parents: tuple[Path, ...]
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    n_images: int
    n_left_out: int
    n_nameless: int = 0


def named_place(text: str, root: Path) -> Path:
    """Return the path that somebody typed; relative ones start from the root.

    Raises
    ------
    RefusedError
        If there is no such thing, or it lies outside.
    """
    text = text.strip().strip('"')
    if not text:
        raise RefusedError("Name a folder, or choose one with Browse.")
    if "\0" in text:
        raise RefusedError("A path must not hold a character with the code 0.")
    if text == "~" or text.startswith(("~/", "~\\")):
        text = str(Path.home()) + text[1:]
    # Links are followed before it is looked at whether it lies inside.
    path = Path(os.path.realpath(root / text))
    if not path.is_relative_to(root):
        raise RefusedError(
            "This lies outside of the folder that the page may look into. Choose another, or start "
            "`bioselect app` with --root FOLDER."
        )
    if not _exists(path):
        raise RefusedError("There is no such file or folder. Check the spelling, or use Browse.")
    return path


def shown_path(path: Path, root: Path) -> str:
    """Return a path as it is shown and may be typed again: without what lies above the root.

    Examples
    --------
    >>> shown_path(Path("/data/lab/cells"), Path("/data/lab"))
    'cells'
    """
    relative = path.relative_to(root) if path.is_relative_to(root) else path
    return relative.as_posix()


def listing(path: Path, root: Path) -> Listing:
    """Return what is in a folder; what is hidden is left out.

    Raises
    ------
    RefusedError
        If it is no folder, or nobody may look into it.
    """
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name.lower())
    except NotADirectoryError as error:
        raise RefusedError("This is a file. Choose the folder in which it lies.") from error
    except OSError as error:
        raise RefusedError(f"This folder cannot be looked into ({error.strerror}).") from error
    visible = [entry for entry in entries if not entry.name.startswith(".")]
    seen = [entry for entry in visible if is_text(entry.name)]
    folders = [Path(entry.path) for entry in seen if _is_folder(entry)]
    files = [
        Path(entry.path)
        for entry in seen
        if not _is_folder(entry) and (is_table(Path(entry.name)) or entry.name.endswith(".npz"))
    ]
    n_images = sum(not _is_folder(entry) and is_image_name(Path(entry.name)) for entry in seen)
    above = [one for one in (path, *path.parents) if one.is_relative_to(root)]
    return Listing(
        path,
        tuple(reversed(above)),
        tuple(folders[:_MOST]),
        tuple(files[:_MOST]),
        n_images,
        max(0, len(folders) - _MOST) + max(0, len(files) - _MOST),
        sum(_is_folder(entry) for entry in visible) - len(folders),
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:
        raise RefusedError(
            "You have no right to look into this folder. Choose another, or ask whom it belongs to."
        ) from error
    except OSError:  # A name longer than any file may have.
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
