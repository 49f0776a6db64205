"""Where the files of the feature cache lie, which of the files there are ours, and who may write.

Merged: `<name>-<key>-<length>.h5`. Parts: `<name>-<key>.parts/<digest>.h5`. Set aside:
`*.h5.damaged`. Under way: hidden files whose names fit none of these, so they are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioselect.exceptions import StorageError
from bioselect.features.damage import DAMAGED_SUFFIX
from bioselect.leftovers import remove_leftovers
from bioselect.storage import explained_storage_errors

KEY_DIGITS = 12
NAME_LENGTH = 80
LOCK_FILE = ".bioselect-cache.lock"
LOCK_SECONDS = 900.0

_OUR_FILE = re.compile(rf".+-[0-9a-f]{{{KEY_DIGITS}}}-\d+\.h5({re.escape(DAMAGED_SUFFIX)})?")
_OUR_PART = re.compile(rf"[0-9a-f]{{32}}\.h5({re.escape(DAMAGED_SUFFIX)})?")
_OUR_PARTS_FOLDER = re.compile(rf".+-[0-9a-f]{{{KEY_DIGITS}}}\.parts")


@dataclass(frozen=True)
class CacheFolder:
    """The paths in a cache folder; it may be missing, and other processes may change it."""

    path: Path

    def parts_folder(self, name: str, key: str) -> Path:
        """Return where the parts of an extractor lie."""
        return self.path / f"{_stem(name, key)}.parts"

    def parts(self, name: str, key: str) -> list[Path]:
        """Return the finished parts of an extractor, sorted."""
        return [
            path
            for path in _files(self.parts_folder(name, key))
            if _OUR_PART.fullmatch(path.name) and path.suffix == ".h5"
        ]

    def merged(self, name: str, key: str, n_features: int) -> Path:
        """Return where the merged rows of an extractor lie."""
        return self.path / f"{_stem(name, key)}-{n_features}.h5"

    def all_merged(self, name: str, key: str) -> list[Path]:
        """Return the merged files of an extractor, one for each length of rows, sorted."""
        start = f"{_stem(name, key)}-"
        return [
            path
            for path in _files(self.path)
            if path.name.startswith(start)
            and _OUR_FILE.fullmatch(path.name)
            and path.suffix == ".h5"
        ]

    def our_files(self) -> list[Path]:
        """Return the merged files, parts and damaged files of all extractors, by their names."""
        ours = [path for path in _files(self.path) if _OUR_FILE.fullmatch(path.name)]
        for folder in self.our_parts_folders():
            ours += [path for path in _files(folder) if _OUR_PART.fullmatch(path.name)]
        return ours

    def our_parts_folders(self) -> list[Path]:
        """Return the folders of parts of all extractors."""
        return sorted(p for p in self.path.glob("*.parts") if _OUR_PARTS_FOLDER.fullmatch(p.name))

    def tidy(self) -> None:
        """Remove what killed processes left unfinished, and empty folders of parts."""
        for folder in (self.path, *self.our_parts_folders()):
            remove_leftovers(folder)
        for folder in self.our_parts_folders():
            remove_if_empty(folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from merging: two at once could lose each other's rows.

        Raises
        ------
        StorageError
            If another process holds the folder for a quarter of an hour, or there are no locks.
        """
        from filelock import FileLock, Timeout

        path = self.path / LOCK_FILE
        with explained_storage_errors(path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path)
            try:
                lock.acquire(timeout=LOCK_SECONDS)
            except Timeout as error:
                raise StorageError(
                    f"{path}: another process has held this folder for {LOCK_SECONDS / 60:.0f} "
                    "minutes. End it, or choose another folder with `cache:`."
                ) from error
            except NotImplementedError as error:
                raise StorageError(
                    f"{path}: the file system has no locks between processes. Choose a folder on "
                    "a local disk with `cache:`."
                ) from error
        try:
            yield
        finally:
            lock.release()


def remove_if_empty(folder: Path) -> None:
    """Remove a folder unless it is missing or something lies in it."""
    try:
        folder.rmdir()
    except OSError:
        return


def _stem(name: str, key: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9_.]+", "_", name)[-NAME_LENGTH:].lstrip(".")
    return f"{readable}-{key[:KEY_DIGITS]}"


def _files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files of a folder, sorted; none if there is no such folder."""
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except FileNotFoundError:  # Another process has just removed the empty folder.
        return []
