"""Archives with the same bytes for the same content, and archives of others unpacked safely.

Zip files carry the time of writing, and a skops file numbers its objects by their place in
memory. Both are rewritten here, so that two runs with one seed give the same model file.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from bioselect.exceptions import BundleError
from bioselect.storage import explained_storage_errors, unpacking_problem

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
SKOPS_SCHEMA = "schema.json"


def zip_bytes(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip archive without compression and without dates, entries in the given order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), data)
    return buffer.getvalue()


def read_zip(data: bytes) -> dict[str, bytes]:
    """Return the entries of a zip archive: name -> bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def steady_zip(path: Path) -> None:
    """Rewrite a zip file (`.npz`) in place, entries sorted and without dates."""
    contents = read_zip(path.read_bytes())
    path.write_bytes(zip_bytes(dict(sorted(contents.items()))))


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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{path}: the zip cannot be unpacked ({reason}). Use another copy of the model."
        ) from error


def steady_skops(data: bytes) -> bytes:
    """Return a skops file whose objects are numbered in the order in which they appear.

    Object numbers only say which parts are one and the same object, so any numbering that keeps
    them apart loads to the same estimator.
    """
    contents = read_zip(data)
    schema = json.loads(contents.pop(SKOPS_SCHEMA))
    numbering = _Numbering()
    schema = numbering.applied_to(schema)
    files = {new: contents[old] for old, new in numbering.files.items()}
    steady = {SKOPS_SCHEMA: json.dumps(schema, indent=1).encode(), **files}
    return zip_bytes(steady)


class _Numbering:
    """New numbers for objects and files, given out as they are met."""

    def __init__(self) -> None:
        self.objects: dict[int, int] = {}
        self.files: dict[str, str] = {}

    def applied_to(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.applied_to(item) for item in node]
        if not isinstance(node, dict):
            return node
        changed: dict[str, Any] = {}
        for key, value in node.items():
            if key == "__id__" and isinstance(value, int):
                changed[key] = self.objects.setdefault(value, len(self.objects) + 1)
            elif key == "file" and isinstance(value, str):
                suffix = PurePosixPath(value).suffix
                changed[key] = self.files.setdefault(value, f"{len(self.files) + 1:05d}{suffix}")
            else:
                changed[key] = self.applied_to(value)
        return changed
