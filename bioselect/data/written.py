"""When was each file written that this process has examined? What the system says, remembered."""

from __future__ import annotations

from pathlib import Path

from bioselect.data.parts import PartName
from bioselect.data.reading import versions_of
from bioselect.exceptions import UnreadableImageError

#: A digest of the versions of each file, or of the files of a series in a folder.
_examined: dict[tuple[str, str], int] = {}


def note_version(path: Path, part: str) -> int:
    """Remember the version that a file, or the series in a folder, has now; 0 if there is none."""
    key = (str(path), _series_of(path, part))
    version = _version(path, key[1])
    _examined[key] = version
    return version


def was_written_again(path: Path, part: str) -> bool:
    """Tell whether a file was replaced or written, or is gone, since its version was remembered.

    One that was never remembered was not.
    """
    key = (str(path), _series_of(path, part))
    known = _examined.get(key)
    return known is not None and _version(path, key[1]) != known


def _series_of(path: Path, part: str) -> str:
    return PartName.of(path, part).series if part else ""


def _version(path: Path, series: str) -> int:
    try:
        return hash(tuple(versions_of(path, series)))
    except (OSError, UnreadableImageError):
        return 0
