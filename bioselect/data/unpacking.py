"""Compressed files, unpacked once a process into a nameless temporary file.

Pictures inside a compressed file cannot be reached one by one. The unpacked copy lies on the disk
and not in memory, has no name, and so is gone when the process ends, however it ends.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bioselect.data.unreadable import unreadable
from bioselect.exceptions import StorageError
from bioselect.storage import BLOCK_BYTES, DISK_FULL

#: So many unpacked copies are kept; the images of one file are usually read one after the other.
N_KEPT = 4

Key = tuple[Any, ...]


def version_of(path: Path) -> Key:
    """Return what changes when a file is replaced: its place, length, times, number.

    Raises
    ------
    OSError
        If there is no such file.
    """
    facts = os.stat(path)
    return (
        os.path.abspath(path),
        facts.st_size,
        facts.st_mtime_ns,
        facts.st_ctime_ns,
        facts.st_ino,
    )


class OnceEach:
    """Keeps the last few results of a costly function, computed once even by many threads.

    Parameters
    ----------
    n_kept : int
        How many results are kept.

    Examples
    --------
    >>> once = OnceEach(2)
    >>> once.get(("a",), lambda: 1), once.get(("a",), lambda: 2)
    (1, 1)
    """

    def __init__(self, n_kept: int) -> None:
        self.n_kept = n_kept
        self._slots: OrderedDict[Key, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, compute: Callable[[], Any]) -> Any:
        """Return what was computed for `key`, or compute it; other keys need not wait for it."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self.n_kept:
                self._slots.popitem(last=False)
        with slot.lock:
            if not slot.filled:
                slot.value = compute()
                slot.filled = True
            return slot.value

    def forget(self, key: Key) -> None:
        """Let the result of `key` be computed anew the next time."""
        with self._lock:
            self._slots.pop(key, None)


class _Slot:
    """The place of one result."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.filled = False
        self.value: Any = None


def unpacked(path: Path, packed: IO[bytes], n_bytes: int | None = None) -> IO[bytes]:
    """Copy a stream into a temporary file without a name and return that, open.

    Parameters
    ----------
    path : Path
        Names the file in errors.
    packed : binary file
        Gives the unpacked bytes; read block by block.
    n_bytes : int or None
        How many are wanted. A little more may follow and is not copied, but read, as the checksum
        lies at the end of the stream.

    Raises
    ------
    UnreadableImageError
        If much more than `n_bytes` follow: a small file can be packed so that it fills a disk.
    StorageError
        If there is no room for the copy.
    """
    copy: IO[bytes] = tempfile.TemporaryFile(prefix="bioselect-")  # noqa: SIM115
    try:
        n_left = sys.maxsize if n_bytes is None else n_bytes
        while block := packed.read(BLOCK_BYTES):
            if len(block) > n_left + BLOCK_BYTES:
                raise unreadable(
                    path,
                    f"it goes on long after the {n_bytes} bytes that its header declares, so one "
                    "of the two is wrong. Export it anew",
                )
            with _room_for(path):
                copy.write(block[: max(n_left, 0)])
            n_left -= len(block)
        with _room_for(path):
            copy.flush()
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


@contextmanager
def _room_for(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise StorageError(
            f"{path}: cannot be unpacked: no space is left in {tempfile.gettempdir()}. Free some, "
            "or name another folder with the environment variable TMPDIR."
        ) from error
