"""Who holds a folder, for whoever finds it held; and whether a folder that is held is still there.

A drive can be unplugged and a folder be moved while something is written into it. What is written
then would make a new folder of the same name, with a part of the results in it: so whoever holds a
folder looks for its lock file before it writes.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bioselect.exceptions import StorageError

SUFFIX = ".holder"
#: Lock files that this process holds, by their absolute paths: which file of which disk each is.
_HELD: dict[str, tuple[int, int]] = {}


def write_holder(lock: Path) -> None:
    """Say beside a lock that this process holds it; where that cannot be written, hold it so."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")
    told = {"pid": os.getpid(), "host": platform.node(), "since": now}
    with suppress(OSError):
        _beside(lock).write_text(json.dumps(told), encoding="utf-8")


def remove_holder(lock: Path) -> None:
    """Take that back."""
    with suppress(OSError):
        _beside(lock).unlink()


def holder_in_words(lock: Path) -> str:
    """Return who holds a lock, or nothing where it is not known."""
    try:
        told = json.loads(_beside(lock).read_text(encoding="utf-8"))
        pid, host, since = int(told["pid"]), str(told["host"]), str(told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    where = "this machine" if host == platform.node() else host[:80]
    return f"It is process {pid} of {where}, since {since[:40]}."


def remember_held(lock: Path) -> None:
    """Remember which file is held."""
    with suppress(OSError):  # It vanished at once: the first that is written says so.
        _HELD[os.path.abspath(lock)] = _identity(lock)


def forget_held(lock: Path) -> None:
    """Forget it."""
    _HELD.pop(os.path.abspath(lock), None)


def check_still_there(path: Path) -> None:
    """Check that a file that shall be written lies in a folder that is still the one held.

    Raises
    ------
    StorageError
        If the folder was removed, moved or exchanged.
    """
    place = os.path.abspath(path)
    for lock, identity in list(_HELD.items()):
        folder = os.path.dirname(lock)
        if place != folder and not place.startswith(os.path.join(folder, "")):
            continue
        try:
            same = _identity(Path(lock)) == identity
        except OSError:
            same = False
        if not same:
            raise StorageError(
                f"{folder}: this folder has vanished while it was written into (a drive that was "
                "unplugged, or somebody moved or removed it). Bring it back and start again: what "
                "was finished lies in it."
            )


def _identity(lock: Path) -> tuple[int, int]:
    found = os.stat(lock)
    return found.st_dev, found.st_ino


def _beside(lock: Path) -> Path:
    return lock.with_name(lock.name + SUFFIX)
