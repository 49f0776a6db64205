"""How much room copies of remote files may take, and which go when there is none.

Those go first that were used the longest ago. What a living command uses stays: each holds a lock
of its own, and everything that was used since the oldest of these began is kept.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from bioselect.addresses import root_of_copies
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.storage import BYTES_PER_GIGABYTE, explained_storage_errors

LIMIT_VARIABLE = "BIOSELECT_REMOTE_GB"
DEFAULT_GIGABYTES = 100.0
#: So much of the disk is left to others.
RESERVE_BYTES = 1_000_000_000
#: In the folder of copies; hidden, so never an address.
USERS, PARTIAL = ".users", ".partial"
_held: dict[Path, FileLock] = {}


def begin_use() -> None:
    """Say that this process uses copies from now on, until it ends."""
    folder = root_of_copies() / USERS
    if folder in _held:
        return
    with explained_storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=folder)
        os.close(handle)
        lock = FileLock(name, thread_local=False)
        lock.acquire()
    _held[folder] = lock
    atexit.register(_end_use, folder, Path(name), os.getpid())


def _end_use(folder: Path, name: Path, pid: int) -> None:
    if os.getpid() != pid:  # A child that was forked has inherited it.
        return
    lock = _held.pop(folder, None)
    if lock is not None:
        lock.release()
        name.unlink(missing_ok=True)


def make_room(n_bytes: int, what: str) -> None:
    """Remove copies that nobody uses until `n_bytes` more find room.

    Raises
    ------
    StorageError
        If there is no room for them however much is removed.
    ConfigurationError
        If the limit is no number.
    """
    limit = limit_bytes()
    root = root_of_copies()
    copies = sorted(_copies(root))
    taken = sum(size for _, size, _ in copies)
    since = _oldest_use(root / USERS)
    for used, size, path in copies:
        if taken + n_bytes <= limit and n_bytes + RESERVE_BYTES <= shutil.disk_usage(root).free:
            return
        if used >= since:
            break
        path.unlink(missing_ok=True)
        taken -= size
    free = shutil.disk_usage(root).free
    if taken + n_bytes > limit:
        raise StorageError(
            f"{what}: takes {_gigabytes(n_bytes)}, and copies of remote files may take "
            f"{_gigabytes(limit)} ({_gigabytes(taken)} are in use). Set {LIMIT_VARIABLE} to more, "
            "or use a part of the data."
        )
    if n_bytes + RESERVE_BYTES > free:
        raise StorageError(
            f"{what}: takes {_gigabytes(n_bytes)}, and the disk of the cache has "
            f"{_gigabytes(free)} left. Name a folder on a larger disk with BIOSELECT_CACHE, or use "
            "a part of the data."
        )


def limit_bytes() -> float:
    """Return how many bytes copies may take."""
    written = os.environ.get(LIMIT_VARIABLE, "")
    try:
        gigabytes = float(written) if written else DEFAULT_GIGABYTES
    except ValueError:
        gigabytes = -1.0
    if not 0 < gigabytes < float("inf"):
        raise ConfigurationError(
            f"{LIMIT_VARIABLE}: must be a number of gigabytes above 0. Got {written!r}."
        )
    return gigabytes * BYTES_PER_GIGABYTE


def copies_bytes() -> int:
    """Return how much room copies take."""
    return sum(size for _, size, _ in _copies(root_of_copies()))


def remove_copies() -> int:
    """Remove all copies that no living command uses, and return how many bytes that frees."""
    root, freed = root_of_copies(), 0
    since = _oldest_use(root / USERS)
    for used, size, path in _copies(root):
        if used < since:
            with explained_storage_errors(path, "removed"):
                path.unlink(missing_ok=True)
            freed += size
    return freed


def _copies(root: Path) -> Iterator[tuple[int, int, Path]]:
    """Yield when each copy was used, its size, and where it lies."""
    for folder, inside, names in os.walk(root):
        if Path(folder) == root:
            inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            path = Path(folder) / name
            try:
                found = path.stat()
            except OSError:
                continue
            yield found.st_atime_ns, found.st_size, path


def _oldest_use(folder: Path) -> int:
    """Return since when living commands use copies, this one among them; others are forgotten."""
    oldest = time.time_ns()
    for path in folder.glob("*"):
        held = next((lock for lock in _held.values() if lock.lock_file == str(path)), None)
        try:
            began = path.stat().st_mtime_ns
        except FileNotFoundError:  # That command has ended just now.
            continue
        if held is None:
            lock = FileLock(path)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                oldest = min(oldest, began)
                continue
            lock.release()
            path.unlink(missing_ok=True)
        else:
            oldest = min(oldest, began)
    return oldest


def _gigabytes(n_bytes: float) -> str:
    return f"{n_bytes / BYTES_PER_GIGABYTE:.3g} GB"
