"""Folders of images -> a data set: one folder per class, groups from folders or file names."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.dicom_identity import is_dicom_file
from bioselect.data.file_tree import FolderContents, look_through, top_level
from bioselect.data.left_aside import left_aside, other_formats
from bioselect.data.names import as_text, composed, exists, is_text, name_problem, stored_path
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import DataError

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".btf", ".npy"}
    | {".dcm", ".dicom", ".nii", ".nii.gz"}
)
#: What the parts of a data set are called that others divided for us; never all of the classes.
SPLIT_NAMES = frozenset(
    {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "holdout"}
)
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
        A regular expression that is searched in the file's name; if it has a slash in it, in the
        image id (path below the data set's folder, forward slashes). Its part named `group`, or
        else its first parentheses, are the group.

    Raises
    ------
    DataError
        If not exactly one is given, the level is below 1, or the pattern is no regular expression
        with parentheses.

    Examples
    --------
    >>> GroupRule(column=None, folder_level=2, pattern=None).group_of("tumour/patient7/a.png")
    'patient7'
    >>> GroupRule(None, None, r"^([^_]+)_").group_of("tumour/p12_03.png")
    'p12'
    >>> GroupRule(None, None, r"/(p[0-9]+)/").group_of("tumour/p12/03.png")
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
        where = image_id if "/" in self.pattern else image_id.rsplit("/", 1)[-1]
        match = re.search(composed(self.pattern), where)
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


def list_images(path: Path, what: str = "images") -> tuple[list[Path], list[str]]:
    """Return the image files in a folder and all folders in it, sorted; a file gives itself.

    Files and folders whose name begins with a dot, and what operating systems leave behind, do
    not count; neither do files whose ending is not in `IMAGE_SUFFIXES`, but for DICOM files, which
    often have none. A folder that cannot be looked into is listed itself, and so is a file whose
    name is no valid text: reading them says what is wrong.

    Raises
    ------
    DataError
        If there is no such file or folder, or nobody may look into it.
    """
    if os.path.isfile(path):
        return [Path(path)], []
    found = look_through(_existing_folder(Path(path), what))
    images, others = _images_and_others(found)
    return sorted([*images, *found.closed]), left_aside(others, [found])


def _images_and_others(found: FolderContents) -> tuple[list[Path], list[Path]]:
    images: list[Path] = []
    others: list[Path] = []
    for file in found.files:
        (images if is_image_file(file) else others).append(file)
    return images, others


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
        Sorted by image id; the classes are the names of the folders, sorted. A folder that cannot
        be looked into has a record of its own, whose reading says so.
    notes : list of str
        What was left aside, in words.

    Raises
    ------
    DataError
        If the folder is missing, holds no class folder with images, or images outside of them; if
        nobody may look into it or the folder of a class; if its folders are the parts of a data
        set that others divided.
    """
    root = _existing_folder(Path(path))
    folders, beside = top_level(root)
    class_of: dict[Path, str] = {}
    contents = [beside]
    others = list(beside.files)
    empty: list[str] = []
    for folder in folders:
        found = look_through(folder)
        images, rest = _images_and_others(found)
        class_of.update(dict.fromkeys([*images, *found.closed], composed(as_text(folder.name))))
        contents.append(found)
        others += rest
        if not images and not found.closed:
            empty.append(as_text(folder.name))
    _check_class_folders(root, class_of, contents)
    # What cannot be read is in no group: its name may lack what the rule looks for.
    closed = {folder for found in contents for folder in found.closed}
    records = [
        _record(root, image, name, group if image not in closed and is_text(image) else None)
        for image, name in sorted(class_of.items())
    ]
    dataset = ImageDataset(
        name=as_text(root.resolve().name),
        root=root,
        records=tuple(sorted(records, key=lambda record: record.image_id)),
        class_names=tuple(sorted(set(class_of.values()))),
    )
    _check_not_parts(root, dataset)
    notes = [note.replace(f"{root.as_posix()}/", "") for note in left_aside(others, contents)]
    no_classes = [f"the folder {name!r} holds no image and is not a class." for name in empty]
    return dataset, [*notes, *_twice(folders), *no_classes]


def _record(root: Path, image: Path, class_name: str, group: GroupRule | None) -> ImageRecord:
    image_id = as_text(image.relative_to(root))
    name = group.group_of(composed(image_id)) if group else None
    return ImageRecord(image_id, image, class_name, name)


def _check_class_folders(
    root: Path, class_of: dict[Path, str], contents: Sequence[FolderContents]
) -> None:
    outside = [file for file in contents[0].files if is_image_file(file)]
    if outside and class_of:
        listed = ", ".join(as_text(file.name) for file in outside[:_N_LISTED])
        raise DataError(
            f"{root}: every image must lie in the folder of its class. Got {len(outside)} beside "
            f"the class folders ({listed}). Move or remove them."
        )
    if not class_of:
        found = f"{len(outside)} images without a class folder" if outside else "no image"
        other = other_formats(file for one in contents for file in one.files)
        remedy = (
            "Check the path, or describe the images in a table, with a column for the paths and "
            "one for the class."
        )
        raise DataError(
            f"{root}: must hold one folder per class with images "
            f"({', '.join(sorted(IMAGE_SUFFIXES))}). Got {found}. {' '.join(other) or remedy}"
        )


def _check_not_parts(root: Path, dataset: ImageDataset) -> None:
    """Stop where the folders are the parts train, test, ... and the classes lie inside them."""
    names = dataset.class_names
    if len(names) < 2 or not {name.lower() for name in names} <= SPLIT_NAMES:
        return
    below = [one.image_id.split("/")[1:-1] for one in dataset.records]
    inside = sorted({folders[0] for folders in below if folders})
    remedy = "Describe the images and their classes in a table."
    if inside:
        remedy = (
            f"The folders inside ({', '.join(inside[:_N_LISTED])}) may be the classes: write "
            f"{(root / names[0]).as_posix()} instead, or put the images of each class together, as "
            "folds are drawn anew."
        )
    raise DataError(
        f"{root}: must hold one folder per class. Got {', '.join(names)}, the parts of a divided "
        f"data set. {remedy}"
    )


def _twice(folders: Sequence[Path]) -> list[str]:
    names = Counter(composed(as_text(folder.name)) for folder in folders)
    return [
        f"{count} folders are called {name!r}, their accents stored in different ways; they are "
        "one class."
        for name, count in sorted(names.items())
        if count > 1
    ]


def _existing_folder(path: Path, what: str = "images") -> Path:
    if problem := name_problem(path):
        raise DataError(f"{as_text(path)}: the names of folders {problem}. Rename it.")
    stored = stored_path(Path(), str(path))
    if os.path.isdir(stored):
        return stored
    raise DataError(f"{path}: must be a folder with {what}. {_what_lies_at(path)} Check the path.")


def _what_lies_at(path: Path) -> str:
    if not exists(path):
        return f"There is none.{_near(path)}"
    if os.path.isfile(path):
        return "It is a file."
    return "It is a pipe or a device, or you have no right to look at it."


def _near(path: Path) -> str:
    """Say which part of a path is missing and what is called nearly like it, if anything is."""
    missing = next((one for one in (path, *path.parents) if exists(one.parent)), path)
    try:
        names = sorted(one.name for one in missing.parent.iterdir() if os.path.isdir(one))
    except OSError:
        return ""
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(missing.name.lower(), list(lower), n=1)
    return f" Did you mean {as_text(missing.parent / lower[near[0]])}?" if near else ""
