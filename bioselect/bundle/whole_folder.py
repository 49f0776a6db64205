"""A folder of files that is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioselect.holders import check_still_there
from bioselect.leftovers import temporary_prefix
from bioselect.storage import explained_storage_errors


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write to; when the block ends well, it takes the place of `folder`."""
    folder = Path(folder)
    with explained_storage_errors(folder):
        check_still_there(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=temporary_prefix(), dir=folder.parent))
        try:
            yield unfinished
            unfinished.chmod(0o755)
            _put_in_place(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _put_in_place(unfinished: Path, folder: Path) -> None:
    """Rename the finished folder; an older bundle is moved aside first and then removed."""
    old = None
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=temporary_prefix(), dir=folder.parent)) / "old"
        folder.rename(old)
    unfinished.rename(folder)
    if old is not None:
        shutil.rmtree(old.parent, ignore_errors=True)
