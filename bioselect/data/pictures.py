"""Pictures that are one image by definition: PNG, JPEG, BMP, GIF and WebP -> arrays."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.kinds import BMP, GIF, JPEG, PNG, WEBP
from bioselect.data.orientation import native, oriented
from bioselect.data.png import check_transparent_colour, png_facts, read_deep_png
from bioselect.data.unreadable import TRANSPARENCY_REMEDY, check_n_pixels, unreadable

_END_OF_JPEG = 0xD9
#: Markers without a length after them: none at all (a byte 255 of the picture, a filler), TEM,
#: restarts, start.
_BARE_MARKERS = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
#: The markers of the header of a picture: those of JPEG (without three that mean other things
#: there) and that of JPEG-LS.
_JPEG_LS = 0xF7
_FRAMES = frozenset({*range(0xC0, 0xD0), _JPEG_LS} - {0xC4, 0xC8, 0xCC})
_JPEG_BITS = 8
_EXIF_ORIENTATION = 274
_END_IS_MISSING = "it is damaged or cut short (its end is missing). Copy it again from its source"


def read_picture(path: Path, kind: str) -> np.ndarray:
    """Return the pixels of a picture as it was seen, ``(height, width, 1 or 3)``.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        One of PNG, JPEG, BMP, GIF, WebP, from :func:`bioselect.data.kinds.kind_of`. Of an animated
        GIF or WebP, and of a JPEG with several pictures, the first is the image.

    Returns
    -------
    np.ndarray
        uint8, or uint16 for a PNG of that depth.

    Raises
    ------
    UnreadableImageError
        If it is damaged, cut short, transparent in places, or neither grey nor RGB.
    """
    pixels, orientation = _stored(path, path.read_bytes(), kind)
    return native(oriented(pixels, orientation))


def _stored(path: Path, data: bytes, kind: str) -> tuple[np.ndarray, int]:
    """Return the stored pixels and the orientation."""
    if kind == PNG:
        facts = png_facts(path, data)
        if facts.bit_depth == 16:
            return read_deep_png(path, data, facts)
        pixels, orientation = _read_with_pillow(path, data, kind)
        check_transparent_colour(path, pixels, facts)
        return pixels, orientation
    if kind == JPEG:
        _check_jpeg(path, data)
    if not _is_whole(data, kind):
        raise unreadable(path, _END_IS_MISSING)
    return _read_with_pillow(path, data, kind)


def _is_whole(data: bytes, kind: str) -> bool:
    """Tell whether the end is there; decoders take what is missing for black or for nothing."""
    if kind == JPEG:
        # A tail of zeros, as broken downloads leave it, would be taken for pixels.
        return _has_end(data)
    if kind == WEBP:
        (n_behind,) = struct.unpack_from("<I", data, 4)
        return bool(len(data) >= n_behind + 8)
    return True


def _check_jpeg(path: Path, data: bytes) -> None:
    """Refuse the relatives of JPEG that no decoder here reads, which are not damaged."""
    frame, place = next((found for found in _markers(data) if found[0] in _FRAMES), (0, 0))
    n_bits = data[place + 2] if frame and place + 2 < len(data) else _JPEG_BITS
    if frame == _JPEG_LS or n_bits != _JPEG_BITS:
        found = "JPEG-LS" if frame == _JPEG_LS else f"{n_bits} bits"
        raise unreadable(
            path,
            f"a JPEG must be a common one of {_JPEG_BITS} bits a channel. Got {found}. Save it as "
            "PNG or TIFF",
        )


def _has_end(data: bytes) -> bool:
    """Tell whether the first picture of a JPEG is ended."""
    return any(marker == _END_OF_JPEG for marker, _ in _markers(data))


def _markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of the first picture of a JPEG, each with the place behind it.

    Thumbnails and what follows do not count: phones put a film behind it, in which any bytes may
    occur.
    """
    place = data.find(b"\xff", 2)
    while 0 <= place < len(data) - 1:
        marker = data[place + 1]
        yield marker, place + 2
        if marker == _END_OF_JPEG:
            return
        if marker == 0xFF:
            place += 1
        elif marker in _BARE_MARKERS:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        place = data.find(b"\xff", place)


def _read_with_pillow(path: Path, data: bytes, kind: str) -> tuple[np.ndarray, int]:
    from PIL import (
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        WebPImagePlugin,
    )

    # Not Image.open: it refuses images of more than 179 million pixels, which microscopes make,
    # and the limit could only be lifted for the whole process. Ours is check_n_pixels.
    plugins: dict[str, Any] = {
        PNG: PngImagePlugin.PngImageFile,
        JPEG: JpegImagePlugin.JpegImageFile,
        BMP: BmpImagePlugin.BmpImageFile,
        GIF: GifImagePlugin.GifImageFile,
        WEBP: WebPImagePlugin.WebPImageFile,
    }
    # Said of a damaged date or camera, too, which nobody asks for. For good, and not in a block:
    # threads read pictures, and the end of one's block would end those of the others.
    warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning)
    with plugins[kind](io.BytesIO(data)) as picture:
        check_n_pixels(path, picture.width, picture.height)
        if kind == GIF:
            _check_covered(path, picture)
        picture.load()
        pixels = _pixels_of(path, picture)
        return pixels, int(picture.getexif().get(_EXIF_ORIENTATION, 1))


def _check_covered(path: Path, picture: Any) -> None:
    """Refuse a GIF whose first frame leaves a part of the picture to whatever lies behind."""
    covered = picture.tile[0][1] if picture.tile else None
    if covered != (0, 0, *picture.size):
        raise unreadable(
            path,
            f"its first frame must fill the picture of {picture.width} x {picture.height}. Got "
            f"the part {covered}. Save it as PNG",
        )


def _is_grey(picture: Any) -> bool:
    """Tell whether a picture can hold only greys: by its mode, or as its palette has no colour.

    Grey pictures are often stored with a palette, as GIF knows nothing else.
    """
    if picture.mode not in ("P", "PA"):
        return picture.mode in ("LA", "L", "1")
    colours = np.array(picture.getpalette("RGB")).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _pixels_of(path: Path, picture: Any) -> np.ndarray:
    """Return ``(height, width, 1 or 3)`` uint8 of a loaded Pillow image."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        with_alpha = np.asarray(picture.convert("RGBA"))
        if with_alpha[:, :, 3].min() < 255:
            raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")
        return with_alpha[:, :, :1] if _is_grey(picture) else with_alpha[:, :, :3]
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode == "P":
        colours = np.asarray(picture.convert("RGB"))
        return colours[:, :, :1] if _is_grey(picture) else colours
    if picture.mode not in ("L", "RGB"):
        raise unreadable(
            path,
            f"its colours are {picture.mode}, whose conversion to RGB depends on the printer or "
            "device. Save it as RGB",
        )
    return np.atleast_3d(np.asarray(picture))
