"""What lies in a folder and in all folders inside it, on file systems as they are.

Links are followed, but no folder is looked through twice and none that holds the link itself;
what is left aside or cannot be looked into is listed apart, so that nothing is lost in silence.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bioselect.data.names import as_text
from bioselect.exceptions import DataError

#: What operating systems, disks and network drives leave in folders, and the index of a DICOM
#: medium; they are nobody's data.
SYSTEM_NAMES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "dicomdir", "@eadir", "lost+found"}
    | {"$recycle.bin", "system volume information", ".ds_store", ".spotlight-v100", ".trashes"}
    | {".fseventsd", ".temporaryitems", ".appledouble"}
)
#: macOS writes ``._x`` beside each file ``x`` on disks that cannot hold all it knows of a file.
_TWIN = "._"
#: Folders that are one image to those who wrote them; what lies in them are no files of images.
_IMAGE_FOLDER = ".zarr"


@dataclass
class FolderContents:
    """What was found.

    `files` are all that are not hidden (folders that end in ``.zarr`` among them), `hidden` the
    files and folders whose name begins with a dot, `system` what operating systems left there,
    `special` pipes and devices, `closed` the folders that could not be looked into; `notes` says
    which links to folders were left aside.
    """

    files: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)
    system: list[Path] = field(default_factory=list)
    special: list[Path] = field(default_factory=list)
    closed: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look_through(folder: Path) -> FolderContents:
    """Return everything that lies below a folder, which may be a link.

    Raises
    ------
    DataError
        If nobody may look into the folder itself.
    """
    found = FolderContents()
    folders, links = map(deque, _sorted_into(found, folder))
    way_to = {os.path.realpath(folder): folder}
    # Links come last: what is reached without them as well keeps its plain path.
    while folders or links:
        is_link = not folders
        place = links.popleft() if is_link else folders.popleft()
        real = os.path.realpath(place)
        if why := _why_aside(place, real, is_link, way_to):
            found.notes.append(why)
        else:
            way_to[real] = place
            try:
                inside = _sorted_into(found, place)
            except DataError:
                found.closed.append(place)
                continue
            folders += inside[0]
            links += inside[1]
    return found


def top_level(root: Path) -> tuple[list[Path], FolderContents]:
    """Return the folders in a folder, sorted, and what lies beside them.

    A link to a folder that is among them already, or holds the link, is left aside with a note.

    Raises
    ------
    DataError
        If nobody may look into it.
    """
    found = FolderContents()
    folders, links = _sorted_into(found, root)
    way_to = {os.path.realpath(folder): folder for folder in folders}
    for link in links:
        real = os.path.realpath(link)
        if why := _why_aside(link, real, True, way_to):
            found.notes.append(why)
        else:
            way_to[real] = link
    return sorted(way_to.values()), found


def _why_aside(place: Path, real: str, is_link: bool, way_to: Mapping[str, Path]) -> str:
    """Say why a folder is not looked through: it was already, or holds the link to itself."""
    if is_link and _lies_in(place, real):
        return f"the link {as_text(place)} leads to a folder that contains it and was left aside."
    if real in way_to:
        same = as_text(way_to[real])
        return f"{as_text(place)} is by a link the same folder as {same} and was left aside."
    return ""


def _sorted_into(found: FolderContents, folder: Path) -> tuple[list[Path], list[Path]]:
    """Add the files in a folder to what was found; return the folders in it and links to such."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"{as_text(folder)}: cannot look into this folder ({error.strerror}). Ask for the "
            "right to, or move it elsewhere."
        ) from error
    folders: list[Path] = []
    links: list[Path] = []
    for entry in inside:
        _list_of(entry, found, folders, links).append(Path(entry.path))
    return folders, links


def _list_of(
    entry: os.DirEntry[str], found: FolderContents, folders: list[Path], links: list[Path]
) -> list[Path]:
    """Return the list that something in a folder belongs to."""
    if entry.name.lower() in SYSTEM_NAMES or entry.name.startswith(_TWIN):
        return found.system
    if entry.name.startswith("."):
        return found.hidden
    if _is_folder(entry):
        if entry.name.lower().endswith(_IMAGE_FOLDER):
            return found.files
        return links if _is_link(entry) else folders
    # A link that leads nowhere or to itself is told of by its reader.
    is_file = os.path.isfile(entry.path) or not os.path.exists(entry.path)
    return found.files if is_file else found.special


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # A link that leads to itself, or to where nobody may look.
        return False


def _is_link(entry: os.DirEntry[str]) -> bool:
    is_junction = getattr(entry, "is_junction", bool)  # Windows has these, Python since 3.12.
    return entry.is_symlink() or bool(is_junction())


def _lies_in(link: Path, folder: str) -> bool:
    """Tell whether the folder that a link stands in is `folder` or lies in it."""
    return Path(os.path.realpath(link.parent)).is_relative_to(folder)
