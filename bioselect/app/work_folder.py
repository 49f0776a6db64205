"""The folder that uploads and pictures lie in: one's own, and gone when the page ends.

A page that is killed cannot remove its folder. So each holds a lock in it while it lives, and the
next one to start removes folders whose lock nobody holds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "bioselect-app-"
_LOCK = ".lock"
#: A younger folder may be one whose page has not locked it yet.
_YOUNG_SECONDS = 60.0


class WorkFolder:
    """A new folder that nobody else may look into."""

    def __init__(self) -> None:
        # With the rights 0700.
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self._lock = FileLock(self.path / _LOCK, thread_local=False)
        self._lock.acquire()

    def remove(self) -> None:
        """Remove it with everything in it."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_left_behind(parent: Path) -> None:
    """Remove the work folders of pages that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            state = folder.lstat()
            is_ours = not hasattr(os, "getuid") or state.st_uid == os.getuid()
            is_old = time.time() - state.st_mtime > _YOUNG_SECONDS
            if folder.is_symlink() or not is_ours or not is_old or not folder.is_dir():
                continue
            with FileLock(folder / _LOCK, timeout=0):
                pass
        except (Timeout, OSError):
            continue
        shutil.rmtree(folder, ignore_errors=True)
