"""What lies in files, also in archives inside them: pickles, and paths of somebody's machine."""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

#: A path from the root or the home folder, at the beginning of a text or after a blank or quote.
_ABSOLUTE_PATH = re.compile(
    r"""(?:^|[\s"'(=\[])((?:/[\w.+-]+|~|[A-Za-z]:)[\\/][\w.+\\/-]*)""", re.MULTILINE
)
_NPY_SIGNATURE = b"\x93NUMPY"


def contents_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a folder and, after an archive, what is in it: its name and its bytes."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield from _with_entries(path.relative_to(folder).as_posix(), path.read_bytes())


def _with_entries(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, data
    if data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.namelist():
                yield from _with_entries(f"{name}/{entry}", archive.read(entry))


def pickle_in(name: str, data: bytes) -> str:
    """Say what in a file is pickled, or nothing.

    Examples
    --------
    >>> import pickle
    >>> pickle_in("model.bin", pickle.dumps({"trees": [1, 2]})), pickle_in("card.md", b"# Cells.")
    ('the pickle model.bin', '')
    """
    if data.startswith(_NPY_SIGNATURE):
        file = io.BytesIO(data)
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        # Version 3 only has names of fields beyond Latin-1; nothing of ours has fields of objects.
        holds_objects = b"|O" in data[:4096] if read is None else read(file)[2].hasobject
        return f"an array of Python objects in {name}" if holds_objects else ""
    try:
        _WithoutClasses(io.BytesIO(data)).load()
    except _ClassNamedError:
        return f"the pickle {name}"
    except Exception:  # Whatever else it is, it is no pickle.
        return ""
    return f"the pickle {name}"


class _ClassNamedError(Exception):
    """A pickle asked for a class or a function."""


class _WithoutClasses(pickle.Unpickler):
    """Reads pickles of plain values; runs nothing, since that takes a function found by name."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise _ClassNamedError


def absolute_paths(data: bytes, places: Iterable[str]) -> list[str]:
    """Return the absolute paths in a text, and those of `places` that any bytes hold.

    Examples
    --------
    >>> absolute_paths(b'{"weights": "/data/ward7/net.h5", "layer": "block/conv"}', [])
    ['/data/ward7/net.h5']
    """
    found = [place for place in places if len(place) > 5 and f"{place}/".encode() in data]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return found
    return found + _ABSOLUTE_PATH.findall(text)
