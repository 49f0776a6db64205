"""DICOM series: files in one folder that are the slices of one volume."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bioselect.data.dicom_identity import (
    identity_of,
    is_named_dicom,
    may_be_dicom,
    read_identity,
)
from bioselect.data.kinds import DICOM, first_bytes, kind_of
from bioselect.data.names import as_text
from bioselect.data.unpacking import Key, OnceEach, version_of
from bioselect.data.unreadable import explained, unreadable
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnreadableImageError

#: Images are read folder by folder, so that few looks are needed at a time.
_N_KEPT = 64
_looks = OnceEach(_N_KEPT)
#: Clocks of disks are coarse: within this time a folder may change twice and show one time.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class SeriesFiles:
    """The files of one series in a folder, sorted by path.

    `unknown` are files beside them that cannot be read, though they are named as slices are: each
    may be one of this series.
    """

    files: tuple[Path, ...]
    unknown: tuple[Path, ...]


@dataclass(frozen=True)
class _Look:
    """What was found in a folder, and in which version."""

    series: Mapping[str, tuple[Path, ...]]
    unknown: tuple[Path, ...]
    versions: Mapping[Path, Key]

    def still_holds_for(self, series: str) -> bool:
        """Tell whether none of these files was written again; the folder does not show that."""
        looked_at = (*self.series.get(series, ()), *self.unknown)
        return all(_version(path) == self.versions[path] for path in looked_at)


def series_of_files(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return which of the files belong to which DICOM series.

    Parameters
    ----------
    paths : iterable of Path
        Files of other kinds and indices (DICOMDIR) belong to none; neither do files that cannot
        be read, or do not say their series: they are told of when they are read.

    Returns
    -------
    dict
        The SeriesInstanceUIDs in sorted order, each with its files sorted by path (not by place
        in the patient: :func:`bioselect.data.dicom.open_series` does that).

    Raises
    ------
    UnavailableError
        If there is a DICOM file and pydicom is not installed.
    """
    series: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(map(Path, paths)):
        identity = identity_of(path)
        if identity is not None and identity.series:
            series[identity.series].append(path)
    return dict(sorted(series.items()))


def series_in(folder: Path, series: str = "") -> SeriesFiles:
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
    look = _looked_into(folder, series)
    found = look.series
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
    return SeriesFiles(found[series] if series else next(iter(found.values())), look.unknown)


def series_files(folder: Path, series: str = "") -> Sequence[Path]:
    """Return the readable files of one series; see :func:`series_in`."""
    return series_in(folder, series).files


def series_volume(folder: Path, series: str = "") -> Volume:
    """Open one series of a folder; see :func:`series_in`.

    Its `gap` says if slices are missing, or may be, as a file beside them cannot be read.

    Raises
    ------
    UnreadableImageError
        If it cannot be opened, or has one slice and a file beside it that cannot be read.
    """
    from bioselect.data.dicom import open_series

    found = series_in(folder, series)
    volume = open_series(found.files)
    gap = _unknown_in_words(found.unknown) or volume.gap
    if found.unknown and volume.n_planes == 1:
        raise unreadable(folder, f"{gap}. Copy it again from its source")
    return replace(volume, contents=volume.contents or (f"{len(found.files)} slices",), gap=gap)


def _unknown_in_words(unknown: Sequence[Path]) -> str:
    if not unknown:
        return ""
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return f"{as_text(unknown[0].name)}{more} beside it cannot be read and may be a slice of it"


def _looked_into(folder: Path, series: str) -> _Look:
    """Look into a folder, or remember: its many series must not each cost a look at all files."""
    key = _key_of(folder)
    look: _Look = _looks.get(key, lambda: _look_into(folder))
    named = series or next(iter(look.series), "")
    if look.still_holds_for(named):
        return look
    _looks.forget(key)
    anew: _Look = _looks.get(key, lambda: _look_into(folder))
    return anew


def _key_of(folder: Path) -> Key:
    """Return what changes when files come to a folder or leave it."""
    key = version_of(folder)
    *_, changed_ns = key
    if time.time_ns() - changed_ns < _SETTLED_NS:
        return (*key, *sorted(os.listdir(folder)))
    return key


def _look_into(folder: Path) -> _Look:
    files = sorted(
        path
        for path in folder.iterdir()
        if path.name[0] != "." and may_be_dicom(path) and _may_be_read(path)
    )
    series = {uid: tuple(paths) for uid, paths in series_of_files(files).items()}
    slices = {path for paths in series.values() for path in paths}
    forms = set(map(_form, slices))
    unknown = tuple(
        path
        for path in files
        if path not in slices
        and (is_named_dicom(path) or _form(path) in forms)
        and _is_unreadable(path)
    )
    return _Look(series, unknown, {path: _version(path) for path in (*slices, *unknown)})


def _may_be_read(path: Path) -> bool:
    """Tell whether it is a file, or a link to one that is missing; a pipe would be waited for."""
    return os.path.isfile(path) or not os.path.exists(path)


def _form(path: Path) -> str:
    """Return a name without its numbers: what else is called so is a slice, README is none.

    Examples
    --------
    >>> _form(Path("IM00017")) == _form(Path("IM2")), _form(Path("README"))
    (True, 'README')
    """
    return re.sub(r"\d+", "0", path.name)


def _is_unreadable(path: Path) -> bool:
    try:
        with explained(path):
            if kind_of(path, first_bytes(path)) == DICOM:
                read_identity(path)
    except UnreadableImageError:
        return True
    return False


def _version(path: Path) -> Key:
    try:
        return version_of(path)
    except OSError:  # A link that leads nowhere, say.
        return ()
