"""Files at addresses brought to this disk, before they are read: each once, many at a time.

A folder is listed, and what has no copy here or another state there is fetched by several threads,
so that reading it waits for no network. Whole files: every image is read to its last byte anyway,
as its checksum is taken, so single blocks of large scans would save nothing.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import ContextVar
from pathlib import Path

from bioselect.addresses import (
    address_of,
    is_address,
    named,
    place_of,
    root_of_copies,
    root_of_results,
)
from bioselect.exceptions import DataError, StorageError
from bioselect.leftovers import remove_leftovers, temporary_prefix
from bioselect.progress import SILENT, Reporter
from bioselect.remote.room import PARTIAL, begin_use, make_room
from bioselect.remote.stores import NothingThereError, RemoteFile, Store, is_copy, with_state
from bioselect.storage import explained_storage_errors

#: So many files are on their way at once: one alone mostly waits.
N_AT_ONCE = 24
BYTES_PER_MEGABYTE = 1e6
_SHEET = re.compile(r"(\.xls[xm]?)#.*", re.IGNORECASE)
#: Who is told, for files that a table names and that are fetched deep inside.
_reporter: ContextVar[Reporter] = ContextVar("reporter", default=SILENT)


def fetched(
    place: Path | str,
    reporter: Reporter | None = None,
    kept: Callable[[Sequence[str]], Sequence[str]] | None = None,
) -> Path:
    """Return where something lies on this disk, after it was brought here if it was elsewhere.

    Parameters
    ----------
    place : path or str
        An address, the place of one, or a path of this disk, which is returned as it is.
    reporter : Reporter, optional
        Told about progress; also about files that a table names, which are fetched later.
    kept : callable, optional
        Of a folder: returns which of the names below it are needed; all by default.

    Raises
    ------
    BioselectError
        If there is nothing, or it may not or cannot be read, or there is no room.
    """
    if reporter is not None:
        _reporter.set(reporter)
    local = place_of(place) if is_address(place) else Path(place)
    address = address_of(local)
    if address is None or local.is_relative_to(root_of_results()):
        return local
    begin_use()
    # `table.xlsx#Sheet` is a sheet of a file, unless a file is called so.
    of_file = _SHEET.sub(r"\1", address)
    store = Store(of_file)
    files = store.listed()
    is_folder = [file.name for file in files] != [""]
    if not is_folder and files[0].is_page:
        raise DataError(
            f"{address}: must be a file of data. Got a web page. Of a web server only single files "
            "can be read: name images in a table, each by its address (docs/cloud.md)."
        )
    if is_folder:
        files = [file for file in files if not _is_hidden(file.name)]
        if not files:
            raise DataError(f"{address}: nothing lies there. Check the address.")
    target = place_of(of_file)
    check_names(address, files)
    _remove_others(target, files if is_folder else [])
    if kept is not None and is_folder:
        needed = set(kept([file.name for file in files]))
        files = [file for file in files if file.name in needed]
    _bring([(store, file, target / file.name if file.name else target) for file in files], address)
    return local


def fetch_named(places: Sequence[Path]) -> None:
    """Bring the files here that a table names, as far as they lie at addresses.

    What does not exist is passed over: whoever reads the table says so.
    """
    remote = [(path, address) for path in dict.fromkeys(places) if (address := address_of(path))]
    remote = [one for one in remote if not one[0].is_relative_to(root_of_results())]
    if not remote:
        return
    begin_use()
    found: list[tuple[Store, RemoteFile, Path]] = []

    def look(one: tuple[Path, str]) -> list[tuple[Store, RemoteFile, Path]]:
        path, address = one
        store = Store(address)
        try:
            files = store.listed()
        except NothingThereError as error:
            if not error.bucket_is_there:
                raise
            path.unlink(missing_ok=True)  # An old copy is no image any more.
            return []
        check_names(address, files)
        return [(store, file, path / file.name if file.name else path) for file in files]

    with (
        ThreadPoolExecutor(N_AT_ONCE) as pool,
        _reporter.get().task("looking for the files that the table names", len(remote)) as task,
    ):
        for files in pool.map(look, remote):
            found += files
            task.advance()
    _bring(found, "the files that the table names")


def _is_hidden(name: str) -> bool:
    return any(part[:1] == "." and part not in (".", "..") for part in name.split("/"))


def check_names(address: str, files: Iterable[RemoteFile]) -> None:
    """Refuse names that would lie elsewhere on this disk, or nowhere."""
    names = [file.name for file in files]
    folders = {name[:end] for name in names for end in _slashes(name)}
    for name in names:
        parts = name.split("/")
        bad = any(part in ("", ".", "..") for part in parts) and name != ""
        if bad or "\x00" in name or (os.name == "nt" and re.search(r'[<>:"|?*\\]', name)):
            raise DataError(
                f"{address}: its files must have names that folders of this computer can hold. Got "
                f"{name!r}. Rename or move it."
            )
        if name in folders:
            raise DataError(
                f"{address}: a name must be a file or a folder. Got {name!r}, which is both. "
                "Rename one of the two."
            )
    alike: dict[str, str] = {}
    for name in sorted({*names, *folders}):
        other = alike.setdefault(name.casefold(), name)
        if other != name and folds_case():
            raise DataError(
                f"{address}: its names must differ by more than capital letters, as the disk of "
                f"the cache takes them for one. Got {other!r} and {name!r}. Rename one of the two, "
                "or name a folder on another disk with BIOSELECT_CACHE."
            )


def folds_case() -> bool:
    """Tell whether the disk of the cache takes `a` and `A` for one name."""
    root = root_of_copies()
    with explained_storage_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".case-", dir=root) as file:
            return Path(file.name).with_name(Path(file.name).name.swapcase()).exists()


def _slashes(name: str) -> list[int]:
    return [place for place, sign in enumerate(name) if sign == "/"]


def _remove_others(target: Path, files: Sequence[RemoteFile]) -> None:
    """Remove copies of what is at the address no longer."""
    there = {target / file.name for file in files}
    if target.is_file() and files:
        target.unlink()
    for folder, _, names in os.walk(target, topdown=False):
        for name in names:
            path = Path(folder) / name
            if path not in there:
                path.unlink(missing_ok=True)
        try:
            Path(folder).rmdir()  # Only an empty one goes.
        except OSError:
            continue


def _bring(found: Sequence[tuple[Store, RemoteFile, Path]], what: str) -> None:
    """Fetch what has no copy yet, and note that all of it is used."""
    _check_folders([one[2] for one in found])
    now = time.time_ns()
    missing = []
    for one in found:
        if is_copy(one[2], one[1]):
            with_state(one[2], one[1], now)
        else:
            missing.append(one)
    if not missing:
        return
    reporter = _reporter.get()
    n_bytes = sum(file.n_bytes or 0 for _, file, _ in missing)
    partial = root_of_copies() / PARTIAL
    with explained_storage_errors(partial):
        partial.mkdir(parents=True, exist_ok=True)
    remove_leftovers(partial)
    make_room(n_bytes, what)
    size = f"{n_bytes / BYTES_PER_MEGABYTE:.1f} MB"
    kept = f" ({len(found) - len(missing)} are here already)" if len(found) > len(missing) else ""
    reporter.say(f"fetching {_files(len(missing))}, {size}, from {what}{kept}")
    with (
        reporter.task("fetching files", len(missing)) as task,
        ThreadPoolExecutor(min(N_AT_ONCE, len(missing)), "fetching") as pool,
    ):
        futures = [pool.submit(_fetch_one, *one, partial) for one in missing]
        try:
            for future in as_completed(futures):
                future.result()
                task.advance()
        except StorageError as error:
            pool.shutdown(wait=True, cancel_futures=True)
            n_done = sum(not one.cancelled() and one.exception() is None for one in futures)
            raise StorageError(
                f"{error} ({n_done} of {_files(len(missing))} had arrived.)"
            ) from error
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _fetch_one(store: Store, file: RemoteFile, target: Path, partial: Path) -> None:
    unfinished = partial / f"{temporary_prefix()}{abs(hash((file.key, target)))}"
    try:
        store.fetch(file, unfinished)
        size = unfinished.stat().st_size
        if file.n_bytes is not None and size != file.n_bytes:
            raise StorageError(
                f"{named(str(target))}: must have the {file.n_bytes} bytes that were listed. Got "
                f"{size}: it was changed meanwhile, or the connection broke. Start again."
            )
        with_state(unfinished, file, time.time_ns())
        with explained_storage_errors(target):
            _make_way(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _check_folders(targets: Sequence[Path]) -> None:
    """Refuse files that lie in others: a bucket can hold `a` and `a/b`, a disk cannot."""
    files, folders = set(targets), {target.parent for target in targets}
    folders |= {above for folder in folders for above in folder.parents}
    for both in sorted(files & folders):
        raise DataError(
            f"{named(str(both))}: a name must be a file or a folder. Got both. Rename one of them."
        )


def _make_way(target: Path) -> None:
    """Remove old copies that are a file where a folder is now, or a folder where a file is."""
    if target.is_dir():
        _remove_others(target, [])
    for above in target.parents:
        if above == root_of_copies():
            return
        if above.is_file():
            above.unlink(missing_ok=True)


def _files(number: int) -> str:
    return f"{number} file{'s' * (number != 1)}"
