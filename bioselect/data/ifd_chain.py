"""Is the chain of a TIFF's pages whole: a stack cut short would otherwise be a shorter stack."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bioselect.data.limits import MAXIMUM_PLANES, check_n_planes
from bioselect.data.unreadable import unreadable

_BIG_TIFF = 43
_CLASSIC, _BIG = ("I", "H", "HHII"), ("Q", "Q", "HHQQ")
#: The tag in which OME, ImageJ and others say what the pages are.
_DESCRIPTION = 270
_REMEDY = "Copy it again from its source"


@dataclass(frozen=True)
class _Form:
    """How numbers are written: `struct` formats of an offset, a number of tags and a tag."""

    offset: str
    n_tags: str
    tag: str


def check_chain(path: Path) -> int:
    """Follow the pages from the first to the last, and return how many there are.

    Decoders take a chain that breaks off for a file with fewer pages, and a description that is
    cut off for none.

    Raises
    ------
    UnreadableImageError
        If a page or its description lies beyond the end of the file, or the chain runs in a
        circle.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        order = "<" if file.read(2) == b"II" else ">"
        is_big = _number(path, file, order + "H") == _BIG_TIFF
        if is_big:
            file.seek(8)
        form = _Form(*(order + one for one in (_BIG if is_big else _CLASSIC)))
        seen: set[int] = set()
        while place := _number(path, file, form.offset):
            if place in seen:
                raise unreadable(
                    path, f"it is damaged (the pages run in a circle after {len(seen)}). {_REMEDY}"
                )
            if place >= size:
                raise unreadable(
                    path,
                    f"it is cut short: after {len(seen)} pages the next must begin at byte "
                    f"{place}, and it has {size}. {_REMEDY}",
                )
            seen.add(place)
            if len(seen) > MAXIMUM_PLANES:
                check_n_planes(path, len(seen))
            file.seek(place)
            _check_description(path, file, form, size)
    return len(seen)


def _check_description(path: Path, file: BinaryIO, form: _Form, size: int) -> None:
    """Read the tags of a page; what follows in the file is the place of the next."""
    n_bytes = _number(path, file, form.n_tags) * struct.calcsize(form.tag)
    # A number of tags may be anything up to 2**64: asked for before the memory is.
    tags = file.read(n_bytes) if n_bytes <= size else b""
    if len(tags) < n_bytes:
        raise unreadable(path, f"it is cut short in the list of its pages. {_REMEDY}")
    for code, _, count, place in struct.iter_unpack(form.tag, tags):
        if code == _DESCRIPTION and count > struct.calcsize(form.offset) and place + count > size:
            raise unreadable(
                path, f"it is cut short: the description of its pages is missing. {_REMEDY}"
            )


def _number(path: Path, file: BinaryIO, form: str) -> int:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise unreadable(path, f"it is cut short in the list of its pages. {_REMEDY}")
    return int(struct.unpack(form, data)[0])
