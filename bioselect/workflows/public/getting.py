"""A public set comes into a folder: each file is there already, downloaded, or brought by hand.

First it is decided what is missing (`missing_files` touches nothing), then it is fetched. What
lies in the folder is never written over: it may be somebody's work.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bioselect.data.public.fetching import check_brought, download
from bioselect.data.public.resuming import check_room
from bioselect.data.public.sets import PublicFile, PublicSet
from bioselect.exceptions import DataError
from bioselect.progress import SILENT, Reporter
from bioselect.storage import (
    atomic_path,
    exclusive_lock,
    explained_storage_errors,
    sha256_of_file,
)
from bioselect.workflows.public.record import (
    Got,
    compared,
    is_as_downloaded,
    is_as_unpacked,
    read_record,
    write_record,
)
from bioselect.workflows.public.unpacking import unpack

STAGING = ".download"
LOCK = ".lock"


@dataclass(frozen=True)
class GotSet:
    """A set that is on this machine.

    Attributes
    ----------
    row : PublicSet
        Which one.
    folder : Path
        Where it lies.
    files : tuple of Got
        What is known of each of its files.
    fetched : tuple of str
        Those that were not there before.
    """

    row: PublicSet
    folder: Path
    files: tuple[Got, ...]
    fetched: tuple[str, ...]


def get_set(
    row: PublicSet,
    folder: Path,
    brought: Sequence[Path] = (),
    reporter: Reporter = SILENT,
    sleep: Callable[[float], None] = time.sleep,
) -> GotSet:
    """Bring a set into a folder; what is there already is not fetched again.

    Parameters
    ----------
    row : PublicSet
        Which one.
    folder : Path
        Where it shall lie; made where it is missing.
    brought : sequence of Path
        Files that a person downloaded by hand; the others are downloaded.
    reporter : Reporter
        Told about licences, progress and what could not be checked.
    sleep : callable
        Waits between tries.

    Raises
    ------
    BioselectError
        If it cannot be had, is not what it should be, or does not fit the disk.
    """
    if row.is_pointer:
        raise DataError(
            f"{row.name}: is a database of many sets, of which none is downloaded from here. Look "
            f"for yours at {row.page}"
        )
    if row.warning:
        reporter.warn(row.warning)
    hands = _by_name(row, brought)
    folder = Path(folder)
    with _staging(folder) as staging:
        record = read_record(folder, row)
        missing = missing_files(row, folder, record)
        for file in row.files:
            if file not in missing and file.name not in record:
                record[file.name] = _got(file, folder / file.name)
        _check_disk(row, folder, missing, hands)
        for file in missing:
            got = _fetched(row, file, staging, hands.get(file.name), reporter, sleep)
            got = compared(got, record.get(file.name))
            _tell(file, got, reporter)
            record[file.name] = got
            write_record(folder, row, record)
            # Not before: whoever is stopped here must not download it again.
            (staging / file.name).unlink(missing_ok=True)
        _clear(staging)
    files = tuple(record[file.name] for file in row.files if file.name in record)
    return GotSet(row, folder, files, tuple(file.name for file in missing))


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give the place of what is under way; what a stopped download can go on from stays there."""
    staging, was_there = folder / STAGING, folder.exists()
    busy = f"{folder}: another process is downloading into this folder."
    with explained_storage_errors(folder), exclusive_lock(staging / LOCK, busy):
        try:
            yield staging
        except BaseException:
            if all(name.startswith(LOCK) for name in os.listdir(staging)):
                shutil.rmtree(staging, ignore_errors=True)
                if not was_there:
                    with suppress(OSError):  # Something lies in it.
                        folder.rmdir()
            raise


def _clear(staging: Path) -> None:
    """Remove what is no longer needed, but the lock: whoever comes next must find it."""
    for path in staging.iterdir():
        if path.name.startswith(LOCK):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def missing_files(row: PublicSet, folder: Path, record: dict[str, Got]) -> list[PublicFile]:
    """Return the files of a set that are not in a folder.

    Raises
    ------
    DataError
        If something else has the name of one, or one is no longer what was downloaded.
    """
    return [file for file in row.files if not _is_there(file, folder, record.get(file.name))]


