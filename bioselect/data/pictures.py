"""Pictures that are one image by definition: PNG, JPEG, BMP, GIF and WebP -> arrays."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.coded_sizes import coded_size
from bioselect.data.jpeg_markers import END, JPEG_LS, SCAN, frame_header, markers
from bioselect.data.kinds import BMP, GIF, JPEG, PNG, WEBP
from bioselect.data.limits import check_file_length, check_n_bytes, check_n_pixels
from bioselect.data.orientation import native, oriented
from bioselect.data.png import check_transparent_colour, png_facts, read_deep_png
from bioselect.data.unreadable import TRANSPARENCY_REMEDY, unreadable

_JPEG_BITS = 8
#: Progressive files have about ten; each goes over the whole picture, however few bytes it has.
_MOST_SCANS = 100
#: Bytes of a pixel in memory: Pillow keeps colours in four.
_BYTES_OF_COLOUR = 4
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
    check_file_length(path)
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
    if kind == WEBP:
        # Its decoder takes the memory when it is opened.
        _check_size(path, *(coded_size(data) or (0, 0)), _BYTES_OF_COLOUR, data)
    return _read_with_pillow(path, data, kind)


def _is_whole(data: bytes, kind: str) -> bool:
    """Tell whether the end is there; decoders take what is missing for black or for nothing."""
    if kind == WEBP:
        (n_behind,) = struct.unpack_from("<I", data, 4)
        return bool(len(data) >= n_behind + 8)
    return True


def _check_jpeg(path: Path, data: bytes) -> None:
    """Refuse relatives of JPEG that no decoder here reads, and what has no end or too much."""
    frame, n_bits = frame_header(data) or (0, _JPEG_BITS)
    if frame == JPEG_LS or n_bits != _JPEG_BITS:
        found = "JPEG-LS" if frame == JPEG_LS else f"{n_bits} bits"
        raise unreadable(
            path,
            f"a JPEG must be a common one of {_JPEG_BITS} bits a channel. Got {found}. Save it as "
            "PNG or TIFF",
        )
    seen = [marker for marker, _ in markers(data)]
    # A tail of zeros, as broken downloads leave it, would be taken for pixels.
    if END not in seen:
        raise unreadable(path, _END_IS_MISSING)
    if (n_found := seen.count(SCAN)) > _MOST_SCANS:
        raise unreadable(
            path,
            f"a JPEG must have at most {_MOST_SCANS} scans, each of which takes as long as a whole "
            f"picture. Got {n_found}. Save it anew, not progressive",
        )


def _check_size(path: Path, width: int, height: int, n_channels: int, data: bytes) -> None:
    """Refuse a size that a header claims before the pixels are decoded."""
    check_n_pixels(path, width, height)
    check_n_bytes(path, width * height * n_channels, len(data))


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
        n_channels = 1 if len(picture.getbands()) == 1 else _BYTES_OF_COLOUR
        _check_size(path, picture.width, picture.height, n_channels, data)
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
