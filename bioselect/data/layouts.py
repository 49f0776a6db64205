"""Folders of images -> a data set: one folder per class, groups from folders or file names."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.folder_series import is_dicom_file
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import DataError

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".btf", ".npy"}
    | {".dcm", ".dicom", ".nii", ".nii.gz"}
)
#: Files that the operating systems leave in folders, and the index of a DICOM medium; they are
#: nobody's data.
_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "dicomdir"})
_N_LISTED = 5


@dataclass(frozen=True)
class GroupRule:
    """Where the group of an image (its patient, slide or plate) is written; exactly one of three.

    Parameters
    ----------
    column : str or None
        The column of the table.
    folder_level : int or None
        The folder whose name is the group, counted from 1 below the data set's folder: in
        ``tumour/patient7/a.png`` level 1 is ``tumour`` and level 2 ``patient7``.
    pattern : str or None
        A regular expression that is searched in the image id (path below the data set's folder,
        forward slashes); its part named `group`, or else its first parentheses, are the group.

    Raises
    ------
    DataError
        If not exactly one is given, the level is below 1, or the pattern is no regular expression
        with parentheses.

    Examples
    --------
    >>> GroupRule(column=None, folder_level=2, pattern=None).group_of("tumour/patient7/a.png")
    'patient7'
    >>> GroupRule(None, None, r"/(p[0-9]+)_").group_of("tumour/p12_03.png")
    'p12'
    """

    column: str | None = None
    folder_level: int | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        given = [
            value for value in (self.column, self.folder_level, self.pattern) if value is not None
        ]
        if len(given) != 1:
            raise DataError(
                "group: must be exactly one of a column, a folder level and a pattern. "
                f"Got {len(given)} of them."
            )
        if self.folder_level is not None and self.folder_level < 1:
            raise DataError(f"group: level must be at least 1. Got {self.folder_level}.")
        if self.pattern is not None:
            _check_pattern(self.pattern)

    def group_of(self, image_id: str) -> str:
        """Return the group that folder level or pattern give.

        Raises
        ------
        DataError
            If they give none for this image.
        """
        if self.folder_level is not None:
            folders = image_id.split("/")[:-1]
            if folders and (re.fullmatch(r"(\.\.|[A-Za-z]:)?", folders[0])):
                raise DataError(
                    f"{image_id}: must lie below the data set's folder for `group: {{level: "
                    f"{self.folder_level}}}`. It lies elsewhere. Choose another dataset.root, or "
                    "name the groups in a column."
                )
            if len(folders) < self.folder_level:
                raise DataError(
                    f"{image_id}: must lie in {self.folder_level} folders below the data set's for "
                    f"`group: {{level: {self.folder_level}}}`. Got {len(folders)}. Move it, or "
                    "choose another level."
                )
            return folders[self.folder_level - 1]
        if self.pattern is None:
            raise DataError(
                f"group: the column {self.column!r} can only be read from a table. With folders "
                "write `group: {level: N}` or `group: {pattern: REGEX}`."
            )
        match = re.search(self.pattern, image_id)
        found = _matched_group(match) if match else None
        if not found:
            raise DataError(
                f"{image_id}: must match the group pattern {self.pattern!r} with a group that is "
                "not empty. It does not. Change the pattern or the file's name."
            )
        return found


def _check_pattern(pattern: str) -> None:
    try:
        n_groups = re.compile(pattern).groups
    except re.error as error:
        raise DataError(
            f"group: pattern must be a regular expression. Got {pattern!r} ({error})."
        ) from error
    if n_groups < 1:
        raise DataError(
            "group: pattern must hold the group in parentheses, for example '^([^_]+)_'. "
            f"Got {pattern!r}."
        )


def _matched_group(match: re.Match[str]) -> str | None:
    return match["group"] if "group" in match.re.groupindex else match[1]


def list_images(path: Path) -> list[Path]:
    """Return the image files in a folder and all folders in it, sorted; a file gives itself.

    Files and folders whose name begins with a dot, and what operating systems leave behind, do
    not count; neither do files whose ending is not in `IMAGE_SUFFIXES`, but for DICOM files, which
    often have none.

    Raises
    ------
    DataError
        If there is no such file or folder, folders contain themselves through links, or a name
        is not valid text.
    """
    path = Path(path)
    if path.is_file():
        return [path]
    return sorted(file for file in _walk(_existing_folder(path)) if is_image_file(file))


def is_image_name(path: Path) -> bool:
    """Tell whether a file's ending is that of an image, in small or capital letters."""
    return path.name.lower().endswith(tuple(IMAGE_SUFFIXES))


