"""One file of a public set, whole and checked: downloaded through pooch, or brought by hand."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

from bioselect.data.public.resuming import ResumingDownloader, remove_part
from bioselect.data.public.sets import PublicFile
from bioselect.exceptions import DataError
from bioselect.progress import Reporter

_PART = ".part"
#: What a page begins with that a server sends in place of a file which it does not have.
_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*(<!doctype html|<html|<!--)", re.IGNORECASE)
_FIRST_BYTES = 512


def download(
    file: PublicFile,
    staging: Path,
    reporter: Reporter,
    by_hand: str,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Download a file into a folder, or go on with it, and check its sum.

    Parameters
    ----------
    file : PublicFile
        Which one.
    staging : Path
        A folder in which nothing else lies; what a killed download left in it is removed.
    reporter : Reporter
        Told about progress.
    by_hand : str
        How a person goes on without this download; ends errors of the network.
    sleep : callable
        Waits between tries.

    Raises
    ------
    UnavailableError
        If it cannot be had. What has come is kept.
    DataError
        If it is another file than the one whose checksum is known. It is removed.
    StorageError
        If it cannot be written.
    """
    import pooch

    for left_over in staging.glob("tmp*"):  # as pooch calls what it writes
        left_over.unlink(missing_ok=True)
    pooch.get_logger().setLevel(logging.ERROR)
    part = staging / f"{file.name}{_PART}"
    downloader = ResumingDownloader(file, part, reporter, by_hand, sleep)
    try:
        path = Path(
            pooch.retrieve(
                file.address,
                known_hash=file.checksum,
                fname=file.name,
                path=staging,
                downloader=downloader,
            )
        )
    except ValueError as error:
        remove_part(part)
        found = re.search(r"\bgot (\w+)", str(error))
        raise _other_file(file, found[1] if found else "another", "It was removed.") from error
    remove_part(part)
    got = _no_data(path) if file.checksum is None and not file.is_zip else ""
    if got:
        path.unlink()
        raise DataError(
            f"{file.name}: must be a file of data. Got {got} from {file.address}. It was "
            f"removed. To go on, {by_hand}"
        )
    return path


def check_brought(file: PublicFile, path: Path) -> None:
    """Make sure that a file which a person brought is the one that is meant.

    Raises
    ------
    DataError
        If its checksum is another one, or if it is a web page.
    """
    import pooch

    if file.checksum is not None:
        algorithm, _, wanted = file.checksum.partition(":")
        got = pooch.file_hash(str(path), alg=algorithm)
        if got.lower() != wanted.lower():
            raise DataError(
                f"{path}: must be {file.name} as it was published, with the {algorithm} {wanted} "
                f"(source: {file.source}). Got {got}: another file, a damaged one or another "
                f"version. It is left as it is. Download it again from {file.address}"
            )
    elif got := _no_data(path):
        raise DataError(
            f"{path}: must be the file {file.name}. Got {got}. Download it again from "
            f"{file.address}"
        )


def _no_data(path: Path) -> str:
    """Return what a file is that holds no data, or nothing."""
    if path.stat().st_size == 0:
        return "nothing (0 bytes)"
    return "a web page" if is_page(path) else ""


def is_page(path: Path) -> bool:
    """Tell whether a file is a web page."""
    with path.open("rb") as opened:
        return _PAGE.match(opened.read(_FIRST_BYTES)) is not None


def _other_file(file: PublicFile, got: str, left: str) -> DataError:
    algorithm, _, wanted = (file.checksum or ":").partition(":")
    return DataError(
        f"{file.name}: its {algorithm} must be {wanted} (source: {file.source}). Got {got}: it is "
        f"damaged, or was changed at {file.address}. {left} Start again; if it stays so, look at "
        "the page of the set for a new version."
    )
