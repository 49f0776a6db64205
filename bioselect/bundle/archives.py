"""Archives of others, unpacked safely."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from bioselect.exceptions import BundleError
from bioselect.storage import explained_storage_errors, unpacking_problem

#: What damage of an archive happens to cause.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
    lzma.LZMAError,
)
#: Where in an entry's attributes stands what it is on other systems than Windows.
_KIND_SHIFT = 16


def is_inside(name: str) -> bool:
    """Tell whether a relative name stays in the folder that it starts from, on every system.

    Examples
    --------
    >>> is_inside("extractor/backbone.keras"), is_inside("../other"), is_inside("C:/other")
    (True, False, False)
    """
    windows = PureWindowsPath(name)
    return bool(windows.parts) and not windows.anchor and ".." not in windows.parts


def unpack(path: Path, folder: Path) -> None:
    """Unpack the zip `path` into `folder`.

    Raises
    ------
    BundleError
        If it is no zip, damaged, locked with a password, entries point out of `folder` or hide
        one another, or it is larger than a model.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        raise BundleError(
            f"{path}: must be a model folder or a zip of one. Got a configuration. Give the folder "
            "that its run wrote (`output:`)."
        )
    if not zipfile.is_zipfile(path):
        raise BundleError(
            f"{path}: must be a model folder or a zip of one. Got a file that is no zip, or one "
            "that is cut short. Use another copy of the model."
        )
    try:
        with explained_storage_errors(folder), zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if problem := names_problem(infos):
                raise BundleError(
                    f"{path}: {problem}. It is not opened; use a copy from a source you trust."
                )
            folder.mkdir(parents=True, exist_ok=True)
            if problem := unpacking_problem(
                sum(info.file_size for info in infos),
                sum(info.compress_size for info in infos),
                folder,
            ):
                raise BundleError(
                    f"{path}: {problem}. It is not opened; give the unpacked model, from a source "
                    "you trust."
                )
            archive.extractall(folder)
    except DAMAGE as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{path}: the zip cannot be unpacked ({reason}). Use another copy of the model."
        ) from error


def names_problem(infos: Iterable[zipfile.ZipInfo]) -> str:
    """Say why entries of a zip must not be unpacked, as their names and kinds are; or nothing.

    All must lie inside, be files or folders, and no file may be written over another one or over
    a folder, on any system: one place may be written in several ways (`a/b`, `A/b`, `a/./b`).

    Examples
    --------
    >>> names_problem([zipfile.ZipInfo("a/b"), zipfile.ZipInfo("a/./b")])
    "every file must have a name of its own on every system. Got 'a/b' and 'a/./b'"
    """
    files: dict[PurePosixPath, str] = {}
    folders: dict[PurePosixPath, str] = {}
    for info in infos:
        if not is_inside(info.filename):
            return f"every entry must lie inside the zip. Got {info.filename!r}"
        if stat.S_ISLNK(info.external_attr >> _KIND_SHIFT):
            return f"every entry must be a file or a folder. Got the link {info.filename!r}"
        place = PurePosixPath(str(place_of_entry(info)).casefold())
        folders |= dict.fromkeys(place.parents, info.filename)
        if info.is_dir():
            folders[place] = info.filename
        elif place in files:
            both = dict.fromkeys((files[place], info.filename))
            names = " and ".join(map(repr, both)) + (" twice" if len(both) == 1 else "")
            return f"every file must have a name of its own on every system. Got {names}"
        else:
            files[place] = info.filename
    for place, name in files.items():
        if place in folders:
            return f"a name must be a file or a folder. Got {name!r} and {folders[place]!r}"
    return ""


def place_of_entry(info: zipfile.ZipInfo) -> PurePosixPath:
    """Return where an entry lies, one way of writing for each place."""
    return PurePosixPath(info.filename.replace("\\", "/"))
