"""PNG, JPEG, BMP, GIF and WebP."""

import io

import cv2
import numpy as np
from PIL import Image

from tests.fuzzing.images import feed_image

COVERED = (
    "data/reading.py", "data/pictures.py", "data/png.py", "data/kinds.py", "data/jpeg_markers.py",
    "data/orientation.py", "data/unreadable.py", "data/mask_facts.py",
)  # fmt: skip
feed = feed_image


def _saved(pixels, kind, **options):
    file = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(file, kind, **options)
    return file.getvalue()


def seeds():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (12, 17), np.uint8)
    colour = rng.integers(0, 256, (12, 17, 3), np.uint8)
    alpha = np.dstack([colour, np.full(grey.shape, 255, np.uint8)])
    deep = rng.integers(0, 65536, (12, 17), np.uint16)
    deep_colour = rng.integers(0, 65536, (12, 17, 3), np.uint16)
    frames = [Image.fromarray(colour), Image.fromarray(colour[::-1])]
    exif = Image.Exif()
    exif[274] = 6
    paletted = Image.fromarray(colour).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    found = {
        "grey.png": _saved(grey, "PNG"),
        "colour.png": _saved(colour, "PNG", exif=exif),
        "alpha.png": _saved(alpha, "PNG"),
        "bits.png": _saved(Image.fromarray(grey).convert("1"), "PNG"),
        "palette.png": _saved(paletted, "PNG", transparency=7),
        "declared.png": _saved(grey, "PNG", transparency=300),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "deep_colour.png": cv2.imencode(".png", deep_colour)[1].tobytes(),
        "interlaced.png": _interlaced(grey),
        "grey.jpg": _saved(grey, "JPEG"),
        "colour.jpg": _saved(colour, "JPEG", exif=exif),
        "progressive.jpg": _saved(colour, "JPEG", progressive=True, quality=60),
        "cmyk.jpg": _saved(Image.fromarray(colour).convert("CMYK"), "JPEG"),
        "restarts.jpg": cv2.imencode(".jpg", colour, [cv2.IMWRITE_JPEG_RST_INTERVAL, 1])[1].tobytes(),
        "grey.bmp": _saved(grey, "BMP"),
        "colour.bmp": _saved(colour, "BMP"),
        "palette.bmp": _saved(paletted, "BMP"),
        "grey.gif": _saved(grey, "GIF"),
        "frames.gif": _saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "colour.webp": _saved(colour, "WebP", exif=exif),
        "lossless.webp": _saved(alpha, "WebP", lossless=True),
        "frames.webp": _saved(frames[0], "WebP", save_all=True, append_images=frames[1:]),
    }  # fmt: skip
    return found


def _interlaced(grey):
    """Return a PNG that declares Adam7, whose passes are the bytes of the rows of an 8 x 8 image."""
    import struct
    import zlib

    from tests.fuzzing.formats import PNG, _chunk

    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    rows = b"".join(
        b"\0" + grey[y, x:8:across].tobytes()
        for x, first, across, down in passes
        for y in range(first, 8, down)
    )
    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1)
    return (
        PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    )
