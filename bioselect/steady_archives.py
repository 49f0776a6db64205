"""Archives with the same bytes for the same content.

Zip files carry the time of writing, and a skops file numbers its objects by their place in
memory. Both are rewritten here, so that two runs with one seed give the same model file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
SKOPS_SCHEMA = "schema.json"
#: What is honestly packed, numbers of images and of models, is hardly smaller than a hundredth;
#: few bytes may be anything.
LARGEST_RATIO, LARGE = 100, 20_000_000


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


def bounded_zip(data: bytes) -> dict[str, bytes]:
    """Return the entries of an archive of somebody else's: name -> bytes.

    Raises
    ------
    ValueError
        If two entries have one name, or they are larger than anything that was packed honestly.

    Examples
    --------
    >>> bounded_zip(zip_bytes({"a": b"1"}))
    {'a': b'1'}
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) < len(names):
            raise ValueError("each entry of an archive must have a name of its own")
        # No entry gives more bytes than it declares.
        n_bytes = sum(info.file_size for info in infos)
        if n_bytes > max(LARGE, LARGEST_RATIO * len(data)):
            raise ValueError(
                f"an archive must be packed to a hundredth of its size at the least. Got {n_bytes} "
                f"bytes out of {len(data)}"
            )
        return {name: archive.read(name) for name in names}


def steady_zip(path: Path) -> None:
    """Rewrite a zip file (`.npz`) in place, entries sorted and without dates."""
    contents = read_zip(path.read_bytes())
    path.write_bytes(zip_bytes(dict(sorted(contents.items()))))


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
