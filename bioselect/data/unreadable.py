"""The one form of the error that says why an image file cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioselect.exceptions import BioselectError, UnreadableImageError

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


@contextmanager
def explained(path: Path) -> Iterator[None]:
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


def checked_place(path: Path, place: int, n_planes: int) -> int:
    """Return the number of a plane, if there is such a plane.

    Raises
    ------
    UnreadableImageError
        If `place` is below 0 or not below `n_planes`.
    """
    if 0 <= place < n_planes:
        return place
    raise unreadable(
        path,
        f"its images are numbered from 0 to {n_planes - 1}. Got {place}. List the images anew: the "
        "file has changed",
    )
