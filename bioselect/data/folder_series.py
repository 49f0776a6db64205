"""DICOM series: files in one folder that are the slices of one volume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bioselect.data.kinds import first_bytes, is_dicom
from bioselect.data.unreadable import unreadable
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnreadableImageError

_SUFFIXES = (".dcm", ".dicom", ".ima")


def may_be_dicom(path: Path) -> bool:
    """Tell whether a file has the name of a DICOM file: .dcm, or no ending, or a number as such.

    Scanners name files after UIDs (``1.2.840.10008``) or count them (``IM00001``).

    Examples
    --------
    >>> [may_be_dicom(Path(name)) for name in ("a.DCM", "IM00001", "1.2.840", "a.png")]
    [True, True, True, False]
    """
    return path.suffix.lower() in _SUFFIXES or path.suffix[1:].isdigit() or not path.suffix


def is_dicom_file(path: Path) -> bool:
    """Tell whether a file has the name and the content of a DICOM file; not if it is unreadable."""
    if not may_be_dicom(path):
        return False
    try:
        return path.is_file() and is_dicom(first_bytes(path))
    except OSError:
        return False


def series_of_files(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return which of the files belong to which DICOM series; files of other kinds to none."""
    dicoms = [path for path in paths if is_dicom_file(path)]
    if not dicoms:
        return {}
    from bioselect.data.dicom import series_in_folder

    return series_in_folder(dicoms)


def series_of_readable_files(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the series of the files that can be read; the others are told of when they are."""
    try:
        return series_of_files(paths)
    except UnreadableImageError:
        return series_of_files([path for path in paths if _has_series(path)])


def _has_series(path: Path) -> bool:
    try:
        return bool(series_of_files([path]))
    except UnreadableImageError:
        return False


def series_files(folder: Path, series: str) -> Sequence[Path]:
    """Return the files of one series in a folder.

    Parameters
    ----------
    folder : Path
        The folder; folders inside it do not count.
    series : str
        The SeriesInstanceUID; empty where the folder holds only one.

    Raises
    ------
    UnreadableImageError
        If there is no such series, or several and none is named.
    """
    found = series_of_readable_files(
        sorted(path for path in folder.iterdir() if path.name[0] != ".")
    )
    if not found:
        raise unreadable(
            folder, "it is a folder, not an image, and holds no DICOM series. Name the file"
        )
    if not series and len(found) > 1:
        raise unreadable(
            folder,
            f"it must hold one DICOM series to stand for an image. Got {len(found)}. Give each "
            "a folder of its own",
        )
    if series and series not in found:
        raise unreadable(
            folder, f"it holds no DICOM series {series}. Got {', '.join(found)}. Read it again"
        )
    return found[series] if series else next(iter(found.values()))


def series_volume(folder: Path, series: str) -> Volume:
    """Open one series of a folder; see :func:`series_files`."""
    from bioselect.data.dicom import open_series

    files = series_files(folder, series)
    volume = open_series(files)
    return replace(volume, contents=volume.contents or (f"{len(files)} slices",))
