"""`bioselect datasets`: which public sets there are, and one of them on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioselect.addresses import on_this_computer
from bioselect.data.public.sets import PublicSet
from bioselect.data.public.table import find, listed
from bioselect.progress import SILENT, Reporter
from bioselect.workflows.public.getting import GotSet, get_set

_UNKNOWN = "unknown"
_COLUMNS = ("name", "task", "images", "size", "licence", "what it shows")


def list_sets() -> str:
    """Return a table of all public sets and databases."""
    rows = [
        (
            row.name,
            row.task,
            "" if row.is_pointer else f"{row.n_images or 0:,}",
            _size(row),
            row.licence,
            row.title,
        )
        for row in listed()
    ]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    lines = []
    for cells in (_COLUMNS, *rows):
        padded = [
            cell.rjust(width) if place in (2, 3) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(
        [
            *lines,
            "",
            "Those of MedMNIST come larger, too: pathmnist_64, pathmnist_128, pathmnist_224.",
            "Without a size: databases to look in; nothing is downloaded from them.",
            "bioselect datasets list NAME tells more, bioselect datasets get NAME downloads.",
        ]
    )


def describe(name: str) -> str:
    """Return everything that is known of a set.

    Raises
    ------
    DataError
        If there is none of this name.
    """
    row = find(name)
    lines = [f"{row.name}: {row.title}", f"  task      {row.task}", f"  page      {row.page}"]
    if not row.is_pointer:
        lines.append(f"  images    {row.n_images:,}, {_size(row)}")
    lines.append(f"  licence   {row.warning or row.licence}")
    if row.citation:
        doi = f", doi:{row.doi}" if row.doi else ""
        lines.append(f"  cite      {row.citation}{doi}")
    for file in row.files:
        length = _UNKNOWN if file.n_bytes is None else f"{file.n_bytes:,} bytes"
        checksum = f"{file.checksum} by {file.source}" if file.checksum else _UNKNOWN
        lines += [
            f"  file      {file.name}",
            f"    from      {file.address}",
            f"    length    {length}",
            f"    checksum  {checksum}",
        ]
    if row.next_steps:
        lines += ["  then", *(f"    {step}" for step in row.next_steps)]
    return "\n".join(lines)


def as_data(name: str | None = None) -> dict[str, Any]:
    """Return one set, or all of them with their larger sizes, as plain data."""
    from bioselect.data.public.table import ROWS

    if name is not None:
        return asdict(find(name))
    return {"datasets": [asdict(row) for row in ROWS]}


def get(
    name: str,
    output: Path | None = None,
    files: Sequence[Path] = (),
    reporter: Reporter = SILENT,
) -> GotSet:
    """Download a public set; what is there already is not downloaded again.

    Parameters
    ----------
    name : str
        As `list_sets` has it.
    output : Path, optional
        The folder; by default one of the name of the set, here.
    files : sequence of Path
        Files of the set that were downloaded by hand.
    reporter : Reporter
        Told about progress.

    Raises
    ------
    BioselectError
        If it cannot be had; the message says how to go on.
    """
    row = find(name)
    folder = on_this_computer(row.name if output is None else output, "a public set")
    brought = [on_this_computer(file, "a file of the set") for file in files]
    return get_set(row, folder, brought, reporter)


def got_in_words(got: GotSet) -> str:
    """Return what is there now, how it has to be cited, and what comes next."""
    row = got.row
    if got.fetched:
        first = f"{row.name} lies in {got.folder}."
    else:
        first = f"{row.name} lies in {got.folder} already, as it was downloaded."
    lines = [first]
    for one in got.files:
        unpacked = f", unpacked: {one.n_files:,} files" if one.n_files else ""
        lines.append(f"  {one.name}: {one.n_bytes / 1e6:,.1f} MB{unpacked}")
    lines.append(f"Licence: {row.warning or row.licence}")
    lines.append(f"Cite: {row.citation}, doi:{row.doi}")
    lines += [f"Next (paths are in {got.folder}):", *(f"  {step}" for step in row.next_steps)]
    return "\n".join(lines)


def got_as_data(got: GotSet) -> dict[str, Any]:
    """Return that as plain data."""
    return {
        "name": got.row.name,
        "folder": str(got.folder),
        "fetched": list(got.fetched),
        "files": [asdict(one) for one in got.files],
        "licence": got.row.licence,
        "citation": got.row.citation,
        "doi": got.row.doi,
        "next_steps": list(got.row.next_steps),
    }


def _size(row: PublicSet) -> str:
    """Return how large the download of a set is, as well as that is known."""
    if row.is_pointer:
        return ""
    exact = row.n_bytes
    n_bytes = row.rough_bytes if exact is None else exact
    if n_bytes is None:
        return _UNKNOWN
    about = "about " if exact is None else ""
    return f"{about}{n_bytes / 1e6:,.1f} MB" if n_bytes < 1e8 else f"{about}{n_bytes / 1e6:,.0f} MB"
