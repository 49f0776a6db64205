"""The images in an uploaded zip, one after the other: never more than was allowed, never outside.

What a zip declares is not believed: members are counted while they are read. Nothing is written by
the names in it; those only name images to the person.
"""

from __future__ import annotations

import errno
import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bioselect.app.limits import Limits, size_in_words
from bioselect.app.refusal import RefusedError
from bioselect.bundle.archives import is_inside
from bioselect.visible import visible_line

_CHUNK = 1 << 20
#: A zip of less content than this may be as small as it likes.
_SMALL = 10_000_000
#: The list of what is in a zip is read at once, and makes many times its size of objects.
_LONGEST_LIST = 4_000_000
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
_PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Archive(io.FileIO):
    """A zip of which no more is read at once than a list of its files may have."""

    def read(self, size: int | None = -1) -> bytes:
        """Read as a file does, unless it is far too much."""
        if size is not None and size > _LONGEST_LIST:
            raise zipfile.BadZipFile("the list of its files is too long")
        return super().read(size) or b""


def zip_members(path: Path, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the files in a zip, after looking at everything that it declares.

    Raises
    ------
    RefusedError
        If it is no zip, holds links or names that point out of it, is locked, or holds too much.
    """
    try:
        with _Archive(path) as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except Exception as error:  # What is read from damaged places can be anything.
        raise RefusedError(
            f"{name}: the zip is damaged, or holds far too many files. Make it again, or choose "
            "the folder on this machine instead."
        ) from error
    for info in infos:
        if not is_inside(info.filename):
            raise RefusedError(
                f"{name}: every file must lie inside the zip. Got {info.filename!r}. It is not "
                "opened."
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RefusedError(
                f"{name}: must hold files. Got a link, {info.filename!r}. It is not opened; put "
                "the file itself into it."
            )
        if info.flag_bits & 1:
            raise RefusedError(f"{name}: the zip is locked with a password. Make one without.")
        if info.compress_type not in _PACKED_AS:
            raise RefusedError(
                f"{name}: {visible_line(info.filename)} is packed in a way that is not read here. "
                "Make the zip with the usual means of your system, or choose the folder on this "
                "machine instead."
            )
    files = [info for info in infos if not info.is_dir() and not _is_left_by_system(info.filename)]
    if len(infos) > limits.n_files:
        raise RefusedError(
            f"{name}: a zip may hold {limits.n_files:,} files. Got {len(infos):,}. Choose the "
            "folder on this machine instead.",
            413,
        )
    declared, packed = sum(one.file_size for one in files), path.stat().st_size
    if declared > limits.unpacked_bytes:
        raise RefusedError(
            f"{name}: a zip may unpack to {size_in_words(limits.unpacked_bytes)}. This one says "
            f"{size_in_words(declared)}. Choose the folder on this machine instead.",
            413,
        )
    if declared > max(_SMALL, limits.ratio * packed):
        raise RefusedError(
            f"{name}: unpacks to more than {limits.ratio} times its size, which images do not. It "
            "is not opened.",
            413,
        )
    return files


def unpacked(
    path: Path, name: str, files: list[zipfile.ZipInfo], limits: Limits, folder: Path
) -> Iterator[tuple[str, Path]]:
    """Yield the name and the written file of each member; files are called by their number.

    Raises
    ------
    RefusedError
        If it is damaged, or gives more than it declared.
    """
    total = 0
    with zipfile.ZipFile(path) as archive:
        for place, info in enumerate(files):
            target = folder / f"{path.name}-{place:05d}"
            try:
                with archive.open(info) as member, target.open("wb") as file:
                    while chunk := member.read(_CHUNK):
                        total += len(chunk)
                        if total > limits.unpacked_bytes:
                            raise RefusedError(f"{name}: gives more than it declared.", 413)
                        file.write(chunk)
            except RefusedError:
                raise
            except Exception as error:  # Damaged places raise anything.
                if isinstance(error, OSError) and error.errno in _DISK_IS_FULL:
                    raise
                raise RefusedError(
                    f"{name}: {visible_line(info.filename)} cannot be unpacked. Make the zip again."
                ) from error
            yield info.filename, target


def _is_left_by_system(name: str) -> bool:
    """Tell whether a file is one that systems put into zips and nobody has chosen."""
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")
