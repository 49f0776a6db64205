"""The file that features lie in: HDF5 with a header of ours in front.

Layout: 1024 bytes of header (HDF5's user block): one line of JSON with the format number, the full
key and the SHA-256 of everything after the header, then zeros. Then an ordinary HDF5 file with two
datasets, `pixels_sha256` ``(n_images,)`` text, sorted, and `features` ``(n_images, n_features)``
float32. Equal content gives equal bytes: there is no time stamp in it.

The checksum is compared before HDF5 sees a byte: HDF5 may crash on a damaged file, and does not
notice changed numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bioselect.features.patient_file import PatientFile
from bioselect.storage import BLOCK_BYTES, atomic_path

FORMAT = "bioselect features"
FORMAT_NUMBER = 1
HEADER_BYTES = 1024
#: Rows are read and written in blocks of about this size.
ROWS_BYTES = 32 << 20
#: A longer name (the import path of somebody's own) is cut in the header; the key tells it apart.
NAME_LENGTH = 200


class DamagedRowsError(Exception):
    """A file is not what we wrote; the message says in words what was found instead."""


@dataclass(frozen=True)
class RowsHeader:
    """What the front of a file says of it."""

    name: str
    key: str
    n_images: int
    n_features: int
    sha256: str


@dataclass(frozen=True)
class Rows:
    """An open file of rows: hashes in memory ``(n_images,)`` bytes, features on disk."""

    header: RowsHeader
    hashes: np.ndarray
    features: Any

    def block(self, first: int, last: int) -> np.ndarray:
        """Read the rows from `first` up to, without, `last`: float32 ``(n, n_features)``."""
        rows: np.ndarray = self.features[first:last]
        return rows


def rows_per_block(n_features: int) -> int:
    """Return how many rows of float32 make a block of `ROWS_BYTES`, at least one.

    Examples
    --------
    >>> rows_per_block(2048)
    4096
    """
    return max(1, ROWS_BYTES // (4 * n_features))


def write_rows(
    path: Path,
    name: str,
    key: str,
    hashes: np.ndarray,
    n_features: int,
    blocks: Iterable[np.ndarray],
) -> None:
    """Write a file of rows, whole or not at all.

    Parameters
    ----------
    path : Path
        Where the finished file shall lie; one that lies there is replaced.
    name, key : str
        The extractor and the full key of its rows.
    hashes : np.ndarray
        Bytes ``(n_images,)``, sorted, each once.
    n_features : int
        The length of a row.
    blocks : iterable of np.ndarray
        The rows in the order of `hashes`, some at a time.

    Raises
    ------
    StorageError
        If the disk is full or the folder may not be written to; nothing is changed then.
    """
    import h5py

    with atomic_path(path) as unfinished:
        file = PatientFile(unfinished)
        # Never libver="latest": such files could not be opened again after a kill.
        with closing(file), h5py.File(file, "w", userblock_size=HEADER_BYTES) as content:
            content.create_dataset("pixels_sha256", data=hashes, track_times=False)
            rows = content.create_dataset(
                "features", shape=(len(hashes), n_features), dtype="<f4", track_times=False
            )
            first = 0
            for block in blocks:
                rows[first : first + len(block)] = block
                first += len(block)
                if file.failure is not None:
                    break
        if file.failure is not None:
            raise file.failure
        with unfinished.open("r+b") as written:
            written.seek(HEADER_BYTES)
            header = {
                "format": FORMAT,
                "format_number": FORMAT_NUMBER,
                "name": name[:NAME_LENGTH],
                "key": key,
                "n_images": len(hashes),
                "n_features": n_features,
                "sha256": _digest_of_rest(written),
            }
            written.seek(0)
            written.write(json.dumps(header).encode("ascii").ljust(HEADER_BYTES, b"\0"))


def read_header(path: Path) -> RowsHeader:
    """Read the header only.

    Raises
    ------
    DamagedRowsError
        If the file does not begin as ours do.
    """
    with path.open("rb") as file:
        return _header_of(file)


@contextmanager
def opened_rows(path: Path, key: str) -> Iterator[Rows]:
    """Open a file of rows after its checksum has been compared.

    Raises
    ------
    DamagedRowsError
        If it is not a whole file of ours with that key.
    """
    import h5py

    # HDF5 reads through the very file that was checked: another process may put a new one in
    # its place at any moment.
    with path.open("rb") as file:
        header = _header_of(file)
        if header.key != key:
            raise DamagedRowsError("it holds the features of another extractor")
        if _digest_of_rest(file) != header.sha256:
            raise DamagedRowsError("its checksum differs, so it was cut short or changed")
        with h5py.File(file, "r") as content:
            rows = Rows(header, content["pixels_sha256"][:], content["features"])
            # The checksum is of what follows the header, and not of the header itself.
            n_images, n_features = header.n_images, header.n_features
            if rows.features.shape != (n_images, n_features) or len(rows.hashes) != n_images:
                raise DamagedRowsError("its first line does not fit what follows")
            yield rows


def _header_of(file: BinaryIO) -> RowsHeader:
    start = file.read(HEADER_BYTES)
    if not start:
        raise DamagedRowsError("it is empty")
    try:
        values = json.loads(start.rstrip(b"\0"))
        if values["format"] != FORMAT:
            raise ValueError
        if values["format_number"] != FORMAT_NUMBER:
            raise DamagedRowsError(f"it is written in format {values['format_number']}")
        return RowsHeader(
            name=str(values["name"]),
            key=str(values["key"]),
            n_images=int(values["n_images"]),
            n_features=int(values["n_features"]),
            sha256=str(values["sha256"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DamagedRowsError("it does not begin as a file of features does") from error


def _digest_of_rest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()
