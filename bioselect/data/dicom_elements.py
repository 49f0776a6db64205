"""The elements of a DICOM file up to its pixels, through pydicom and within bounds."""

from __future__ import annotations

import os
import zlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from bioselect.data.kinds import N_FIRST_BYTES
from bioselect.data.limits import FREE_BYTES, check_n_bytes
from bioselect.data.unreadable import unreadable
from bioselect.exceptions import UnavailableError
from bioselect.storage import BLOCK_BYTES

#: All that follows the first elements is one compressed stream.
DEFLATED = "1.2.840.10008.1.2.1.99"
#: Where the first element says how long the rest of the uncompressed beginning is.
_LENGTH_OF_META = 140


@cache
def pydicom() -> ModuleType:
    """Return pydicom, told not to warn of every value that breaks the standard in a small way.

    Raises
    ------
    UnavailableError
        If it is not installed.
    """
    try:
        import pydicom
        import pydicom.encaps
        import pydicom.pixels
    except ImportError as error:
        raise UnavailableError(
            f"DICOM files are read with pydicom, which cannot be loaded ({error}). Install it: "
            "pip install 'bioselect[medical]'."
        ) from error
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    return pydicom


def without_pixels(path: Path, file: IO[bytes], tags: list[str] | None = None) -> Any:
    """Read the dataset up to the pixels, where the file is left.

    Raises
    ------
    UnreadableImageError
        If it is no DICOM file.
    """
    _check_deflated(path, file)
    try:
        bounded: Any = _Bounded(file)
        return pydicom().dcmread(bounded, stop_before_pixels=True, specific_tags=tags)
    except pydicom().errors.InvalidDicomError as error:
        raise unreadable(
            path,
            "it is no DICOM file (after 128 bytes it must say DICM). Export it anew, or leave it "
            "out",
        ) from error


def _check_deflated(path: Path, file: IO[bytes]) -> None:
    """Refuse a file that is one compressed stream, all of which would come into memory."""
    start = file.read(N_FIRST_BYTES)
    if DEFLATED.encode() in start:
        n_of_meta = int.from_bytes(start[_LENGTH_OF_META : _LENGTH_OF_META + 4], "little")
        file.seek(_LENGTH_OF_META + 4 + n_of_meta)
        stream, n_bytes = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while not stream.eof and (packed := stream.unconsumed_tail or file.read(BLOCK_BYTES)):
            n_bytes += len(stream.decompress(packed, FREE_BYTES))
            check_n_bytes(path, n_bytes, path.stat().st_size)
    file.seek(0)


class _Bounded:
    """An open file that is asked for no more than it has.

    An element may claim 4 GB, for which memory would be taken before it turns out that it lies.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._size = file, os.fstat(file.fileno()).st_size
        self.seek, self.tell = file.seek, file.tell

    def read(self, n_bytes: int = -1) -> bytes:
        """Return the next bytes, or all that are left."""
        return self._file.read(n_bytes if n_bytes <= self._size else -1)
