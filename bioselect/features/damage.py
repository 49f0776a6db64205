"""A damaged file is set aside, said in words, and computed again; it never ends a run."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from pathlib import Path

from bioselect.exceptions import StorageError
from bioselect.features.row_files import DamagedRowsError, Rows, opened_rows
from bioselect.progress import Reporter
from bioselect.storage import explained_storage_errors

DAMAGED_SUFFIX = ".damaged"


def open_or_set_aside(
    stack: ExitStack, path: Path, key: str, reporter: Reporter | None
) -> Rows | None:
    """Open a file of rows until `stack` ends.

    Parameters
    ----------
    stack : ExitStack
        Closes the file.
    path : Path
        The file; another process may remove or replace it at any moment.
    key : str
        The key that its rows must have.
    reporter : Reporter or None
        Is told of a damaged file; without one, Python's `warnings` are used.

    Returns
    -------
    Rows or None
        None if there is no such file (any more), or it was damaged and is now called
        `<name>.damaged`.

    Raises
    ------
    StorageError
        If the system refuses to read it: that says nothing about the rows, so they stay.
    """
    with explained_storage_errors(path, "read"):
        try:
            before = path.stat()
            return stack.enter_context(opened_rows(path, key))
        except DamagedRowsError as error:
            _set_aside(path, (before.st_ino, before.st_mtime_ns), str(error), reporter)
            return None
        except FileNotFoundError:
            return None
        except PermissionError:
            raise
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be read: {error}. Check the disk, or choose another folder with "
                "`cache:`."
            ) from error


def _set_aside(path: Path, seen: tuple[int, int], why: str, reporter: Reporter | None) -> None:
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    with explained_storage_errors(path, "set aside"):
        try:
            now = path.stat()
            if (now.st_ino, now.st_mtime_ns) != seen:
                return  # another process has put a whole one in its place
            path.replace(aside)
        except FileNotFoundError:
            return  # another process has set it aside
    text = (
        f"{path}: cannot be used: {why}. It is set aside as {aside.name}, and its features are "
        "computed again."
    )
    if reporter is None:
        warnings.warn(text, UserWarning, stacklevel=2)
    else:
        reporter.warn(text)
