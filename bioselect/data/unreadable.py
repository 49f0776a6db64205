"""The one form of the error that says why an image file cannot be used."""

from __future__ import annotations

from pathlib import Path

from bioselect.exceptions import UnreadableImageError

#: 31,000 x 31,000 pixels. A damaged or malicious header can claim any size; decoding it would
#: take all memory before anything is noticed.
MAXIMUM_PIXELS = 1_000_000_000

TRANSPARENCY_REMEDY = "What lies behind is not known: save it without transparency"


def unreadable(path: Path, reason: str) -> UnreadableImageError:
    """Return the error ``<path>: <reason>.``; `reason` ends with what to do.

    Examples
    --------
    >>> str(unreadable(Path("a.png"), "it is empty (0 bytes). Copy it again from its source"))
    'a.png: it is empty (0 bytes). Copy it again from its source.'
    """
    return UnreadableImageError(f"{path}: {reason}.")


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
