"""Names of files that are being written, and what of them a killed process has left over.

The name says which process of which machine writes: once that has ended, the file is a leftover.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import time
import zlib
from pathlib import Path

TEMPORARY_PREFIX = ".unfinished-"
#: After so long nobody writes a file any more, whoever it was.
STALE_SECONDS = 24 * 3600.0
_OF_PROCESS = re.compile(rf"{re.escape(TEMPORARY_PREFIX)}(\d+)@([0-9a-f]{{8}})-.*")


def temporary_prefix() -> str:
    """Return how the names of files begin that this process is writing."""
    return f"{TEMPORARY_PREFIX}{os.getpid()}@{_machine()}-"


def temporary_beside(path: Path) -> Path:
    """Return a path that nobody else has, beside `path` and with its suffix.

    Examples
    --------
    >>> unfinished = temporary_beside(Path("results/scores.csv"))
    >>> unfinished.parent.name, unfinished.suffix, unfinished.name.startswith(TEMPORARY_PREFIX)
    ('results', '.csv', True)
    """
    return path.parent / f"{temporary_prefix()}{secrets.token_hex(8)}{path.suffix}"


def is_left_over(path: Path, alone: bool = False) -> bool:
    """Tell whether nobody writes a temporary file any more.

    Parameters
    ----------
    path : Path
        With a name that begins as temporary ones do.
    alone : bool
        Whether this process alone may write in the folder: it holds the lock.
    """
    written_by = _OF_PROCESS.fullmatch(path.name)
    if written_by and written_by[2] == _machine():
        if not is_living(int(written_by[1])):
            return True
    elif alone and not written_by:  # of an earlier version
        return True
    try:
        return time.time() - path.stat().st_mtime > STALE_SECONDS
    except OSError:
        return False  # Finished meanwhile, or not ours to look at.


def is_living(pid: int) -> bool:
    """Tell whether a process of this machine lives; if that cannot be told, say that it does."""
    if os.name != "posix":  # There, to ask a process would end it.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def remove_leftovers(folder: Path, alone: bool = False) -> None:
    """Remove what killed processes have left half-written in a folder.

    Parameters
    ----------
    folder : Path
        Where to look, not in the folders inside it.
    alone : bool
        Whether this process alone may write there.
    """
    try:
        found = list(Path(folder).glob(f"{TEMPORARY_PREFIX}*"))
    except OSError:  # Another process has just removed the empty folder.
        return
    for path in found:
        if not is_left_over(path, alone):
            continue
        try:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
        except OSError:
            continue  # Somebody else's, or gone already: it does no harm where it lies.


def remove_all_leftovers(root: Path, shared: Path) -> None:
    """Remove them from a folder that this process holds, and from all folders inside it.

    Parameters
    ----------
    root : Path
        The folder.
    shared : Path
        A folder inside it in which other processes may write.
    """
    for place, _, _ in os.walk(root):
        folder = Path(place)
        remove_leftovers(folder, alone=not (folder == shared or shared in folder.parents))


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"
