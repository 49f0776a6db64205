"""Files that survive: atomic writes, locks between processes, checksums.

A file of ours is either the old one or the new one, never half of it: it is written beside its
place, flushed to the disk and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from bioselect.exceptions import StorageError
from bioselect.holders import (
    check_still_there,
    forget_held,
    holder_in_words,
    remember_held,
    remove_holder,
    write_holder,
)
from bioselect.leftovers import temporary_beside

BLOCK_BYTES = 1 << 20
BYTES_PER_GIGABYTE = 1e9
#: No archive of a model holds more; networks of the table have 1.4 GB at most.
LARGEST_UNPACKED = 16e9
#: Weights hardly shrink: what does more than so many times, and is large, is made to fill a disk.
LARGEST_RATIO, LARGE = 100, 1e8
#: The disk is full, or the user's share of it (Windows knows no quota error of this kind).
DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
#: What the system says (some of it not on Windows), and what that means to whoever reads it.
_REFUSALS = (
    (
        ("ENOSPC", "EDQUOT"),
        "the disk is full. Free some space and start again; what was finished is kept.",
    ),
    (
        ("EACCES", "EPERM", "EROFS"),
        "no permission. Choose another folder with `output:` or -o, or ask for the right to write "
        "there.",
    ),
    (("EISDIR",), "a folder stands where the file shall lie. Choose another name."),
    (("ENAMETOOLONG",), "its name is too long. Choose another name."),
    (
        ("EIO", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EREMOTEIO", "ETIMEDOUT"),
        "the disk or the network drive does not answer. Look whether it is connected and whole, "
        "and start again; what was finished is kept.",
    ),
    (
        ("EFBIG",),
        "no file may be as large there. Ask for a higher limit, or choose another folder with "
        "`output:` or -o.",
    ),
    (
        ("EMFILE", "ENFILE"),
        "too many files are open. Raise the limit (`ulimit -n 4096`), or use fewer --jobs.",
    ),
    (
        ("ENOLCK", "ENOSYS", "EOPNOTSUPP"),
        "the file system has no locks between processes. Choose a folder on a local disk.",
    ),
)
_MEANINGS = {
    getattr(errno, name): meaning
    for names, meaning in _REFUSALS
    for name in names
    if hasattr(errno, name)
}


@contextmanager
def explained_storage_errors(path: Path, action: str = "written") -> Iterator[None]:
    """Turn the operating system's refusals into one line that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        check_still_there(path)
        if error.errno in _MEANINGS:
            meaning = _MEANINGS[error.errno]
            raise StorageError(f"{path}: cannot be {action}: {meaning}") from error
        raise


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes that place.

    Parameters
    ----------
    path : Path
        Where the finished file shall lie. Its folder is made if it is missing.

    Yields
    ------
    Path
        A path in the same folder with the same suffix, to be written by the block.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "a.txt") as unfinished:
    ...     _ = unfinished.write_text("whole")
    >>> sorted(p.name for p in folder.iterdir())
    ['a.txt']
    """
    path = Path(path)
    with explained_storage_errors(path):
        check_still_there(path)
        _make_folder(path.parent)
        unfinished = temporary_beside(path)
        # Not by `mkstemp`, whose files are for their owner alone: to ask for the umask is to change
        # it for a moment, in which other threads make files for everybody.
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            rights = stat.S_IMODE(unfinished.stat().st_mode)
            yield unfinished
            flush_file(unfinished)
            os.chmod(unfinished, rights)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def atomic_write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_path(Path(path)) as unfinished:
        unfinished.write_bytes(data)


def atomic_write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8 with Unix line ends, whole or not at all."""
    atomic_write_bytes(Path(path), text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all; keys keep their order."""
    atomic_write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits.

    Raises
    ------
    OSError
        If it cannot be read; also if it is a pipe or a device, whose bytes may never end.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "a pipe or a device, not a file", str(path))
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def crc32_of(file: BinaryIO, n_bytes: int, advance: Callable[[], None]) -> int:
    """Return the CRC-32 of the next bytes of a file: for accidents, and as quick as a disk.

    Parameters
    ----------
    file : binary file
        Open for reading.
    n_bytes : int
        How many; fewer where the file ends before.
    advance : callable
        Called after each block of `BLOCK_BYTES`.
    """
    checksum = 0
    for start in range(0, n_bytes, BLOCK_BYTES):
        checksum = zlib.crc32(file.read(min(BLOCK_BYTES, n_bytes - start)), checksum)
        advance()
    return checksum


def content_of(value: Any, base_dir: Path | None) -> Any:
    """Return the digest of the file that a text names, if it names one; else the value."""
    if not isinstance(value, str) or not any(sign in value for sign in "./\\"):
        return value
    path = Path(base_dir or "", os.path.expanduser(value))
    return {"sha256": sha256_of_file(path)} if path.is_file() else value


def named_files(values: Mapping[str, Any], base_dir: Path | None) -> dict[str, Any]:
    """Return what stands in the files that parameters name, alone or in a list, by parameter.

    For keys of stored results: another file in the same place is another result. A file that is
    written while computing has no place among the parameters then.

    Examples
    --------
    >>> named_files({"C": 1.0, "kernel": "rbf", "table": "no/such/file.csv"}, None)
    {}
    """
    found: dict[str, Any] = {}
    for name, value in sorted(values.items()):
        written = list(value) if isinstance(value, list | tuple) else [value]
        contents = [content_of(one, base_dir) for one in written]
        if contents != written:
            found[name] = contents
    return found


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value, the same for equal values on every machine.

    Examples
    --------
    >>> digest_of({"b": 1, "a": [1, 2]}) == digest_of({"a": [1, 2], "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # JSON may hold half of a character; a damaged file with one has a digest like any other.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def exclusive_lock(path: Path, busy_message: str) -> Iterator[None]:
    """Hold a lock that only one process can hold; the system frees it when the process dies.

    Parameters
    ----------
    path : Path
        The lock file; it stays behind, empty, which is harmless. Inside the block, nothing is
        written into its folder once that has vanished.
    busy_message : str
        What the user reads when another process holds the lock, followed by which one that is.

    Raises
    ------
    StorageError
        If another process holds it, or if its folder has vanished at the end of the block.
    """
    from filelock import FileLock, Timeout

    path = Path(path)
    with explained_storage_errors(path, "locked"):
        _make_folder(path.parent)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise StorageError(f"{busy_message} {holder_in_words(path)}".rstrip()) from error
        except NotImplementedError as error:  # as older versions of filelock say it
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)) from error
    write_holder(path)
    remember_held(path)
    try:
        yield
        check_still_there(path)
    finally:
        forget_held(path)
        remove_holder(path)
        lock.release()


def unpacking_problem(n_bytes: int, n_packed: int, folder: Path) -> str:
    """Say why an archive must not be unpacked, or nothing.

    Parameters
    ----------
    n_bytes : int
        What its entries declare as their sizes; `zipfile` gives no entry more than that.
    n_packed : int
        What they take in the archive.
    folder : Path
        Where it would be unpacked.

    Examples
    --------
    >>> unpacking_problem(5_000_000, 4_000_000, Path("."))
    ''
    >>> unpacking_problem(20_000_000_000, 19_000_000_000, Path("."))
    'a model must have at most 16 GB. Got 20 GB'
    """
    size = f"{n_bytes / BYTES_PER_GIGABYTE:.3g} GB"
    if n_bytes > LARGEST_UNPACKED:
        return (
            f"a model must have at most {LARGEST_UNPACKED / BYTES_PER_GIGABYTE:.0f} GB. Got {size}"
        )
    if n_bytes > max(LARGE, LARGEST_RATIO * n_packed):
        return (
            f"a model is packed to a hundredth of its size at the least. Got {size} out of "
            f"{n_packed / BYTES_PER_GIGABYTE:.2g} GB"
        )
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        return f"there must be room for {size} in {folder}. Got {free / BYTES_PER_GIGABYTE:.3g} GB"
    return ""


def flush_to_disk(handle: int) -> None:
    """Have the system write what it has of an open file to the disk, where the drive can do that.

    Some network drives know no flush; their files are as safe as those drives are.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, getattr(errno, "ENOTSUP", errno.EINVAL)):
            raise


def flush_file(path: Path) -> None:
    """Have the system write what it has of a file to the disk."""
    # Windows flushes only what is opened for writing, which a read-only file cannot be; elsewhere
    # one that is opened for reading is flushed as well.
    is_windows = os.name == "nt"
    if is_windows and not os.access(path, os.W_OK):
        return
    handle = os.open(path, os.O_RDWR if is_windows else os.O_RDONLY)
    try:
        flush_to_disk(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise StorageError(
            f"{folder}: a file stands where a folder is needed. Choose another folder with "
            "`output:` or -o, or move the file away."
        ) from error
    except FileNotFoundError as error:  # A place where none can be made; a drive that is gone.
        raise StorageError(
            f"{folder}: this folder cannot be made ({error.strerror}). Choose another one with "
            "`output:` or -o."
        ) from error
