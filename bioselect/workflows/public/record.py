"""What was downloaded into a folder, and when: kept beside it, for a second download to compare.

Of most files nobody has published a checksum. The SHA-256 of the first download is then the only
measure there is: a later one that differs is told.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bioselect.data.public.sets import PublicSet
from bioselect.exceptions import DataError
from bioselect.storage import sha256_of_file, write_json

RECORD_FILE = "downloaded.json"
FORMAT = 1


@dataclass(frozen=True)
class Got:
    """A file of a set that is on this machine.

    Attributes
    ----------
    name, address : str
        As in the table.
    n_bytes : int
        Its length, packed.
    sha256 : str
        Of its bytes.
    checked : str
        The checksum that it was compared with, and whose that is; empty where none is known.
    date : str
        When it was downloaded.
    n_files, n_unpacked_bytes : int
        What was unpacked; 0 where nothing was.
    changed : bool
        Whether an earlier download from the same place had other bytes.
    """

    name: str
    address: str
    n_bytes: int
    sha256: str
    checked: str
    date: str
    n_files: int = 0
    n_unpacked_bytes: int = 0
    changed: bool = False


def read_record(folder: Path, row: PublicSet) -> dict[str, Got]:
    """Return what is known of the files in a folder, by name; nothing where that is unreadable.

    Raises
    ------
    DataError
        If another set lies there: a folder has one licence, and one paper to cite.
    """
    try:
        said = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        name = said["set"]
        record = {one["name"]: Got(**one) for one in said["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if name != row.name:
        raise DataError(
            f"{folder}: must hold one set, because {RECORD_FILE} there says its licence and what "
            f"has to be cited. Got {row.name} beside {name}. Choose another folder with -o."
        )
    return record


def write_record(folder: Path, row: PublicSet, record: dict[str, Got]) -> None:
    """Keep what is known, with the licence and what has to be cited."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "set": row.name,
        "title": row.title,
        "page": row.page,
        "licence": row.licence,
        "citation": row.citation,
        "doi": row.doi,
        "files": [asdict(record[name]) for name in sorted(record)],
    }
    write_json(folder / RECORD_FILE, said)


def compared(got: Got, before: Got | None) -> Got:
    """Return what was downloaded, with whether it is other than the last time."""
    if before is None or before.address != got.address:
        return got
    return replace(got, changed=before.sha256 != got.sha256)


def is_as_unpacked(folder: Path, got: Got) -> bool:
    """Tell whether all that was unpacked into a folder is still there; more may be."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    n_bytes = sum(path.stat().st_size for path in files)
    return len(files) >= got.n_files and n_bytes >= got.n_unpacked_bytes


def is_as_downloaded(path: Path, got: Got) -> bool:
    """Tell whether a file has the bytes that were downloaded."""
    return path.stat().st_size == got.n_bytes and sha256_of_file(path) == got.sha256
