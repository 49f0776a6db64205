"""A folder of files that is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioselect.holders import check_still_there
from bioselect.leftovers import temporary_beside
from bioselect.storage import explained_storage_errors, flush_file


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to; when the block ends well, it takes the place of `folder`."""
    folder = Path(folder)
    with explained_storage_errors(folder):
        check_still_there(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = temporary_beside(folder)
        unfinished.mkdir()
        try:
            yield unfinished
            _flush(unfinished)
            _put_in_place(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Have everything in a folder on the disk: a power loss must not leave half of it renamed."""
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            flush_file(Path(root, name))
        if os.name != "nt":  # Windows flushes no folders.
            flush_file(Path(root))


def _put_in_place(unfinished: Path, folder: Path) -> None:
    """Rename the finished folder; an older bundle is moved aside first and then removed."""
    old = None
    if folder.exists():
        old = temporary_beside(folder)
        folder.rename(old)
    unfinished.rename(folder)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)
