"""How large the picture inside compressed bytes is, by their own header.

Where a picture lies inside another file (TIFF, DICOM), that file's header has been checked, and
this one decides how much memory the decoder takes.
"""

from __future__ import annotations

import struct

from bioselect.data.jpeg_markers import frame_size

_JPEG, _CODESTREAM, _BOX = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP"
_RIFF, _EXTENDED, _LOSSLESS, _LOSSY = b"RIFF", b"VP8X", b"VP8L", b"VP8 "
_SIZES_OF_JPEG_2000 = struct.Struct(">4xHHIIII")
_N_SEARCHED = 65536


def coded_size(data: bytes) -> tuple[int, int] | None:
    r"""Return the width and height of a JPEG, JPEG-LS, JPEG 2000 or WebP; None if not known.

    Examples
    --------
    >>> coded_size(bytes.fromhex("ffd8 ffc0000b08 0010 0020 01011100"))
    (32, 16)
    """
    if data.startswith(_JPEG):
        return frame_size(data)
    if data.startswith((_CODESTREAM, _BOX)):
        return _of_jpeg_2000(data)
    return _of_webp(data) if data.startswith(_RIFF) else None


def _of_jpeg_2000(data: bytes) -> tuple[int, int] | None:
    place = data.find(_CODESTREAM, 0, _N_SEARCHED)
    if place < 0 or place + _SIZES_OF_JPEG_2000.size > len(data):
        return None
    _, _, right, bottom, left, top = _SIZES_OF_JPEG_2000.unpack_from(data, place)
    return max(right - left, 0), max(bottom - top, 0)


def _of_webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if len(data) < 30:
        return None
    if kind == _EXTENDED:
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == _LOSSLESS:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == _LOSSY:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
