"""Which files beside an ONNX model hold its weights, read without any package for ONNX.

ONNX is written in Protocol Buffers: a message is a row of fields, each a number, the way it is
coded, and a value that may be a message itself. Only the fields that lead to a tensor's
`external_data` are followed here; all others are passed over unread, so that a model of gigabytes
takes no time.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

#: Message -> number of a field -> the message that lies in it (onnx.proto).
FIELDS: Mapping[str, Mapping[int, str]] = {
    "ModelProto": {7: "GraphProto", 25: "FunctionProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
    "TensorProto": {13: "StringStringEntryProto"},
}
_ENTRY = "StringStringEntryProto"
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def external_files(path: Path) -> list[str]:
    """Return the names of the files that an ONNX model keeps its weights in, sorted.

    Parameters
    ----------
    path : Path
        The model.

    Raises
    ------
    ValueError
        If it is no row of fields from end to end: damaged, or no ONNX model.
    """
    if not path.stat().st_size:
        raise ValueError("it is empty")
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        try:
            return sorted(set(_locations(data, "ModelProto", 0, len(data))))
        except (IndexError, RecursionError) as error:
            raise ValueError("it ends too soon") from error


def _locations(data: mmap.mmap, message: str, start: int, stop: int) -> Iterator[str]:
    """Give the locations named in a message, and in those inside."""
    if message == _ENTRY:
        entry = {number: data[begin:end] for number, begin, end in _fields(data, start, stop)}
        if entry.get(1) == b"location":
            yield entry.get(2, b"").decode("utf-8")
        return
    for number, begin, end in _fields(data, start, stop):
        inner = FIELDS[message].get(number)
        if inner is not None:
            yield from _locations(data, inner, begin, end)


def _fields(data: mmap.mmap, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Give the number, begin and end of each field that has a length."""
    place = start
    while place < stop:
        key, place = _varint(data, place)
        number, coding = key >> 3, key & 7
        begin = place
        if coding == _VARINT:
            _, place = _varint(data, place)
        elif coding == _LENGTH:
            length, begin = _varint(data, place)
            place = begin + length
        elif coding in (_EIGHT_BYTES, _FOUR_BYTES):
            place += 8 if coding == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"byte {place} is not as in ONNX")
        if place > stop:
            raise ValueError("it ends too soon")
        if coding == _LENGTH:
            yield number, begin, place


def _varint(data: mmap.mmap, place: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, the lowest first, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError(f"byte {place} is not as in ONNX")
