"""Image files -> arrays that keep the depth and the channels of the file.

What a file is, its first bytes say, not its name: a PNG that is called .jpg is read as PNG. A
file that is cut short, damaged or of a kind that would have to be guessed at is an error that
names it; no pixel is ever filled in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.png import png_facts, read_deep_png
from bioselect.data.tiff import read_tiff
from bioselect.data.unreadable import TRANSPARENCY_REMEDY, check_n_pixels, unreadable
from bioselect.exceptions import BioselectError

#: Raised whenever the same file may give other pixels than before; part of the features' key.
READING_VERSION = 1

PNG, JPEG, BMP, TIFF = "PNG", "JPEG", "BMP", "TIFF"
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"BM", BMP),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
)
_OTHER_KINDS = (
    (b"GIF8", "a GIF"),
    (b"RIFF", "a RIFF file (WebP or a video)"),
    (b"%PDF", "a PDF"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\0\0\0\x0cjP", "a JPEG 2000"),
    (b"<", "text"),
)
_N_SIGNATURE_BYTES = 16
_END_OF_JPEG = 0xD9
#: Markers without a length after them: none at all (a byte 255 of the picture, a filler), TEM,
#: restarts, start.
_BARE_MARKERS = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
#: EXIF orientation -> what turns the stored rows and columns into the picture as it was seen.
_ORIENTATIONS = {
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda image: np.rot90(image, 1),
}
_EXIF_ORIENTATION = 274


def read_image(path: Path) -> np.ndarray:
    """Read one image with the depth and the channels of its file.

    PNG, JPEG, BMP and TIFF (also BigTIFF) are read. The orientation that the file declares is
    applied, palettes become RGB, black-and-white images become 0 and 255, and a transparency
    that is opaque everywhere is left out. In a JPEG with several pictures (of a stereo camera,
    say) the first is the image, as that format defines.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    np.ndarray
        ``(height, width, n_channels)``, C-contiguous, in the file's own dtype (uint8, uint16,
        float32, ...) and native byte order. Grey has 1 channel, colour 3 in the order red, green,
        blue; a TIFF has as many as it holds, in its own order.

    Raises
    ------
    UnreadableImageError
        If the file is missing, empty, damaged, cut short, no image, transparent in places, CMYK,
        a stack of several images, or holds values that are not finite.
    UnavailableError
        If a library that is needed cannot be loaded.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> path = Path(tempfile.mkdtemp()) / "grey.png"
    >>> Image.fromarray(np.array([[0, 128]], dtype=np.uint8)).save(path)
    >>> read_image(path).shape
    (1, 2, 1)
    """
    path = Path(path)
    with _explained(path):
        image, orientation = _read(path)
    if image.size == 0:
        raise unreadable(path, f"it has no pixels (shape {image.shape}). Leave it out")
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        n_bad = int(np.count_nonzero(~np.isfinite(image)))
        raise unreadable(
            path,
            f"{n_bad} of its {image.size} values are not finite numbers (NaN or infinite). Replace "
            "them before the analysis",
        )
    return _native(oriented(image, orientation))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn whatever a decoder or the system raises into one line that names the file."""
    try:
        yield
    except (BioselectError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise unreadable(path, "there is no such file. Check its path") from error
    except IsADirectoryError as error:
        raise unreadable(path, "it is a folder, not an image") from error
    except PermissionError as error:
        raise unreadable(path, "no permission to read it. Ask for the right to") from error
    except Exception as error:  # Decoders raise nearly anything on damaged files.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise unreadable(
            path, f"it is damaged or cut short ({reason}). Copy it again from its source"
        ) from error


def oriented(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn the stored pixels as an EXIF or TIFF orientation (1 to 8) tells.

    Examples
    --------
    >>> oriented(np.array([[[1], [2]]]), 6)[:, :, 0].tolist()
    [[1], [2]]
    """
    turn = _ORIENTATIONS.get(orientation)
    return image if turn is None else turn(image)


def _native(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("="))


def _read(path: Path) -> tuple[np.ndarray, int]:
    """Return the stored pixels ``(height, width, n_channels)`` and the orientation."""
    with path.open("rb") as file:
        start = file.read(_N_SIGNATURE_BYTES)
    kind = _kind_of(path, start)
    if kind == TIFF:
        return read_tiff(path)
    data = path.read_bytes()
    if kind == PNG:
        facts = png_facts(path, data)
        if facts.bit_depth == 16:
            return read_deep_png(path, data, facts)
    if kind == JPEG and not _has_end(data):
        # The decoder takes a tail of zeros, as broken downloads leave it, for pixels.
        raise unreadable(
            path,
            "it is damaged or cut short (its end is missing). Copy it again from its source",
        )
    return _read_with_pillow(path, data, kind)


def _has_end(data: bytes) -> bool:
    """Tell whether the first picture of a JPEG is ended; thumbnails and what follows do not count.

    Phones put a film behind it, in which any bytes may occur.
    """
    place = data.find(b"\xff", 2)
    while 0 <= place < len(data) - 1:
        marker = data[place + 1]
        if marker == _END_OF_JPEG:
            return True
        if marker == 0xFF:
            place += 1
        elif marker in _BARE_MARKERS:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        place = data.find(b"\xff", place)
    return False


def _kind_of(path: Path, start: bytes) -> str:
    if not start:
        raise unreadable(path, "it is empty (0 bytes). Copy it again from its source")
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    remedy = "Save it as PNG or TIFF, or leave it out"
    for signature, name in _OTHER_KINDS:
        if start.startswith(signature):
            raise unreadable(path, f"it is {name}, not a PNG, JPEG, BMP or TIFF. {remedy}")
    raise unreadable(
        path, f"it is not a PNG, JPEG, BMP or TIFF (it begins with {start[:4]!r}). {remedy}"
    )


def _read_with_pillow(path: Path, data: bytes, kind: str) -> tuple[np.ndarray, int]:
    from PIL import BmpImagePlugin, JpegImagePlugin, PngImagePlugin

    # Not Image.open: it refuses images of more than 179 million pixels, which microscopes make,
    # and the limit could only be lifted for the whole process. Ours is check_n_pixels.
    plugins: dict[str, Any] = {
        PNG: PngImagePlugin.PngImageFile,
        JPEG: JpegImagePlugin.JpegImageFile,
        BMP: BmpImagePlugin.BmpImageFile,
    }
    with plugins[kind](io.BytesIO(data)) as picture:
        check_n_pixels(path, picture.width, picture.height)
        picture.load()
        pixels = _pixels_of(path, picture)
        return pixels, int(picture.getexif().get(_EXIF_ORIENTATION, 1))


def _pixels_of(path: Path, picture: Any) -> np.ndarray:
    """Return ``(height, width, 1 or 3)`` uint8 of a loaded Pillow image."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        with_alpha = np.asarray(picture.convert("RGBA"))
        if with_alpha[:, :, 3].min() < 255:
            raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")
        is_grey = picture.mode in ("LA", "L", "1")
        return with_alpha[:, :, :1] if is_grey else with_alpha[:, :, :3]
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode == "P":
        picture = picture.convert("RGB")
    if picture.mode not in ("L", "RGB"):
        raise unreadable(
            path,
            f"its colours are {picture.mode}, whose conversion to RGB depends on the printer or "
            "device. Save it as RGB",
        )
    return np.atleast_3d(np.asarray(picture))