def is_image_file(path: Path) -> bool:
    """Tell whether a file is listed as an image: by its ending, or as DICOM by its content."""
    return is_image_name(path) or is_dicom_file(path)


def from_class_folders(
    path: Path, group: GroupRule | None = None
) -> tuple[ImageDataset, list[str]]:
    """Read a folder that holds one folder per class, with any folders inside these.

    Parameters
    ----------
    path : Path
        The folder.
    group : GroupRule or None
        How the group follows from an image's place or name.

    Returns
    -------
    dataset : ImageDataset
        Sorted by image id; the classes are the names of the folders, sorted.
    notes : list of str
        What was left aside, in words.

    Raises
    ------
    DataError
        If the folder is missing, holds no class folder with images, or images outside of them.
    """
    root = _existing_folder(Path(path))
    class_of: dict[Path, str] = {}
    others: list[Path] = []
    empty: list[str] = []
    for folder in _class_folders(root):
        files = list(_walk(folder))
        images = [file for file in files if is_image_file(file)]
        class_of.update(dict.fromkeys(images, folder.name))
        others += [file for file in files if file not in class_of]
        if not images:
            empty.append(folder.name)
    beside = sorted(Path(entry.path) for entry in _visible(root) if not entry.is_dir())
    _check_class_folders(root, class_of, [file for file in beside if is_image_file(file)])
    records = [_record(root, image, name, group) for image, name in class_of.items()]
    dataset = ImageDataset(
        name=root.resolve().name,
        root=root,
        records=tuple(sorted(records, key=lambda record: record.image_id)),
        class_names=tuple(sorted(set(class_of.values()))),
    )
    return dataset, _notes(others + beside, empty)


def _record(root: Path, image: Path, class_name: str, group: GroupRule | None) -> ImageRecord:
    image_id = image.relative_to(root).as_posix()
    return ImageRecord(image_id, image, class_name, group.group_of(image_id) if group else None)


def _check_class_folders(root: Path, class_of: dict[Path, str], outside: list[Path]) -> None:
    if outside and class_of:
        listed = ", ".join(file.name for file in outside[:_N_LISTED])
        raise DataError(
            f"{root}: every image must lie in the folder of its class. Got {len(outside)} beside "
            f"the class folders ({listed}). Move or remove them."
        )
    if not class_of:
        found = f"{len(outside)} images without a class folder" if outside else "no image"
        raise DataError(
            f"{root}: must hold one folder per class with images "
            f"({', '.join(sorted(IMAGE_SUFFIXES))}). Got {found}. Check dataset.path, or "
            "describe the images in a table (dataset.table)."
        )


def _notes(others: Iterable[Path], empty: Iterable[str]) -> list[str]:
    notes = []
    endings = Counter(file.suffix.lower() or "no ending" for file in others)
    if endings:
        counts = ", ".join(f"{count} x {ending}" for ending, count in sorted(endings.items()))
        notes.append(f"files that are no images were left aside: {counts}.")
    for name in sorted(empty):
        notes.append(f"the folder {name!r} holds no image and is not a class.")
    return notes


def _existing_folder(path: Path) -> Path:
    if path.is_dir():
        return path
    found = "It is a file." if path.exists() else "There is none."
    raise DataError(f"{path}: must be a folder with images. {found} Check the path.")


def _class_folders(root: Path) -> list[Path]:
    return sorted(Path(entry.path) for entry in _visible(root) if entry.is_dir())


def _visible(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, without hidden files and those of operating systems."""
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except PermissionError as error:
        raise DataError(
            f"{folder}: no permission to look into this folder. Ask for the right to, or move it "
            "away."
        ) from error
    kept = []
    for entry in found:
        if entry.name.startswith(".") or entry.name.lower() in _SYSTEM_NAMES:
            continue
        if not _is_text(entry.name):
            raise DataError(
                f"{folder}: the names of files must be valid UTF-8. Got {entry.name!r}. Rename it."
            )
        kept.append(entry)
    return kept


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _walk(folder: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Yield every visible file; links to folders are followed, but not round in circles."""
    place = os.path.realpath(folder)
    if place in above:
        raise DataError(f"{folder}: is a link to a folder that contains it. Remove the link.")
    for entry in _visible(folder):
        if entry.is_dir():
            yield from _walk(Path(entry.path), above | {place})
        else:
            yield Path(entry.path)
