"""A folder that results are written into: never over what lies there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bioselect import holders
from bioselect.exceptions import StorageError
from bioselect.leftovers import remove_leftovers
from bioselect.storage import (
    exclusive_lock,
    explained_storage_errors,
)

#: Lists what was written, until everything is.
MARK = ".bioselect-unfinished"
#: Held while something is written.
LOCK = ".bioselect-lock"
OF_LOCK = (LOCK, LOCK + holders.SUFFIX)


class ClaimedFolder:
    """A folder of results that are being written.

    Parameters
    ----------
    root : Path
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, *parts: str) -> Path:
        """Return the place of a file that is about to be written, and remember it."""
        path = self.root.joinpath(*parts)
        with (
            explained_storage_errors(path),
            (self.root / MARK).open("a", encoding="utf-8", errors="surrogateescape") as mark,
        ):
            mark.write(f"{path.relative_to(self.root).as_posix()}\n")
        return path


def check_claimable(folder: Path, inputs: Sequence[Path] = (), option: str = "-o") -> None:
    """Refuse a folder in which something lies, unless a stopped command left it.

    Parameters
    ----------
    folder : Path
        Where results shall lie.
    inputs : sequence of Path
        Folders and files that are read; results must not lie in such a folder.
    option : str
        What names the folder on the command line.

    Raises
    ------
    StorageError
        With the remedy.
    """
    if os.path.isfile(folder):
        raise StorageError(
            f"{folder}: must be a folder, the one to write into. Got a file. Choose another name "
            f"with {option}."
        )
    for given in inputs:
        if os.path.isdir(given) and _is_in(folder, given):
            raise StorageError(
                f"{folder}: must not lie in {given}, where results would be taken for images the "
                f"next time. Choose a folder beside it with {option}."
            )
    if not os.path.isdir(folder) or (folder / MARK).is_file():
        return
    with explained_storage_errors(folder, "read"):
        there = sorted(one.name for one in folder.iterdir() if one.name not in OF_LOCK)
    if there:
        raise StorageError(
            f"{folder}: must be a new or an empty folder, so that nothing is written over. Got "
            f"one with {', '.join(there[:3])}{', ...' if len(there) > 3 else ''}. Choose another "
            f"with {option}, or move this one away."
        )


def _is_in(place: Path, folder: Path) -> bool:
    return Path(os.path.realpath(place)).is_relative_to(os.path.realpath(folder))


@contextmanager
def claimed(folder: Path) -> Iterator[ClaimedFolder]:
    """Give a folder to write into; what a stopped command left in it is removed first.

    The folder must have passed :func:`check_claimable`.

    Raises
    ------
    StorageError
        If another command is writing into it, or has done so since it was checked.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "masks"
    >>> with claimed(folder) as results:
    ...     _ = results.file("a.txt").write_text("a")
    >>> sorted(path.name for path in folder.iterdir())
    ['a.txt']
    """
    folder = Path(folder)
    busy = (
        f"{folder}: another command is writing into this folder. Wait until it is done, or choose "
        "another folder."
    )
    with exclusive_lock(folder / LOCK, busy):
        try:
            check_claimable(folder)
        except StorageError:
            _unlock(folder)
            raise
        with explained_storage_errors(folder):
            _remove_unfinished(folder)
            (folder / MARK).touch()
        yield ClaimedFolder(folder)
        with explained_storage_errors(folder):
            (folder / MARK).unlink()
    # Whoever has it by now finds a finished folder, and writes nothing.
    _unlock(folder)


def _unlock(folder: Path) -> None:
    with suppress(OSError):  # Windows keeps a file that somebody has open.
        (folder / LOCK).unlink()


def _remove_unfinished(folder: Path) -> None:
    mark = folder / MARK
    if not mark.is_file():
        return
    written = mark.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    for name in written:
        path = folder / name
        if _is_in(path.parent, folder):
            path.unlink(missing_ok=True)
            remove_leftovers(path.parent, alone=True)
    mark.unlink()
