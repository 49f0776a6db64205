"""Is a file still what it was when a study examined it? Hours may lie between.

A study knows its images by the digests of their pixels, and so does the cache: what is computed
from other pixels must not be kept as theirs. To decode every file twice would be slow; the system
says whether it was written again since, and only then its pixels are compared. A worker of a
cluster has examined nothing, and may have another file under the same path: it always compares.
"""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np

from bioselect.backend import cores_of_worker
from bioselect.data.fingerprint import pixels_digest
from bioselect.data.reading import read_source
from bioselect.data.records import FilePart, Source
from bioselect.data.stacks import Stack
from bioselect.data.written import was_written_again
from bioselect.exceptions import ChangedImageError, UnreadableImageError


def read_as_examined(source: Source, stack: Stack | None, pixels_sha256: str) -> np.ndarray:
    """Read an image that was examined before; see :func:`bioselect.data.reading.read_source`.

    Raises
    ------
    ChangedImageError
        If it holds other pixels than then, or cannot be read any more.
    """
    is_there = cores_of_worker() is not None
    try:
        image = read_source(source, stack)
    except UnreadableImageError as error:
        told = f"{error} (read by a worker on {socket.gethostname()})" if is_there else str(error)
        raise ChangedImageError(told) from error
    if is_there or _is_new(source):
        check_pixels(image, pixels_sha256, str(source))
    return image


def check_pixels(image: np.ndarray, pixels_sha256: str, where: str) -> None:
    """Compare the pixels of an image with those that it had when it was examined.

    Raises
    ------
    ChangedImageError
        If they are others: they would be kept as what they were.
    """
    if pixels_digest(image) == pixels_sha256:
        return
    if cores_of_worker() is not None:
        raise ChangedImageError(
            f"{where}: must be the same file on every worker. The worker on "
            f"{socket.gethostname()} has other pixels there than this machine when the study "
            "began. Put the images on a file system that all machines share, or stop that worker; "
            "if you edited the file, start again."
        )
    raise ChangedImageError(
        f"{where}: a file must not change while a study reads it. Got other pixels than when "
        "it began. Finish editing, and start again: it is then read anew."
    )


def check_as_examined(source: Source, stack: Stack | None, pixels_sha256: str) -> None:
    """Read an image again if its file was written again, and compare its pixels.

    Raises
    ------
    ChangedImageError
        If it holds other pixels than when it was examined, or cannot be read any more.
    """
    if _is_new(source):
        read_as_examined(source, stack, pixels_sha256)


def _is_new(source: Source) -> bool:
    if isinstance(source, FilePart):
        return was_written_again(source.path, source.part)
    return was_written_again(Path(source), "")
