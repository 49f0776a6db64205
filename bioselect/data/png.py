"""PNG files: are they whole, and the deep ones (16 bits a channel), which Pillow would flatten."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.data.unreadable import TRANSPARENCY_REMEDY, check_n_pixels, unreadable

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
_SIGNATURE_LENGTH = 8
_REMEDY = "Copy it again from its source"


@dataclass(frozen=True)
class PngFacts:
    """What the chunks of a PNG say before a pixel is decoded."""

    width: int
    height: int
    bit_depth: int
    colour_type: int
    transparent_colour: bytes
    exif: bytes


def png_facts(path: Path, data: bytes) -> PngFacts:
    """Check that a PNG is whole and return its header.

    The decoders do not compare every checksum, so a damaged file could pass as another image.

    Raises
    ------
    UnreadableImageError
        If the file is cut short, the checksum of a chunk is wrong, or it is animated.
    """
    chunks: dict[bytes, bytes] = {}
    place = _SIGNATURE_LENGTH
    view = memoryview(data)
    while b"IEND" not in chunks:
        if place + 12 > len(data):
            raise unreadable(path, f"it is cut short after {len(data)} bytes. {_REMEDY}")
        (length,) = struct.unpack_from(">I", data, place)
        name = bytes(view[place + 4 : place + 8])
        end = place + 8 + length
        if end + 4 > len(data):
            raise unreadable(path, f"it is cut short after {len(data)} bytes. {_REMEDY}")
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(view[place + 4 : end]) != checksum:
            raise unreadable(path, f"it is damaged (checksum of {name!r}). {_REMEDY}")
        chunks.setdefault(name, b"" if name == b"IDAT" else bytes(view[place + 8 : end]))
        place = end + 4
    if b"acTL" in chunks:
        raise unreadable(path, "it is an animation. Save the frame you want as one image")
    width, height, bit_depth, colour_type = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    return PngFacts(
        width, height, bit_depth, colour_type, chunks.get(b"tRNS", b""), chunks.get(b"eXIf", b"")
    )


def read_deep_png(path: Path, data: bytes, facts: PngFacts) -> tuple[np.ndarray, int]:
    """Decode a PNG of 16 bits a channel.

    Returns
    -------
    pixels : np.ndarray
        uint16 ``(height, width, 1 or 3)``.
    orientation : int
        The EXIF orientation, 1 when none is given.

    Raises
    ------
    UnreadableImageError
        If it cannot be decoded or is transparent in places.
    """
    check_n_pixels(path, facts.width, facts.height)
    cv2 = opencv()
    decoded = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise unreadable(path, f"its pixels cannot be decoded. {_REMEDY}")
    decoded = np.atleast_3d(decoded)
    n_colours = 1 if facts.colour_type in (GREY, GREY_ALPHA) else 3
    pixels = decoded[:, :, :n_colours][:, :, ::-1]  # OpenCV's order is blue, green, red.
    if _is_transparent(decoded, pixels, facts):
        raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")
    return pixels, _orientation(facts.exif)


def _is_transparent(decoded: np.ndarray, pixels: np.ndarray, facts: PngFacts) -> bool:
    if facts.colour_type in (GREY_ALPHA, RGB_ALPHA):
        return bool(decoded[:, :, -1].min() < np.iinfo(np.uint16).max)
    if facts.transparent_colour:
        colour = np.frombuffer(facts.transparent_colour, dtype=">u2")
        return bool((pixels == colour).all(axis=2).any())
    return False


def _orientation(exif: bytes) -> int:
    if not exif:
        return 1
    from PIL import ExifTags, Image

    tags = Image.Exif()
    tags.load(exif)
    return int(tags.get(ExifTags.Base.Orientation, 1))
