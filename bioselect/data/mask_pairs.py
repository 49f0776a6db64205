"""Images and their masks: by the names of the files in two folders, or by the rows of a table."""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.layouts import IMAGE_SUFFIXES, GroupRule, list_images
from bioselect.data.mask_names import paired_by_words
from bioselect.data.names import as_text, composed, exists, is_text, stored_path
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.remote_files import bring_files
from bioselect.data.tables import from_table, unused_columns
from bioselect.exceptions import DataError
from bioselect.visible import visible_line

_N_LISTED = 5


@dataclass(frozen=True)
class MaskedImages:
    """Images with the file of the mask of each.

    Parameters
    ----------
    dataset : ImageDataset
        The images that have a mask, sorted by image id; their targets are None.
    masks : tuple of Path
        The mask of each.
    without_mask : tuple of str
        Ids of images without a mask.
    without_image : tuple of str
        Masks without an image, named as images are.
    notes : tuple of str
        What was left aside, in words.
    """

    dataset: ImageDataset
    masks: tuple[Path, ...]
    without_mask: tuple[str, ...] = ()
    without_image: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def pairs_of_folders(path: Path, masks: Path, group: GroupRule | None = None) -> MaskedImages:
    """Pair the images of a folder with the masks of another: same sub-folder, same name.

    The endings may differ. Where no mask has the name of an image, a word that says that it is a
    mask does not count (see :mod:`bioselect.data.mask_names`), which the notes tell. Where one
    folder lies in the other, its files are its own.

    Raises
    ------
    DataError
        If a folder is missing, if two files claim to be one image or one mask, or if nothing pairs.
    """
    path, masks = Path(path), Path(masks)
    if os.path.realpath(path) == os.path.realpath(masks):
        raise DataError(
            f"dataset.masks: images and masks must lie in two folders. Got {path} for both. Put "
            "the masks into a folder of their own."
        )
    images, notes = list_images(path)
    found, more = list_images(masks, "masks")
    if _lies_in(masks, path):
        images = [one for one in images if not _lies_in(one, masks)]
    if _lies_in(path, masks):
        found = [one for one in found if not _lies_in(one, path)]
    image_of, mask_of = _by_name(images, path, "image"), _by_name(found, masks, "mask")
    both = sorted(set(image_of) & set(mask_of))
    if not both:
        by_words = paired_by_words(image_of, mask_of)
        if by_words is None:
            raise DataError(_nothing_pairs(path, masks, image_of, mask_of))
        image_of, mask_of, note = by_words
        both = sorted(set(image_of) & set(mask_of))
        more = [*more, note]
    paired = set(both)
    records = [_record(path, image_of[name], group) for name in both]
    order = sorted(range(len(both)), key=lambda place: records[place].image_id)
    dataset = ImageDataset(
        as_text(path.resolve().name), path, tuple(records[place] for place in order)
    )
    return MaskedImages(
        dataset,
        tuple(mask_of[both[place]] for place in order),
        _left_over(image_of, paired, path),
        _left_over(mask_of, paired, masks),
        (*notes, *more),
    )


def _left_over(files: dict[str, Path], paired: set[str], root: Path) -> tuple[str, ...]:
    return tuple(
        as_text(one.relative_to(root)) for name, one in files.items() if name not in paired
    )


def pairs_of_table(
    table: Path, image: str, mask: str, group: GroupRule | None = None, root: Path | None = None
) -> MaskedImages:
    """Read images and masks from a table with one row per image.

    Parameters
    ----------
    table, image, group, root
        As for :func:`bioselect.data.tables.from_table`.
    mask : str
        The column with the paths of the masks, which start from the same folder.

    Raises
    ------
    DataError
        As there; or if a mask is not named, missing, or named in two rows.
    """
    table, mask = Path(table), composed(mask)
    if composed(image) == mask:
        raise DataError(
            f"{table}: image and mask must be different columns. Got {image!r} for both. Write the "
            "column with the paths of the masks as mask."
        )
    dataset, notes = from_table(table, image, None, group, root)
    columns = unused_columns(table, image, root, dataset, [composed(image)])
    assert columns is not None  # Each image is a row of this very table.
    if mask not in columns:
        lower = {name.lower(): name for name in columns}
        near = difflib.get_close_matches(mask.lower(), list(lower), n=1, cutoff=0.5)
        hint = f"Did you mean {lower[near[0]]!r}? " if near else ""
        raise DataError(
            f"{table}: has no column {mask!r}. {hint}Its columns: {', '.join([image, *columns])}."
        )
    start = table.parent if root is None else Path(root)
    cells = columns[mask]
    paths = tuple(stored_path(start, cell.replace("\\", "/")) for cell in cells)
    bring_files(paths)
    _check_masks_of_table(table, mask, dataset, cells, paths, start)
    return MaskedImages(dataset, paths, notes=tuple(notes))


