"""PNG files: are they whole, and the deep ones (16 bits a channel), which Pillow would flatten."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.limits import check_n_bytes, check_n_pixels
from bioselect.data.opencv import opencv
from bioselect.data.unreadable import TRANSPARENCY_REMEDY, unreadable

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
_N_CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 4, RGB_ALPHA: 4}
_SIGNATURE_LENGTH = 8
#: Where an orientation may stand: EXIF, and texts, among them XMP and EXIF of older programs.
_NOTES = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_REMEDY = "Copy it again from its source"


@dataclass(frozen=True)
class PngFacts:
    """What the chunks of a PNG say before a pixel is decoded."""

    width: int
    height: int
    bit_depth: int
    colour_type: int
    transparent_colour: bytes
    #: The chunks that may say how to turn it, as a file of one pixel.
    notes: bytes


def png_facts(path: Path, data: bytes) -> PngFacts:
    """Check that a PNG is whole and return its header.

    The decoders do not compare every checksum, so a damaged file could pass as another image.

    Raises
    ------
    UnreadableImageError
        If the file is cut short, the checksum of a chunk is wrong, or it is animated.
    """
    chunks: dict[bytes, bytes] = {}
    notes = [
        data[:_SIGNATURE_LENGTH],
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
    ]
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
        if name in _NOTES:
            notes.append(data[place : end + 4])
        elif name == b"IDAT" and name not in chunks:
            notes.append(_chunk(name, zlib.compress(bytes(2))))
        chunks.setdefault(name, b"" if name == b"IDAT" else bytes(view[place + 8 : end]))
        place = end + 4
    if b"acTL" in chunks:
        raise unreadable(path, "it is an animation. Save the frame you want as one image")
    notes.append(_chunk(b"IEND", b""))
    width, height, bit_depth, colour_type = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    return PngFacts(
        width, height, bit_depth, colour_type, chunks.get(b"tRNS", b""), b"".join(notes)
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum


def read_deep_png(path: Path, data: bytes, facts: PngFacts) -> tuple[np.ndarray, int]:
    """Decode a PNG of 16 bits a channel.

    Returns
    -------
    pixels : np.ndarray
        uint16 ``(height, width, 1 or 3)``.
    orientation : int
        The orientation by EXIF or XMP, 1 when none is given.

    Raises
    ------
    UnreadableImageError
        If it cannot be decoded or is transparent in places.
    """
    check_n_pixels(path, facts.width, facts.height)
    n_channels = _N_CHANNELS.get(facts.colour_type, 1)
    check_n_bytes(path, 2 * facts.width * facts.height * n_channels, len(data))
    cv2 = opencv()
    decoded = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise unreadable(path, f"its pixels cannot be decoded. {_REMEDY}")
    decoded = np.atleast_3d(decoded)
    n_colours = 1 if facts.colour_type in (GREY, GREY_ALPHA) else 3
    pixels = decoded[:, :, :n_colours][:, :, ::-1]  # OpenCV's order is blue, green, red.
    has_alpha = facts.colour_type in (GREY_ALPHA, RGB_ALPHA)
    if has_alpha and decoded[:, :, -1].min() < np.iinfo(np.uint16).max:
        raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")
    check_transparent_colour(path, pixels, facts)
    return pixels, _orientation(facts.notes)


def check_transparent_colour(path: Path, pixels: np.ndarray, facts: PngFacts) -> None:
    """Refuse grey or RGB in which the colour occurs that its header declares transparent.

    The header means the stored numbers; Pillow compares it with those of 2 and 4 bits after they
    are brought to 0 to 255, and so finds nothing.

    Raises
    ------
    UnreadableImageError
        If it occurs.
    """
    if not facts.transparent_colour or facts.colour_type not in (GREY, RGB):
        return
    step = 255 // (2**facts.bit_depth - 1) if facts.bit_depth < 8 else 1
    colour = np.frombuffer(facts.transparent_colour, dtype=">u2")[: pixels.shape[2]]
    if (pixels == colour * step).all(axis=2).any():
        raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")


def _orientation(notes: bytes) -> int:
    """Return the orientation where Pillow finds it, as for other depths: EXIF, text or XMP."""
    from PIL import ExifTags, PngImagePlugin

    with PngImagePlugin.PngImageFile(io.BytesIO(notes)) as picture:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
