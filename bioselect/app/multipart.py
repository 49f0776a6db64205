"""The files of a form, written to disk while they stream in, and stopped where they are too many.

Files are called by their number; the name that a browser gives is only shown.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bioselect.app.limits import Limits, size_in_words
from bioselect.app.refusal import RefusedError

_LONGEST_NAME = 200
_MALFORMED = "The upload is not a form with files. Use the page to send them."


@dataclass(frozen=True)
class Received:
    """A file that came with a form, and how it is called there."""

    name: str
    path: Path


def check_announced(headers: Any, limits: Limits) -> None:
    """Refuse a request that announces more than is taken, before anything of it is read."""
    announced = headers.get("content-length", "0")
    if not announced.isdecimal():
        raise RefusedError("The length of the upload must be a number.")
    if int(announced) > limits.upload_bytes:
        raise RefusedError(_too_much(limits), 413)


async def receive_files(
    headers: Any, stream: AsyncIterator[bytes], folder: Path, limits: Limits
) -> list[Received]:
    """Write the files of a form into a folder.

    Parameters
    ----------
    headers : mapping
        Of the request.
    stream : async iterator of bytes
        Its body.
    folder : Path
        Where files go.
    limits : Limits
        How much is taken.

    Raises
    ------
    RefusedError
        If it is no form, larger than allowed (whatever it announced), or stands still.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import parse_options_header

    check_announced(headers, limits)
    kind, options = parse_options_header(headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise RefusedError(_MALFORMED)
    writer = _Writer(folder, limits)
    total = 0
    try:
        parser = _parser(boundary, writer)
        async for chunk in _without_standstill(stream, limits.idle_seconds):
            total += len(chunk)
            if total > limits.upload_bytes:
                raise RefusedError(_too_much(limits), 413)
            parser.write(chunk)
        parser.finalize()
        if not writer.is_whole:
            raise RefusedError("The upload was cut short. Send it again.")
    except FormParserError as error:
        raise RefusedError(_MALFORMED) from error
    finally:
        writer.close()
    return writer.received


def shown_name(given: str) -> str:
    r"""Return the name of a file as it may be shown: its last part, without control characters.

    Examples
    --------
    >>> shown_name("../../etc/pass\nwd"), shown_name("C:\\images\\a.png"), shown_name("..")
    ('pass?wd', 'a.png', 'unnamed')
    """
    last = given.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return printable(last) if last not in ("", ".", "..") else "unnamed"


def printable(text: str) -> str:
    """Return text without characters that cannot be shown, and not longer than a line."""
    plain = "".join("?" if unicodedata.category(one)[0] == "C" else one for one in text)
    return plain if len(plain) <= _LONGEST_NAME else f"…{plain[1 - _LONGEST_NAME :]}"


def _too_much(limits: Limits) -> str:
    return (
        f"An upload may have {size_in_words(limits.upload_bytes)}. Send fewer images at a time, or "
        "choose the folder on this machine in which they lie."
    )


async def _without_standstill(stream: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    iterator = stream.__aiter__()
    while True:
        try:
            chunk = await asyncio.wait_for(iterator.__anext__(), seconds)
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError as error:
            raise RefusedError("The upload stood still. Send it again.", 408) from error
        yield chunk


def _parser(boundary: bytes, writer: _Writer) -> Any:
    from python_multipart.multipart import MultipartParser

    callbacks: Any = {
        "on_part_begin": writer.begin,
        "on_header_field": writer.add_to_field,
        "on_header_value": writer.add_to_value,
        "on_header_end": writer.end_header,
        "on_headers_finished": writer.open,
        "on_part_data": writer.write,
        "on_part_end": writer.close,
        "on_end": writer.end,
    }
    return MultipartParser(boundary, callbacks)


class _Writer:
    """Told of the parts of a form as they come; writes those that are files."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self.received: list[Received] = []
        self.n_parts = 0
        self.is_whole = False
        self.file: BinaryIO | None = None
        self.headers: dict[bytes, bytes] = {}
        self.field = self.value = b""

    def begin(self) -> None:
        """Begin a part."""
        self.n_parts += 1
        if self.n_parts > self.limits.n_files + 10:  # A few parts may be fields without files.
            raise RefusedError(self._too_many(), 413)
        self.headers, self.field, self.value = {}, b"", b""

    def add_to_field(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self.field += data[start:end]

    def add_to_value(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self.value += data[start:end]

    def end_header(self) -> None:
        """Keep a header that is whole."""
        self.headers[self.field.lower()] = self.value
        self.field = self.value = b""

    def open(self) -> None:
        """Open a file for this part, if it is one."""
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self.headers.get(b"content-disposition", b""))
        given = options.get(b"filename")
        if not given:
            return
        if len(self.received) >= self.limits.n_files:
            raise RefusedError(self._too_many(), 413)
        path = self.folder / f"received-{len(self.received):05d}"
        self.file = path.open("wb")
        self.received.append(Received(shown_name(given.decode("utf-8", "replace")), path))

    def write(self, data: bytes, start: int, end: int) -> None:
        """Write a piece of the file; of a field that is none, nothing is kept."""
        if self.file is not None:
            self.file.write(data[start:end])

    def close(self) -> None:
        """End a file."""
        if self.file is not None:
            self.file.close()
            self.file = None

    def end(self) -> None:
        """Know that the last part was the last one."""
        self.is_whole = True

    def _too_many(self) -> str:
        return (
            f"An upload may have {self.limits.n_files:,} files. Send fewer at a time, or choose "
            "the folder on this machine in which they lie."
        )
