"""What becomes of an upload: images to predict, and one line for each file that is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bioselect.app.contents import ending_of
from bioselect.app.limits import Limits, size_in_words
from bioselect.app.multipart import Received, printable
from bioselect.app.refusal import RefusedError
from bioselect.app.zips import unpacked, zip_members
from bioselect.exceptions import UnreadableImageError

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


@dataclass(frozen=True)
class Item:
    """A file of an upload: where it lies now, or why it cannot be used."""

    name: str
    path: Path | None
    error: str = ""


class Uploads:
    """The folders of uploads: how many are under way, and how much is kept."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self.n_under_way = 0
        self._numbers = count(1)

    @contextmanager
    def place(self) -> Iterator[Path]:
        """Give a new folder for an upload; it is removed again if the upload is refused.

        Raises
        ------
        RefusedError
            If too many are under way, or too much is kept.
        """
        if self.n_under_way >= self.limits.n_uploads:
            raise RefusedError(
                f"{self.limits.n_uploads} uploads are under way. Wait until one has ended, and "
                "send yours again.",
                429,
            )
        if self._kept_bytes() + self.limits.upload_bytes > self.limits.kept_bytes:
            raise RefusedError(
                f"Uploads of {size_in_words(self.limits.kept_bytes)} are kept. Remove earlier "
                "predictions, and send yours again.",
                507,
            )
        folder = self.folder / f"upload-{next(self._numbers)}"
        folder.mkdir(mode=0o700)
        self.n_under_way += 1
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self.n_under_way -= 1

    def _kept_bytes(self) -> int:
        total = 0
        for place, _, names in os.walk(self.folder):
            for name in names:
                with suppress(OSError):  # Another upload may have removed it meanwhile.
                    total += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
        return total


def images_of(received: list[Received], folder: Path, limits: Limits) -> list[Item]:
    """Look at received files, unpack zips, and return every file with its place or its fault.

    A file that is no image is told of and stops nothing; a zip that must not be opened stops all.

    Raises
    ------
    RefusedError
        If there is no file, too many, or a zip that is not opened.
    """
    items: list[Item] = []
    n_bytes = 0
    for one in received:
        with one.path.open("rb") as file:
            start = file.read(4)
        if start in (_ZIP, _EMPTY_ZIP):
            members = zip_members(one.path, one.name, limits)
            n_bytes += sum(info.file_size for info in members)
            if n_bytes > limits.unpacked_bytes:
                raise RefusedError(
                    f"The zips of an upload may unpack to {size_in_words(limits.unpacked_bytes)} "
                    "together. Send them one by one, or choose the folder on this machine instead.",
                    413,
                )
            if len(items) + len(members) > limits.n_files:
                raise RefusedError(_too_many(limits), 413)
            for name, path in unpacked(one.path, one.name, members, limits, folder):
                items.append(_looked_at(path, printable(name), limits))
            one.path.unlink()
        else:
            items.append(_looked_at(one.path, one.name, limits))
        if len(items) > limits.n_files:
            raise RefusedError(_too_many(limits), 413)
    if not items:
        raise RefusedError("Choose at least one image, or a zip with images in it.")
    return items


def _too_many(limits: Limits) -> str:
    return (
        f"An upload may have {limits.n_files:,} files, those in zips included. Send fewer at a "
        "time, or choose the folder on this machine in which they lie."
    )


def _looked_at(path: Path, name: str, limits: Limits) -> Item:
    try:
        ending = ending_of(path, name, limits.n_pixels)
    except UnreadableImageError as error:
        path.unlink()
        return Item(name, None, str(error))
    return Item(name, path.rename(path.with_name(path.name + ending)))
