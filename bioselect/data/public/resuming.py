"""A download that goes on where it broke: what has come lies in a `.part` file until it is whole.

pooch decides whether to download, checks the sum and puts the file in its place; this is its
downloader. Beside the part lies what the server said of the file (its length, its version):
only a part of that same version is continued, and a server says whether it is (`If-Range`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bioselect.data.public.sets import PublicFile
from bioselect.exceptions import StorageError, UnavailableError
from bioselect.progress import Reporter, Task
from bioselect.storage import explained_storage_errors, flush_to_disk, write_json

MEGABYTE = 1_000_000
#: Of what has come when a connection breaks, less than so much is lost.
CHUNK_BYTES = 1 << 16
#: A server that says nothing for so long (to connect, to send) has broken off.
TIMEOUT_SECONDS = (15, 60)
#: Seconds before each further try; counted anew whenever something has come.
PAUSES = (1.0, 2.0, 4.0, 8.0)
#: Room that is left to the system.
SPARE_BYTES = 50 * MEGABYTE
_OK, _PARTIAL, _NOT_SATISFIABLE, _TOO_MANY, _SERVER_FAULTS = 200, 206, 416, 429, 500


@dataclass(frozen=True)
class _Known:
    """What a server said of the file of which a part lies here."""

    address: str
    version: str
    n_bytes: int | None


class _BrokenOffError(Exception):
    """The connection broke; what has come is kept."""


class ResumingDownloader:
    """Called by pooch as ``downloader(address, path, pooch)``.

    Parameters
    ----------
    file : PublicFile
        What is downloaded.
    part : Path
        Where a part of it lies.
    reporter : Reporter
        Told about progress.
    by_hand : str
        How a person goes on without this download; ends every error.
    sleep : callable
        Waits between tries.
    """

    def __init__(
        self,
        file: PublicFile,
        part: Path,
        reporter: Reporter,
        by_hand: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.file = file
        self.part = part
        self.reporter = reporter
        self.by_hand = by_hand
        self.sleep = sleep

    def __call__(self, address: str, output_file: Any, pooch: Any) -> None:
        """Download to a path, going on from the part that lies here.

        The part stays, whole, until it is checked: who stops the check of a large file need not
        download it again. `remove_part` removes it.
        """
        with explained_storage_errors(self.part):
            self._download(address)
            self.reporter.say(f"{self.file.name}: all of it has come; checking it")
            Path(output_file).unlink(missing_ok=True)
            try:
                os.link(self.part, output_file)
            except OSError:  # A file system without links.
                os.replace(self.part, output_file)

    def _download(self, address: str) -> None:
        import requests

        n_failed, most = 0, _length(self.part)
        while True:
            try:
                self._try(address)
                return
            except (_BrokenOffError, requests.RequestException) as error:
                if isinstance(error, ValueError):  # An address that is none.
                    raise UnavailableError(
                        f"{self._what()}: {_reason(error)}. To go on, {self.by_hand}"
                    ) from error
                came = _length(self.part)
                # More than ever before, not than at this try: a server that always begins anew
                # would be asked for ever.
                n_failed, most = (0, came) if came > most else (n_failed, most)
                if n_failed == len(PAUSES):
                    raise self._given_up(came, error) from error
                self.reporter.warn(
                    f"{self.file.name}: no connection, or it broke off at {_megabytes(came)} "
                    f"({_reason(error)}); trying again in {PAUSES[n_failed]:.0f} s"
                )
                self.sleep(PAUSES[n_failed])
                n_failed += 1

    def _given_up(self, came: int, error: Exception) -> UnavailableError:
        kept = (
            f"{_megabytes(came)} have come and are kept: the same command goes on from there. "
            if came
            else ""
        )
        return UnavailableError(
            f"{self._what()}: no connection, or it broke off ({_reason(error)}). {kept}Look at "
            f"your network, or {self.by_hand}"
        )

    def _try(self, address: str) -> None:
        """Ask once, and write what comes behind what is there."""
        import requests

        known = _read_known(self.part)
        n_here = _length(self.part)
        # Bytes as they are: of a packed transfer nobody could say where to go on.
        headers = {"Accept-Encoding": "identity"}
        if known is not None and known.address == address and n_here:
            if n_here == known.n_bytes:
                return
            headers |= {"Range": f"bytes={n_here}-", "If-Range": known.version}
        elif n_here:
            self._begin_anew("it is not known of which version of the file it is")
            n_here = 0
        with requests.get(address, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
            if answer.status_code == _NOT_SATISFIABLE and n_here:
                self._begin_anew("the server has nothing behind it")
                raise _BrokenOffError("begun anew")
            if answer.status_code == _TOO_MANY or answer.status_code >= _SERVER_FAULTS:
                raise _BrokenOffError(f"the server answered {answer.status_code} {answer.reason}")
            if answer.status_code not in (_OK, _PARTIAL):
                raise UnavailableError(
                    f"{self._what()}: the server answered {answer.status_code} {answer.reason}. "
                    f"If it has moved, {self.by_hand}"
                )
            n_here = self._place(answer, n_here, known)
            self._receive(address, answer, n_here)

    def _place(self, answer: Any, n_here: int, known: _Known | None) -> int:
        """Return behind how many bytes the answer is written, which may be none."""
        if answer.status_code == _PARTIAL:
            start, total = _content_range(answer.headers.get("Content-Range", ""))
            if start == n_here and known is not None and total in (None, known.n_bytes):
                self.reporter.say(f"{self.file.name}: going on after {_megabytes(n_here)}")
                return n_here
            self._begin_anew("the server sent another part than was asked for")
            raise _BrokenOffError("begun anew")
        if n_here:
            self._begin_anew("the server cannot go on, or has another version now")
        return 0

    def _receive(self, address: str, answer: Any, n_here: int) -> None:
        packed = "Content-Encoding" in answer.headers
        length = answer.headers.get("Content-Length", "")
        n_more = int(length) if length.isdigit() and not packed else None
        total = None if n_more is None else n_here + n_more
        check_room(self.part.parent, n_more, self.file.name)
        version = _version(answer.headers)
        if version and not packed:
            write_json(_beside(self.part), asdict(_Known(address, version, total)))
        task = _megabytes_task(self.reporter, self.file.name, total, n_here)
        with task as count, open(self.part, "ab" if n_here else "wb") as output:
            for chunk in answer.iter_content(CHUNK_BYTES):
                output.write(chunk)
                count(len(chunk))
            output.flush()
            flush_to_disk(output.fileno())
        if total is not None and _length(self.part) < total:
            raise _BrokenOffError(f"{_megabytes(_length(self.part))} of {_megabytes(total)} came")

    def _begin_anew(self, why: str) -> None:
        self.reporter.warn(
            f"{self.file.name}: begun anew; {_megabytes(_length(self.part))} had come, but {why}"
        )
        remove_part(self.part)

    def _what(self) -> str:
        return f"{self.file.name}: cannot be downloaded from {self.file.address}"


def remove_part(part: Path) -> None:
    """Remove a part, and what is known of it."""
    for path in (part, _beside(part)):
        path.unlink(missing_ok=True)


def check_room(folder: Path, n_bytes: int | None, name: str) -> None:
    """Make sure that a disk has room for so many bytes more.

    Raises
    ------
    StorageError
        If it has not.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes is not None and n_bytes + SPARE_BYTES > free:
        raise StorageError(
            f"{name}: there must be room for {_megabytes(n_bytes)} in {folder}. Got "
            f"{_megabytes(free)}. Free some space, or choose another folder with -o."
        )


