"""The one form of the error that says why an image file cannot be used."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioselect.data.names import as_text, name_problem
from bioselect.exceptions import BioselectError, UnreadableImageError
from bioselect.visible import visible

#: Not the file is to blame, but where it lies. (Windows does not know all of these.)
_FAILING_PLACE = {
    getattr(errno, name, errno.EIO)
    for name in ("EIO", "ENAMETOOLONG", "ESTALE", "ENOTCONN", "EHOSTDOWN", "ETIMEDOUT", "ENXIO")
}

TRANSPARENCY_REMEDY = "What lies behind is not known: save it without transparency"


def unreadable(path: Path, reason: str) -> UnreadableImageError:
    """Return the error ``<path>: <reason>.``; `reason` ends with what to do.

    Examples
    --------
    >>> str(unreadable(Path("a.png"), "it is empty (0 bytes). Copy it again from its source"))
    'a.png: it is empty (0 bytes). Copy it again from its source.'
    """
    return UnreadableImageError(f"{as_text(str(path))}: {visible(reason)}.")


def check_place(path: Path) -> None:
    """Refuse what could stand in no table of results, and what may never end.

    Raises
    ------
    UnreadableImageError
        If the path is no valid text (the message shows the bytes), or if it is a pipe or a device.
    """
    if problem := name_problem(path):
        raise unreadable(path, f"its name {problem}. Rename it")
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return  # Reading it says what is wrong.
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise unreadable(path, "it is a pipe or a device, not a file. Leave it out")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn whatever a decoder or the system raises into one line that names the file."""
    try:
        yield
    except (BioselectError, MemoryError):
        raise
    except FileNotFoundError as error:
        what = "it is a link to a file that is not there" if path.is_symlink() else ""
        raise unreadable(path, f"{what or 'there is no such file'}. Check its path") from error
    except IsADirectoryError as error:
        raise unreadable(path, "it is a folder, not an image") from error
    except PermissionError as error:
        raise unreadable(path, "no permission to read it. Ask for the right to") from error
    except OSError as error:
        raise unreadable(path, _refused(error)) from error
    except Exception as error:  # Decoders raise nearly anything on damaged files.
        raise unreadable(path, _damaged(error)) from error


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


def _refused(error: OSError) -> str:
    """Return why the system, or a decoder that uses its kind of error, did not read a file."""
    if error.errno == errno.ELOOP:
        return "it is a link that leads to itself. Remove it"
    if error.errno in _FAILING_PLACE:
        return f"the system cannot read it ({error.strerror}). Check the disk or network it lies on"
    return _damaged(error)


def _damaged(error: Exception) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"it is damaged or cut short ({reason}). Copy it again from its source"
