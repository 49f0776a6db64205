"""The files of a bundle: those that its manifest lists, as they were written, inside of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioselect.bundle.archives import is_inside
from bioselect.bundle.manifest import EXTRACTOR_FOLDER, MANIFEST_FILE, SEGMENTER_FOLDER, AnyManifest
from bioselect.exceptions import BundleError
from bioselect.storage import LARGEST_UNPACKED, sha256_of_file

#: What file managers leave behind; nothing reads it.
_LEFT_BEHIND = (".DS_Store", "Thumbs.db", "desktop.ini")
#: A Mac keeps notes on `card.md` in `._card.md` where a disk has no other place for them; they
#: begin so. What only has such a name may be anything.
_NOTES, _BEGIN = "._", b"\x00\x05\x16\x07"


def is_left_behind(path: Path) -> bool:
    """Tell whether a file manager put a file there.

    Examples
    --------
    >>> is_left_behind(Path("model/card.md"))
    False
    """
    if path.is_symlink() or not path.is_file():
        return False
    if not path.name.startswith(_NOTES):
        return path.name in _LEFT_BEHIND
    with open(path, "rb") as file:
        return file.read(len(_BEGIN)) == _BEGIN


def is_plain_folder(path: Path) -> bool:
    """Tell whether it is a folder itself, and not a link to one, in which nobody has looked."""
    return path.is_dir() and not path.is_symlink()


def check_files(folder: Path, manifest: AnyManifest, needed: set[str], where: Path) -> None:
    """Refuse a bundle that lacks a file, or of which one is not the one that was written.

    Raises
    ------
    BundleError
        With the file.
    """
    _check_names(manifest, where)
    total = 0
    for name in sorted(needed | set(manifest.files)):
        path = folder / name
        if name not in manifest.files or not path.is_file():
            raise BundleError(
                f"{where}: the file {name} is missing. Use another copy of the model."
            )
        _check_no_way_out(folder, name, where)
        total += path.stat().st_size
        if total > LARGEST_UNPACKED:
            raise BundleError(
                f"{where}: a model must have at most {LARGEST_UNPACKED / 1e9:.0f} GB. Got more "
                f"with the file {name}. Use a copy from a source you trust."
            )
        if sha256_of_file(path) != manifest.files[name]:
            raise BundleError(
                f"{where}: the file {name} is not the one that was written (its checksum "
                "differs). Use another copy of the model."
            )
    # Components open files in their folders by names of their own.
    for name in _there(folder, (EXTRACTOR_FOLDER, SEGMENTER_FOLDER)):
        if name not in manifest.files:
            raise BundleError(
                f"{where}: the file {name} must stand in {MANIFEST_FILE} with its checksum. It "
                "does not. Remove it, or use another copy of the model."
            )


def _check_names(manifest: AnyManifest, where: Path) -> None:
    seen: dict[str, str] = {}
    for name in sorted(manifest.files):
        if not is_inside(name):
            raise BundleError(
                f"{where}: its files must lie inside of it. Got {name!r} in {MANIFEST_FILE}. Use a "
                "copy from a source you trust."
            )
        # Windows and macOS would take them for one file.
        if (same := seen.setdefault(name.casefold(), name)) != name:
            raise BundleError(
                f"{where}: its files must have different names on every system. Got {same!r} and "
                f"{name!r} in {MANIFEST_FILE}. Use a copy from a source you trust."
            )


def _check_no_way_out(folder: Path, name: str, where: Path) -> None:
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise BundleError(
            f"{where}: its files must lie inside of it. Got {name!r}, a link that leads out. Use a "
            "copy from a source you trust."
        )


def _there(folder: Path, inside: tuple[str, ...]) -> Iterator[str]:
    for part in inside:
        for path in sorted((folder / part).rglob("*")):
            if not is_left_behind(path) and not is_plain_folder(path):
                yield path.relative_to(folder).as_posix()