@contextlib.contextmanager
def _megabytes_task(
    reporter: Reporter, name: str, total: int | None, n_here: int
) -> Iterator[Callable[[int], None]]:
    """Give a function that counts bytes on a bar of whole megabytes."""
    n_steps = 0 if total is None else -(-total // MEGABYTE)
    with reporter.task(f"{name} (MB)", n_steps) as task:
        counter = _Counter(task, total)
        counter.add(n_here)
        yield counter.add


class _Counter:
    def __init__(self, task: Task, total: int | None) -> None:
        self.task, self.total = task, total
        self.n_bytes = self.n_told = 0

    def add(self, n_bytes: int) -> None:
        self.n_bytes += n_bytes
        ended = self.total is not None and self.n_bytes >= self.total
        n_steps = -(-self.n_bytes // MEGABYTE) if ended else self.n_bytes // MEGABYTE
        if n_steps > self.n_told:
            self.task.advance(n_steps - self.n_told)
            self.n_told = n_steps


def _version(headers: Any) -> str:
    """Return what names this version of a file for certain, or nothing.

    Examples
    --------
    >>> _version({"ETag": 'W/"1"', "Last-Modified": "Sat, 01 Jan 2022 00:00:00 GMT"})
    'Sat, 01 Jan 2022 00:00:00 GMT'
    """
    tag = str(headers.get("ETag", ""))
    if tag and not tag.startswith("W/"):
        return tag
    return str(headers.get("Last-Modified", ""))


def _content_range(header: str) -> tuple[int | None, int | None]:
    """Return where a part begins and how long the whole is.

    Examples
    --------
    >>> _content_range("bytes 5-9/10"), _content_range("bytes 5-9/*"), _content_range("x")
    ((5, 10), (5, None), (None, None))
    """
    unit, _, rest = header.partition(" ")
    span, _, total = rest.partition("/")
    start = span.partition("-")[0]
    if unit != "bytes" or not start.isdigit():
        return None, None
    return int(start), int(total) if total.isdigit() else None


def _read_known(part: Path) -> _Known | None:
    try:
        said = json.loads(_beside(part).read_text(encoding="utf-8"))
        n_bytes = said["n_bytes"]
        return _Known(str(said["address"]), str(said["version"]), n_bytes and int(n_bytes))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _beside(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / MEGABYTE:,.1f} MB"


def _reason(error: Exception) -> str:
    """Return the innermost reason in a line: libraries wrap what the system said many times."""
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    words = " ".join(str(inner).split()) or type(inner).__name__
    return words[:160]
