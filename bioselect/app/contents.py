"""Is an uploaded file an image, and how many pixels would it be: told by its first bytes.

Nothing is decoded here. A header can claim any size; what it claims is what would be allocated.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

from bioselect.data.kinds import BMP, GIF, JPEG, PNG, TIFF, WEBP, first_bytes, kind_of
from bioselect.exceptions import UnreadableImageError

_OME_SIZE = re.compile(r"""\bSize([ZTC])\s*=\s*["'](\d+)""")
_LONGEST_NUMBER = 12
#: How a file is called in the work folder; of other kinds the size cannot be told beforehand.
ENDINGS = {PNG: ".png", JPEG: ".jpg", BMP: ".bmp", GIF: ".gif", WEBP: ".webp", TIFF: ".tif"}


def ending_of(path: Path, name: str, n_pixels: int) -> str:
    """Return the ending that fits what a file holds.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What to call it in errors.
    n_pixels : int
        So many it may have at most.

    Raises
    ------
    UnreadableImageError
        If it is no image, of a kind that is not uploaded, or too large.
    """
    shown = Path(name)
    start = first_bytes(path)
    kind = kind_of(shown, start)
    if kind not in ENDINGS:
        raise UnreadableImageError(
            f"{name}: a {kind} file is not uploaded, because its size cannot be told before it is "
            "read. Choose the folder on this machine in which it lies."
        )
    try:
        width, height, n_planes = _size(path, start, kind)
    except UnreadableImageError as error:
        raise UnreadableImageError(str(error).replace(str(path), name)) from error
    except Exception as error:  # Decoders raise nearly anything on damaged files.
        raise UnreadableImageError(
            f"{name}: it is damaged or cut short (its size cannot be read). Copy it again from its "
            "source."
        ) from error
    if width * height * n_planes > n_pixels:
        planes = f" x {n_planes:,} planes" if n_planes > 1 else ""
        raise UnreadableImageError(
            f"{name}: an uploaded image must have at most {n_pixels:,} pixels. Got {width:,} x "
            f"{height:,}{planes}. Choose the folder on this machine in which it lies, or save it "
            "smaller."
        )
    return ENDINGS[kind]


def _size(path: Path, start: bytes, kind: str) -> tuple[int, int, int]:
    """Return width, height and number of planes, as the header says."""
    if kind == PNG:
        width, height = struct.unpack_from(">II", start, 16)
        return width, height, 1
    if kind == BMP:
        width, height = struct.unpack_from("<ii", start, 18)
        return abs(width), abs(height), 1
    if kind == GIF:
        width, height = struct.unpack_from("<HH", start, 6)
        return width, height, 1
    if kind == WEBP:
        return (*_size_of_webp(start), 1)
    if kind == JPEG:
        from PIL.JpegImagePlugin import JpegImageFile

        with JpegImageFile(path) as picture:
            return picture.width, picture.height, 1
    return _size_of_tiff(path)


def _size_of_webp(start: bytes) -> tuple[int, int]:
    form = start[12:16]
    if form == b"VP8X":
        width = int.from_bytes(start[24:27], "little") + 1
        return width, int.from_bytes(start[27:30], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", start, 26)
    return width & 0x3FFF, height & 0x3FFF


def _size_of_tiff(path: Path) -> tuple[int, int, int]:
    from tifffile import TiffFile

    from bioselect.data.ifd_chain import check_chain

    n_pages = check_chain(path)
    with TiffFile(path) as file:
        tags = file.pages.first.tags

        def value(name: str) -> int:
            found = tags.get(name)
            return 1 if found is None else int(found.value)

        # Each pixel may claim many samples; words in the file may claim more planes than lie there.
        n_planes = n_pages * value("ImageDepth") * _fours(value("SamplesPerPixel"))
        n_planes = max(n_planes, _claimed_in_words(tags.get("ImageDescription")))
        return int(tags["ImageWidth"].value), int(tags["ImageLength"].value), n_planes


def _claimed_in_words(description: Any) -> int:
    """Return the planes that the words of OME claim: a list of that length would be made."""
    if description is None or not isinstance(description.value, str):
        return 0
    sizes = dict.fromkeys("ZTC", 1)
    for name, size in _OME_SIZE.findall(description.value):
        sizes[name] = max(sizes[name], int(size[:_LONGEST_NUMBER]))
    return sizes["Z"] * sizes["T"] * _fours(sizes["C"])


def _fours(number: int) -> int:
    """Return how many images of up to four samples hold so many."""
    return -(-number // 4)
