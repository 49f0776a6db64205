"""What was finished, kept so that a second start does not do it again.

A journal is one file that only grows. Each record stands for itself and carries a checksum; when
the machine stops in the middle of one, that record is lost and no other. There is no pickle in
it, so opening a journal runs nothing.

Layout: the line `bioselect journal 1`, then records of

====================  ==========================================================
14 bytes              mark ``b"RC"``, length of the header (uint32) and of the
                      array (uint64), little-endian
4 bytes               CRC-32 of these 14 bytes, the header and the array
header                JSON in UTF-8: `key`, `values`, `shape` (null: no array)
array                 float64, little-endian, C order
====================  ==========================================================
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from bioselect.holders import check_still_there
from bioselect.storage import exclusive_lock, explained_storage_errors, flush_to_disk

FIRST_LINE = b"bioselect journal 1\n"
_MARK = b"RC"
_LENGTHS = struct.Struct("<2sIQ")
_CHECKSUM = struct.Struct("<I")
_PREFIX_BYTES = _LENGTHS.size + _CHECKSUM.size


@dataclass(frozen=True, eq=False)
class JournalEntry:
    """One finished piece of work: values that JSON can hold, and at most one float64 array."""

    values: dict[str, Any]
    array: np.ndarray | None = None


class Journal:
    """A file of finished work that one process writes and the next one reads.

    The file is opened by the first `get` or `put`, or by `with`. A damaged or unfinished end is
    cut off then; `notes` says so. A file that is no journal is moved aside.

    Parameters
    ----------
    path : Path
        The file; a lock file lies beside it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "folds.journal"
    >>> with Journal(path) as journal:
    ...     journal.put("fold 1", JournalEntry({"seconds": 0.5}, np.array([[0.25, 0.75]])))
    >>> with Journal(path) as journal:
    ...     journal.get("fold 1").array, journal.get("fold 2")
    (array([[0.25, 0.75]]), None)
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.notes: list[str] = []
        self._file: FileIO | None = None
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0
        self._held = ExitStack()

    def __enter__(self) -> Journal:
        self._opened()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        self._opened()
        return len(self._places)

    def get(self, key: str) -> JournalEntry | None:
        """Return what was put under a key, or None."""
        file = self._opened()
        if key not in self._places:
            return None
        start, length = self._places[key]
        with explained_storage_errors(self.path, "read"):
            file.seek(start)
            return _decoded(file.read(length))

    def put(self, key: str, entry: JournalEntry) -> None:
        """Append one record; a later record of the same key counts.

        Raises
        ------
        StorageError
            If the disk is full; the journal stays whole.
        """
        file = self._opened()
        record = _encoded(key, entry)
        with explained_storage_errors(self.path):
            check_still_there(self.path)  # An open file can be written to when it is gone.
            try:
                file.seek(self._end)
                left = memoryview(record)
                while left:  # an unbuffered file may take a part only
                    left = left[file.write(left) :]
            except OSError:
                file.truncate(self._end)
                raise
        self._places[key] = (self._end, len(record))
        self._end += len(record)

    def close(self) -> None:
        """Flush to the disk and let another process have the file."""
        if self._file is not None:
            file, self._file = self._file, None
            with self._held, explained_storage_errors(self.path):
                flush_to_disk(file.fileno())
                file.close()

    def _opened(self) -> FileIO:
        if self._file is None:
            busy = (
                f"{self.path}: another run is writing here. Wait for it to end, or choose another "
                "folder with `output:` or --output."
            )
            self._held.enter_context(
                exclusive_lock(self.path.with_name(self.path.name + ".lock"), busy)
            )
            try:
                with explained_storage_errors(self.path):
                    self._file = self._read_index()
            except BaseException:
                self._held.close()
                raise
        return self._file

    def _read_index(self) -> FileIO:
        if self.path.exists():
            self._set_aside_if_foreign()
        self.path.touch()
        file = FileIO(self.path, "r+")
        size = os.fstat(file.fileno()).st_size
        if size < len(FIRST_LINE):
            file.truncate(0)
            file.write(FIRST_LINE)
            size = len(FIRST_LINE)
        self._places, self._end = _index(file, size)
        if self._end < size:
            self.notes.append(
                f"{self.path.name}: its end was unfinished or damaged ({size - self._end} bytes "
                f"after {len(self._places)} whole records); what was lost is computed again."
            )
            file.truncate(self._end)
        return file

    def _set_aside_if_foreign(self) -> None:
        with self.path.open("rb") as file:
            beginning = file.read(len(FIRST_LINE))
        if not FIRST_LINE.startswith(beginning):
            aside = self.path.with_name(self.path.name + ".damaged")
            self.path.replace(aside)
            self.notes.append(
                f"{self.path.name}: is not a journal of this version; moved to {aside.name}, and "
                "its work is done again."
            )


def _index(file: FileIO, size: int) -> tuple[dict[str, tuple[int, int]], int]:
    """Return key -> (start, length) of every whole record, and where the last one ends."""
    places: dict[str, tuple[int, int]] = {}
    start = len(FIRST_LINE)
    file.seek(start)
    while start + _PREFIX_BYTES <= size:
        prefix = file.read(_PREFIX_BYTES)
        mark, header_length, array_length = _LENGTHS.unpack_from(prefix)
        length = _PREFIX_BYTES + header_length + array_length
        if mark != _MARK or start + length > size:
            break
        body = file.read(header_length + array_length)
        if _checksum(prefix[: _LENGTHS.size], body) != prefix[_LENGTHS.size :]:
            break
        places[json.loads(body[:header_length])["key"]] = (start, length)
        start += length
    return places, start


def _checksum(lengths: bytes, body: bytes) -> bytes:
    return _CHECKSUM.pack(zlib.crc32(body, zlib.crc32(lengths)))


def _encoded(key: str, entry: JournalEntry) -> bytes:
    array = None if entry.array is None else np.ascontiguousarray(entry.array, dtype="<f8")
    header = {
        "key": key,
        "values": entry.values,
        "shape": None if array is None else list(array.shape),
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    data = b"" if array is None else array.tobytes()
    lengths = _LENGTHS.pack(_MARK, len(text), len(data))
    body = text + data
    return lengths + _checksum(lengths, body) + body


def _decoded(record: bytes) -> JournalEntry:
    _, header_length, _ = _LENGTHS.unpack_from(record)
    array_start = _PREFIX_BYTES + header_length
    header = json.loads(record[_PREFIX_BYTES:array_start])
    if header["shape"] is None:
        return JournalEntry(header["values"])
    flat = np.frombuffer(record, dtype="<f8", offset=array_start)
    return JournalEntry(header["values"], flat.reshape(header["shape"]).astype(np.float64))
