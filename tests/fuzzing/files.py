"""Bytes as a file in a folder of their own, for as long as they are read."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_numbers = itertools.count()


@contextmanager
def written(name: str, data: bytes) -> Iterator[Path]:
    """Give the path of a file with these bytes; its folder is new, as readers remember paths."""
    place = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
    folder = Path(place) / f"fuzzing-{os.getpid()}-{next(_numbers)}"
    folder.mkdir()
    try:
        path = folder / name
        path.write_bytes(data)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
