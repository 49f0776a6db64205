"""The SHA-256 of what an image is read from: by it, files are known again."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

from bioselect.data.folder_series import series_in
from bioselect.data.parts import PartName
from bioselect.storage import digest_of, sha256_of_file


class Checksums:
    """SHA-256 of files and of their parts; each file is read once, by whichever thread is first.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "stack.tif"
    >>> _ = path.write_bytes(b"")
    >>> Checksums().of(path, "7")[:8]  # of no bytes at all
    'e3b0c442'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_file: dict[Path, Future[str]] = {}

    def of(self, path: Path, part: str = "") -> str:
        """Return 64 hexadecimal digits.

        The planes of a stack have the checksum of their file; a DICOM series has one of its files,
        whatever they are called; an image of an .npz one of its own, as such a file may hold
        training and test images.

        Raises
        ------
        OSError, UnreadableImageError
            If the file cannot be read.
        """
        name = PartName.of(path, part)
        if name.split:
            return digest_of([self._once(path), part])
        if path.is_dir():
            found = series_in(path, name.series)
            # With a file that may be of the series and cannot be read, it is not what it was.
            return digest_of(sorted(self._once(file) for file in (*found.files, *found.unknown)))
        return self._once(path)

    def _once(self, path: Path) -> str:
        with self._lock:
            future = self._of_file.get(path)
            is_first = future is None
            if future is None:
                future = self._of_file[path] = Future()
        if is_first:
            try:
                future.set_result(sha256_of_file(path))
            except BaseException as error:
                future.set_exception(error)
        return future.result()
