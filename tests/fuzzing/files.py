"""Folders for what is fed: in memory where the system has that, and gone in the end."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_numbers = itertools.count()
#: Folders on a disk cost more time than most readers.
MEMORY = "/dev/shm"


def in_memory() -> str:
    """Return where folders are made."""
    return MEMORY if os.path.isdir(MEMORY) else tempfile.gettempdir()


def folder_until_the_end(name: str) -> Path:
    """Make a folder that goes when this process ends; those that divide from it leave it alone."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzzed-{name}-", dir=in_memory()))
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    return folder


@contextmanager
def written(name: str, data: bytes) -> Iterator[Path]:
    """Give the path of a file with these bytes; its folder is new, as readers remember paths."""
    folder = Path(in_memory()) / f"fuzzing-{os.getpid()}-{next(_numbers)}"
    folder.mkdir()
    try:
        path = folder / name
        path.write_bytes(data)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
