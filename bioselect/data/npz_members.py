"""The arrays inside an .npz file, reached without loading them.

An .npz is a zip archive of .npy files. A member that is stored as it is gets mapped at its place
in the archive; a compressed one is unpacked once a process into a temporary file and mapped there.
Either way only the images that are looked at come into memory.
"""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from bioselect.data.limits import check_n_bytes, check_unpacked
from bioselect.data.unpacking import N_KEPT, OnceEach, unpacked, version_of
from bioselect.data.unreadable import unreadable
from bioselect.storage import BLOCK_BYTES

_SUFFIX = ".npy"
#: What NumPy writes. Others unpack to any number of times their length.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
#: NumPy itself refuses headers above 10,000.
_MOST_HEADER_BYTES = 65536
#: A local file header of a zip archive: 26 bytes, then the lengths of name and extra field.
_LOCAL_HEADER = struct.Struct("<26xHH")
_maps = OnceEach(2 * N_KEPT)


def member_names(path: Path) -> list[str]:
    """Return the names of the arrays, in the order of the file.

    Raises
    ------
    UnreadableImageError
        If it is no .npz file, or protected by a password.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except zipfile.BadZipFile as error:
        raise unreadable(
            path,
            f"it is no .npz file, or cut short ({error}). Copy it again from its source, or save "
            "it with numpy.savez",
        ) from error
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise unreadable(path, "it is protected by a password. Save it without one")
    if any(info.compress_type not in _METHODS for info in infos):
        raise unreadable(
            path,
            "its arrays must be stored, or compressed as NumPy does. Got another compression. Save "
            "it with numpy.savez",
        )
    return [info.filename[: -len(_SUFFIX)] for info in infos if info.filename.endswith(_SUFFIX)]


def mapped_member(path: Path, name: str) -> np.ndarray:
    """Return an array as a read-only map of the disk, with its own dtype.

    Raises
    ------
    UnreadableImageError
        If it holds Python objects, which are never opened, or is damaged.
    """
    mapped: np.ndarray = _maps.get((*version_of(path), name), lambda: _map(path, name))
    return mapped


def member_form(path: Path, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Return the shape and the dtype of an array, without its numbers."""
    with zipfile.ZipFile(path) as archive, archive.open(name + _SUFFIX) as file:
        shape, _, dtype = read_npy_header(path, file)
    return shape, dtype


def loaded_member(path: Path, name: str) -> np.ndarray:
    """Return a small array, such as labels, in memory; its checksum is checked."""
    with zipfile.ZipFile(path) as archive, archive.open(name + _SUFFIX) as file:
        info = archive.getinfo(name + _SUFFIX)
        check_n_bytes(path, info.file_size, info.compress_size)
        shape, is_fortran, dtype = read_npy_header(path, file)
        values = np.frombuffer(file.read(), dtype)
    return values.reshape(shape, order="F" if is_fortran else "C")


def check_members(path: Path, names: list[str]) -> None:
    """Compare the checksums of arrays, block by block.

    Arrays that are mapped where they lie would show damaged bytes as if they were pixels. Those
    that must be unpacked are, which compares their checksums too.

    Raises
    ------
    zipfile.BadZipFile
        If one does not agree.
    """
    with zipfile.ZipFile(path) as archive:
        for name in names:
            info = archive.getinfo(name + _SUFFIX)
            if info.compress_type != zipfile.ZIP_STORED:
                mapped_member(path, name)
                continue
            with archive.open(info) as file:
                while file.read(BLOCK_BYTES):
                    pass


def read_npy_header(path: Path, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read the header of an .npy stream up to its first number.

    Returns
    -------
    tuple
        The shape, whether the first axis is the fastest (Fortran's order), and the dtype.

    Raises
    ------
    UnreadableImageError
        If the array holds Python objects.
    """
    version = np.lib.format.read_magic(file)
    read: Any = np.lib.format.read_array_header_2_0
    if version == (1, 0):
        read = np.lib.format.read_array_header_1_0
    elif version != (2, 0):
        raise unreadable(
            path, f"it is an .npy of version {version}. Save it as an array of numbers"
        )
    shape, is_fortran, dtype = read(_Beginning(file))
    if dtype.hasobject:
        raise unreadable(
            path,
            "it holds Python objects, which are not opened because they can run code. Save plain "
            "numbers (an array of one shape and type)",
        )
    return tuple(shape), bool(is_fortran), dtype


class _Beginning:
    """A stream that ends early: a header may claim 4 GB, for which memory would be taken first."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._n_left = stream, _MOST_HEADER_BYTES

    def read(self, n_bytes: int) -> bytes:
        """Return the next bytes, as long as it lasts."""
        found = self._stream.read(min(n_bytes, self._n_left))
        self._n_left -= len(found)
        return found


def mapped_array(path: Path, file: IO[bytes]) -> np.ndarray:
    """Map the array whose .npy header begins here; the map outlives the open file.

    Raises
    ------
    UnreadableImageError
        If the array holds Python objects.
    ValueError
        If the file is cut short.
    """
    shape, is_fortran, dtype = read_npy_header(path, file)
    if 0 in shape:
        return np.empty(shape, dtype)
    place: Any = file  # NumPy maps whatever has a file descriptor
    return np.memmap(place, dtype, "r", file.tell(), shape, order="F" if is_fortran else "C")


def _map(path: Path, name: str) -> np.ndarray:
    with zipfile.ZipFile(path) as archive:
        try:
            info = archive.getinfo(name + _SUFFIX)
        except KeyError as error:
            raise unreadable(path, f"it has no array {name}. List the images anew") from error
        if info.compress_type != zipfile.ZIP_STORED:
            check_unpacked(path, info.file_size)
            with archive.open(info) as packed, unpacked(path, packed) as copy:
                return mapped_array(path, copy)
    with path.open("rb") as file:
        file.seek(info.header_offset)
        lengths = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        start = file.seek(sum(lengths), 1)
        shape, _, dtype = read_npy_header(path, file)
        n_bytes = file.tell() - start + math.prod(shape) * dtype.itemsize
        if n_bytes != info.file_size:
            raise unreadable(
                path,
                f"its array {name} must have the {n_bytes} bytes that its header asks for. Got "
                f"{info.file_size}. Copy it again from its source",
            )
        file.seek(start)
        return mapped_array(path, file)