def name_without_ending(path: Path) -> str:
    """Return the name by which an image and its mask are known to belong together.

    Examples
    --------
    >>> [name_without_ending(Path(one)) for one in ("a.png", "a.ome.tif", "a.nii.gz", "a.b.PNG")]
    ['a', 'a', 'a', 'a.b']
    """
    name = composed(as_text(path.name))
    endings = sorted(IMAGE_SUFFIXES, key=len, reverse=True)
    ending = next((one for one in endings if name.lower().endswith(one)), "")
    return name[: len(name) - len(ending)].removesuffix(".ome")


def _by_name(files: Sequence[Path], root: Path, what: str) -> dict[str, Path]:
    """Return each file by its sub-folder and its name without the ending."""
    found: dict[str, Path] = {}
    for file in files:
        inside = file.relative_to(root)
        above = composed(as_text(inside.parent))
        name = name_without_ending(inside)
        key = name if above == "." else f"{above}/{name}"
        if key in found:
            raise DataError(
                f"{root}: each {what} must have a name of its own, apart from its ending. Got "
                f"{as_text(found[key].relative_to(root))} and {as_text(inside)}. Remove or rename "
                "one."
            )
        found[key] = file
    return found


def _record(root: Path, image: Path, group: GroupRule | None) -> ImageRecord:
    image_id = as_text(image.relative_to(root))
    name = group.group_of(composed(image_id)) if group and is_text(image) else None
    return ImageRecord(image_id, image, None, name)


def _nothing_pairs(
    path: Path, masks: Path, image_of: dict[str, Path], mask_of: dict[str, Path]
) -> str:
    """Say that no mask has the name of an image, and what may be behind it."""
    for folder, found, what in ((path, image_of, "an image"), (masks, mask_of, "a mask")):
        if not found:
            return (
                f"{folder}: must be a folder with {what} for each pair. Got no file of a kind that "
                "is read. Check the path."
            )
    image, mask = min(image_of.values()), min(mask_of.values())
    elsewhere = defaultdict(list)
    for name in mask_of:
        elsewhere[name.rsplit("/", 1)[-1]].append(name)
    shared = next((name for name in image_of if name.rsplit("/", 1)[-1] in elsewhere), None)
    remedy = "Rename the masks as their images, or describe the pairs in a table (image and mask)."
    if shared is not None:
        other = elsewhere[shared.rsplit("/", 1)[-1]][0]
        remedy = (
            f"{shared} and {other} have one name in different sub-folders: choose path and masks "
            "so that the sub-folders are the same."
        )
    return (
        f"dataset.masks: a mask must have the name of its image. Got none that has: "
        f"{len(image_of)} images (such as {as_text(image.relative_to(path))}) and {len(mask_of)} "
        f"masks (such as {as_text(mask.relative_to(masks))}). {remedy}"
    )


def _check_masks_of_table(
    table: Path,
    column: str,
    dataset: ImageDataset,
    cells: Sequence[str],
    paths: Sequence[Path],
    start: Path,
) -> None:
    rows = list(zip(dataset.records, cells, paths, strict=True))
    empty = [record.image_id for record, cell, _ in rows if not cell]
    if empty:
        raise DataError(
            f"{table}: column {column!r} must hold the path of a mask in every row. Got "
            f"{len(empty)} empty cells ({_listed(empty)}). Fill them in or remove the rows."
        )
    gone = [cell for _, cell, path in rows if not exists(path)]
    if gone:
        raise DataError(
            f"{table}: {len(gone)} of {len(rows)} masks are missing: {_listed(gone)}. The paths "
            f"start from {start}; choose another folder with dataset.root, or correct the table."
        )
    first: dict[str, str] = {}
    for record, cell, path in rows:
        other = first.setdefault(os.path.realpath(path), record.image_id)
        if other != record.image_id:
            raise DataError(
                f"{table}: each image must have a mask of its own. Got {visible_line(cell)} "
                f"for {other} and for {record.image_id}. Correct one of the two rows."
            )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _N_LISTED} more" if len(names) > _N_LISTED else ""
    return ", ".join(map(visible_line, names[:_N_LISTED])) + more


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
