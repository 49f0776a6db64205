"""A file for HDF5 to write into that never refuses: what went wrong is told afterwards.

HDF5 cannot take a full disk: closing the file fails too, and the process crashes with a
segmentation fault (seen with HDF5 1.14 on a full tmpfs). So HDF5 writes into this, which remembers
the first failure, drops what comes after it, and lets HDF5 end in peace.
"""

from __future__ import annotations

import io
from pathlib import Path


class PatientFile:
    """An existing file opened for writing; `failure` is the first error of the system, or None.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as temporary:
    ...     file = PatientFile(Path(temporary.name))
    ...     _ = file.write(memoryview(b"whole"))
    ...     file.close()
    ...     Path(temporary.name).read_bytes(), file.failure
    (b'whole', None)
    """

    def __init__(self, path: Path) -> None:
        # Without a buffer, so that an error comes from the very write that it belongs to.
        self.raw = io.FileIO(path, "r+")
        self.failure: OSError | None = None

    def write(self, data: memoryview) -> int:
        """Write all of `data`, unless something has failed."""
        rest = memoryview(data).cast("B")
        n_bytes = len(rest)
        try:
            while len(rest) and self.failure is None:
                rest = rest[self.raw.write(rest) or 0 :]
        except OSError as error:
            self.failure = error
        return n_bytes

    def truncate(self, size: int | None = None) -> int:
        """Set the length of the file, unless something has failed."""
        try:
            if self.failure is None:
                self.raw.truncate(size)
        except OSError as error:
            self.failure = error
        return size or 0

    def readinto(self, target: memoryview) -> int:
        """Read what was written; zeros where there is nothing."""
        n_read = self.raw.readinto(target) or 0
        view = memoryview(target).cast("B")
        view[n_read:] = bytes(len(view) - n_read)
        return len(view)

    def read(self, size: int = -1) -> bytes:
        """Read bytes; HDF5 itself uses :meth:`readinto`."""
        return self.raw.read(size) or b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file."""
        return self.raw.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self.raw.tell()

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def close(self) -> None:
        """Close the file; an error that only shows now is remembered like any other."""
        try:
            self.raw.close()
        except OSError as error:
            self.failure = self.failure or error
