"""How large a file and what is in it may be, decided before anything is decoded.

A damaged or malicious file can claim any size, and a small one can unpack to more than a disk
holds. Each limit lies far above what real images and tables need.
"""

from __future__ import annotations

from pathlib import Path

from bioselect.data.unreadable import unreadable

#: 31,000 x 31,000 pixels.
MAXIMUM_PIXELS = 1_000_000_000
#: Of one decoded plane, of a stack whose planes become channels, of a file that is read whole.
MAXIMUM_BYTES = 8_000_000_000
#: A file may always unpack to so much, and beyond to so many times its own length. Deflate, in
#: PNG, TIFF and zip, reaches 1032 at most; only blank images of other kinds come above that.
FREE_BYTES, MOST_TIMES = 128_000_000, 2000
#: Of a compressed volume or array, which is unpacked to the disk and not into memory.
MAXIMUM_UNPACKED = 64_000_000_000
#: Planes of a stack, frames, images of an array.
MAXIMUM_PLANES = 1_000_000
_GIGABYTE = 1_000_000_000


def check_n_pixels(path: Path, width: int, height: int) -> None:
    """Refuse an image of more than a thousand million pixels before it is decoded.

    Raises
    ------
    UnreadableImageError
        If ``width * height`` is above `MAXIMUM_PIXELS`.
    """
    if width * height > MAXIMUM_PIXELS:
        raise unreadable(
            path,
            f"it must have at most {MAXIMUM_PIXELS:,} pixels. Got {width} x {height}. Cut it into "
            "tiles, or save it at a lower resolution",
        )


def check_n_bytes(path: Path, n_bytes: int, n_stored: int | None = None) -> None:
    """Refuse pixels that would take too much memory before they are decoded.

    Parameters
    ----------
    path : Path
        Names the file in errors.
    n_bytes : int
        What one image takes in memory, as its header declares.
    n_stored : int or None
        What the file has at most for it; None where it is not compressed.

    Raises
    ------
    UnreadableImageError
        If that is above `MAXIMUM_BYTES`, or more than so few bytes can stand for.

    Examples
    --------
    >>> check_n_bytes(Path("a.png"), 300_000_000, n_stored=1000)
    Traceback (most recent call last):
    bioselect.exceptions.UnreadableImageError: a.png: it would unpack to 300,000,000 bytes, \
300000 times what it has stored (2000 times at most). It is damaged, or made to fill the memory: \
copy it again from its source, or leave it out.
    """
    _check_gigabytes(
        path,
        n_bytes,
        MAXIMUM_BYTES,
        "an image must take at most {most} in memory. Got {got} by its header. Cut it into tiles, "
        "save it with fewer channels or at a lower resolution, or, if it is not so large, copy it "
        "again from its source",
    )
    if n_stored is not None and n_bytes > FREE_BYTES and n_bytes > MOST_TIMES * n_stored:
        raise unreadable(
            path,
            f"it would unpack to {n_bytes:,} bytes, {n_bytes // max(n_stored, 1)} times what it "
            f"has stored ({MOST_TIMES} times at most). It is damaged, or made to fill the memory: "
            "copy it again from its source, or leave it out",
        )


def check_n_planes(path: Path, n_planes: int) -> None:
    """Refuse a stack of more than a million planes before they are listed.

    Raises
    ------
    UnreadableImageError
        If it has more than `MAXIMUM_PLANES`.
    """
    if n_planes > MAXIMUM_PLANES:
        raise unreadable(
            path,
            f"a file must hold at most {MAXIMUM_PLANES:,} planes. Got {n_planes:,}. Save them as "
            "several files",
        )


def check_unpacked(path: Path, n_bytes: int) -> None:
    """Refuse what would fill the disk before it is unpacked there.

    Raises
    ------
    UnreadableImageError
        If it is more than `MAXIMUM_UNPACKED`.
    """
    _check_gigabytes(
        path,
        n_bytes,
        MAXIMUM_UNPACKED,
        "what is compressed in it must have at most {most}. Got {got} by its header. Save it as "
        "several files",
    )


def check_file_length(path: Path) -> None:
    """Refuse a file that is too long to be read whole.

    Raises
    ------
    UnreadableImageError
        If it is longer than `MAXIMUM_BYTES`.
    """
    _check_gigabytes(
        path,
        path.stat().st_size,
        MAXIMUM_BYTES,
        "the file must have at most {most}. Got {got}. Save it as TIFF, or cut it into tiles",
    )


def _check_gigabytes(path: Path, n_bytes: int, most: int, told: str) -> None:
    """Refuse more bytes than there may be; `told` says so, with `{most}` and `{got}` in it."""
    if n_bytes > most:
        sizes = {"most": f"{most / _GIGABYTE:.0f} GB", "got": f"{n_bytes / _GIGABYTE:.1f} GB"}
        raise unreadable(path, told.format(**sizes))
