"""Archives of others, unpacked safely."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

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
#: The part of an entry's attributes that says what it is, and a link there.
_KIND_SHIFT, _KIND, _LINK = 16, 0o170000, 0o120000


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
        If it is no zip, damaged, locked with a password, an entry points out of `folder`, or it is
        larger than a model.
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
            outside = [name for name in archive.namelist() if not is_inside(name)]
            if outside:
                raise BundleError(
                    f"{path}: every entry must lie inside the archive. Got {outside[0]!r}. It is "
                    "not opened; use a copy from a source you trust."
                )
            folder.mkdir(parents=True, exist_ok=True)
            infos = archive.infolist()
            if problem := _names_problem(infos):
                raise BundleError(
                    f"{path}: {problem}. It is not opened; use a copy from a source you trust."
                )
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


def _names_problem(infos: list[zipfile.ZipInfo]) -> str:
    """Say which entry hides another one, or is none; or nothing."""
    seen: dict[str, str] = {}
    for info in infos:
        if (info.external_attr >> _KIND_SHIFT) & _KIND == _LINK:
            return f"every entry must be a file or a folder. Got the link {info.filename!r}"
        name = info.filename.rstrip("/").replace("\\", "/").casefold()
        if name in seen:
            return (
                "every entry must have a name of its own on every system. Got "
                f"{seen[name]!r} and {info.filename!r}"
            )
        seen[name] = info.filename
    return ""
