"""The markers of a JPEG: where its parts begin, and how many bits its numbers have."""

from __future__ import annotations

import struct
from collections.abc import Iterator

END = 0xD9
#: One stands before each time that the decoder goes over the picture.
SCAN = 0xDA
JPEG_LS = 0xF7
#: The markers of the header of a picture: those of JPEG (without three that mean other things
#: there) and that of JPEG-LS.
_FRAMES = frozenset({*range(0xC0, 0xD0), JPEG_LS} - {0xC4, 0xC8, 0xCC})
#: Markers without a length after them: none at all (a byte 255 of the picture, a filler), TEM,
#: restarts, start.
_BARE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})


def markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of the first picture of a JPEG, each with the place behind it.

    Thumbnails and what follows do not count: phones put a film behind it, in which any bytes may
    occur.

    Examples
    --------
    >>> [hex(marker) for marker, _ in markers(bytes.fromhex("ffd8 ffdb0003ff ffd9 ffda"))]
    ['0xdb', '0xd9']
    """
    place = data.find(b"\xff", 2)
    while 0 <= place < len(data) - 1:
        marker = data[place + 1]
        yield marker, place + 2
        if marker == END:
            return
        if marker == 0xFF:
            place += 1
        elif marker in _BARE:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        place = data.find(b"\xff", place)


def frame_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height by the picture's header; None if there is none."""
    place = next((place for marker, place in markers(data) if marker in _FRAMES), 0)
    if not place or place + 7 > len(data):
        return None
    height, width = struct.unpack_from(">HH", data, place + 3)
    return width, height


def frame_header(data: bytes) -> tuple[int, int] | None:
    """Return the marker of the picture's header and the bits of a number; None if there is none.

    Examples
    --------
    >>> frame_header(bytes.fromhex("ffd8 ffc1000b0c00080008010111 00"))  # 12 bits
    (193, 12)
    """
    frame, place = next((found for found in markers(data) if found[0] in _FRAMES), (0, 0))
    return (frame, data[place + 2]) if frame and place + 2 < len(data) else None