def _is_there(file: PublicFile, folder: Path, got: Got | None) -> bool:
    path = folder / (file.folder if file.is_zip else file.name)
    if not path.exists():
        return False
    anew = "Move it away and start again to have it anew, or choose another folder with -o."
    if got is None:
        if path.is_file() and file.checksum is not None:
            check_brought(file, path)
            return True
        raise DataError(f"{path}: is there already, and was not downloaded by this command. {anew}")
    whole = is_as_unpacked(path, got) if file.is_zip else is_as_downloaded(path, got)
    if not whole:
        raise DataError(
            f"{path}: must be as it was downloaded on {got.date}. Got something else: it was "
            f"changed, or is damaged. {anew}"
        )
    return True


def _by_name(row: PublicSet, brought: Sequence[Path]) -> dict[str, Path]:
    """Return which file of the set each brought file is."""
    hands: dict[str, Path] = {}
    for path in map(Path, brought):
        names = [file.name for file in row.files]
        name = names[0] if len(names) == 1 else path.name
        if not path.is_file():
            raise DataError(f"{path}: no such file. Give one that you downloaded (--file).")
        if name not in names:
            raise DataError(
                f"{path}: must be called as a file of {row.name}. Got {path.name!r}. Known: "
                f"{', '.join(names)}."
            )
        hands[name] = path
    return hands


def _check_disk(
    row: PublicSet, folder: Path, missing: list[PublicFile], hands: dict[str, Path]
) -> None:
    """Look for room before anything is downloaded, as far as lengths are known."""
    to_load = [file for file in missing if file.name not in hands]
    known = sum(file.n_bytes or 0 for file in to_load)
    rough = (row.rough_bytes or 0) if len(to_load) == len(row.files) else 0
    check_room(folder, max(known, rough), row.name)


def _fetched(
    row: PublicSet,
    file: PublicFile,
    staging: Path,
    brought: Path | None,
    reporter: Reporter,
    sleep: Callable[[float], None],
) -> Got:
    """Fetch a file, check it and put it into its place."""
    folder = staging.parent
    if brought is None:
        by_hand = (
            f"download it by hand from {file.address} and write `bioselect datasets get {row.name} "
            "--file FILE`."
        )
        path = download(file, staging, reporter, by_hand, sleep)
    else:
        check_brought(file, brought)
        path = brought
    got = _got(file, path)
    if not file.is_zip:
        if brought is None:
            os.replace(path, folder / file.name)
        else:
            with atomic_path(folder / file.name) as unfinished:
                shutil.copyfile(path, unfinished)
        return got
    try:
        n_files, n_bytes = unpack(path, folder / file.folder, staging, reporter)
    except DataError:
        if brought is None:  # Left, it would be taken for whole.
            path.unlink(missing_ok=True)
        raise
    return replace(got, n_files=n_files, n_unpacked_bytes=n_bytes)


def _got(file: PublicFile, path: Path) -> Got:
    """Return what is known of a whole file that lies at a path."""
    return Got(
        file.name,
        file.address,
        path.stat().st_size,
        sha256_of_file(path),
        "" if file.checksum is None else f"{file.checksum} ({file.source})",
        datetime.now().date().isoformat(),
    )


def _tell(file: PublicFile, got: Got, reporter: Reporter) -> None:
    """Say what was checked, and what could not be."""
    if file.checksum is not None:
        reporter.say(f"{file.name}: {file.checksum.partition(':')[0]} as known ({file.source})")
    else:
        reporter.warn(
            f"{file.name}: no checksum of it is known, so it could not be checked; its sha256 is "
            f"{got.sha256} and is kept for the next download"
        )
    if got.changed:
        reporter.warn(
            f"{file.name}: is other than at its last download into this folder; results with one "
            "do not hold for the other"
        )
