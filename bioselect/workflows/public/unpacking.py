"""The zip of a public set, unpacked into a folder: whole or not at all, and never outside of it.

A zip of others may hold anything. What it declares is looked at before anything is written, and
no entry gives more bytes than it declares.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from bioselect.bundle.archives import DAMAGE, names_problem, place_of_entry
from bioselect.data.limits import FREE_BYTES, MAXIMUM_PLANES, MAXIMUM_UNPACKED, MOST_TIMES
from bioselect.data.public.resuming import check_room
from bioselect.exceptions import DataError
from bioselect.progress import Reporter
from bioselect.storage import BLOCK_BYTES, BYTES_PER_GIGABYTE, explained_storage_errors

_LEFT_BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1


def unpack(path: Path, folder: Path, staging: Path, reporter: Reporter) -> tuple[int, int]:
    """Unpack a zip into a new folder; what lies in one folder inside it lies directly in that.

    Parameters
    ----------
    path : Path
        The zip.
    folder : Path
        The folder to make; it must not be there.
    staging : Path
        A folder on the same disk for what is unfinished.
    reporter : Reporter
        Told about progress.

    Returns
    -------
    n_files, n_bytes : int
        What it holds now.

    Raises
    ------
    DataError
        If it is no zip or damaged, or holds what must not be unpacked.
    StorageError
        If there is no room.
    """
    unfinished = staging / "unpacked"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(path, archive)
            n_bytes = sum(info.file_size for info in members.values())
            check_room(folder.parent, n_bytes, path.name)
            with explained_storage_errors(folder):
                _write(archive, members, unfinished, reporter, path.name)
                os.replace(unfinished, folder)
    except DAMAGE as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{path.name}: must be a whole zip file. Got one that is damaged, or another kind of "
            f"file ({reason}). Download it again."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return len(members), n_bytes


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return what is unpacked, by the place that it gets in the folder.

    Raises
    ------
    DataError
        If one entry must not be unpacked, or all are too much.
    """
    infos = archive.infolist()
    if problem := _problem(infos, path.stat().st_size):
        raise DataError(f"{path.name}: {problem}. It is not unpacked.")
    named = {place_of_entry(info): info for info in infos if not info.is_dir()}
    named = {place: info for place, info in named.items() if not _is_left_by_system(place)}
    if not named:
        raise DataError(f"{path.name}: must hold files. Got none. It is not unpacked.")
    n_common = _n_common_folders([place.parts for place in named])
    return {str(PurePosixPath(*place.parts[n_common:])): info for place, info in named.items()}


def _problem(infos: list[zipfile.ZipInfo], n_packed: int) -> str:
    """Say why a zip must not be unpacked, or nothing."""
    if len(infos) > MAXIMUM_PLANES:
        return f"a zip must hold at most {MAXIMUM_PLANES:,} files. Got {len(infos):,}"
    if problem := names_problem(infos):
        return problem
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        return "it must not be locked with a password. Got one that is"
    n_bytes = sum(info.file_size for info in infos)
    if n_bytes > MAXIMUM_UNPACKED:
        most = f"{MAXIMUM_UNPACKED / BYTES_PER_GIGABYTE:.0f} GB"
        return f"it must unpack to at most {most}. Got {n_bytes / BYTES_PER_GIGABYTE:.1f} GB"
    if n_bytes > max(FREE_BYTES, MOST_TIMES * n_packed):
        return (
            f"it must unpack to at most {MOST_TIMES} times its length. Got {n_bytes:,} bytes out "
            f"of {n_packed:,}"
        )
    return ""


def _is_left_by_system(place: PurePosixPath) -> bool:
    """Tell whether a file is one that systems put into zips and nobody has chosen."""
    parts = place.parts
    return parts[0] == "__MACOSX" or parts[-1] in _LEFT_BY_SYSTEMS or parts[-1].startswith("._")


def _n_common_folders(places: list[tuple[str, ...]]) -> int:
    """Return how many folders all files lie in, one in the other.

    Examples
    --------
    >>> _n_common_folders([("set", "a", "1.png"), ("set", "b", "1.png")])
    1
    >>> _n_common_folders([("set", "a", "1.png"), ("readme.txt",)])
    0
    """
    n_common = 0
    while all(len(parts) > n_common + 1 for parts in places):
        if len({parts[n_common] for parts in places}) > 1:
            break
        n_common += 1
    return n_common


def _write(
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    folder: Path,
    reporter: Reporter,
    name: str,
) -> None:
    with reporter.task(f"unpacking {name}", len(members)) as task:
        for place, info in members.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as packed, target.open("wb") as output:
                shutil.copyfileobj(packed, output, BLOCK_BYTES)
            task.advance()
