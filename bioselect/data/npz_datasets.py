"""The list of images and labels in an .npz file, in the form of MedMNIST -> a data set."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bioselect.data.arrays import IMAGES, LABELS, npz_splits
from bioselect.data.names import composed, trimmed
from bioselect.data.npz_members import check_members, loaded_member, member_names
from bioselect.data.records import FilePart, ImageDataset, ImageRecord
from bioselect.data.unreadable import explained, unreadable
from bioselect.exceptions import DataError

_N_DIGITS = 6
#: Halves of characters, which are no text by themselves.
_FIRST_HALF, _LAST_HALF = 0xD800, 0xDFFF


def npz_targets(path: Path, split: str) -> np.ndarray:
    """Return the labels of a split.

    Returns
    -------
    np.ndarray
        ``(n_images,)`` of int64 or text: one class an image. ``(n_images, n_labels)`` of int8, 0
        and 1: any number of labels an image, as in ChestMNIST.

    Raises
    ------
    UnreadableImageError
        If there are none, not one for each image, or they could mean two things.
    """
    path = Path(path)
    name = split + LABELS
    with explained(path):
        if name not in member_names(path):
            raise unreadable(
                path, f"it has {split}{IMAGES} but no {name}. Add the labels under this name"
            )
        labels = loaded_member(path, name)
        n_images = npz_splits(path)[split]
    if labels.ndim not in (1, 2) or len(labels) != n_images or labels.size == 0:
        raise unreadable(
            path,
            f"{name} must have one row for each of the {n_images} images. Got shape "
            f"{labels.shape}. Correct it",
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        return _several_labels(path, name, labels)
    labels = labels.reshape(n_images)
    if labels.dtype.kind == "U":
        _check_text(path, name, labels)
        # As in a table: blanks at the ends, and two ways to write an accent, are no other class.
        named = [composed(trimmed(str(label))) for label in labels]
        if "" in named:
            raise unreadable(
                path,
                f"{name} must name a class for every image. Got an empty text for image "
                f"{named.index('')}, counted from 0. Fill it in, or leave the image out",
            )
        return np.array(named)
    if labels.dtype.kind not in "bui":
        raise unreadable(
            path, f"{name} must hold the classes as whole numbers or text. Got {labels.dtype}"
        )
    return labels.astype(np.int64)


def _check_text(path: Path, name: str, labels: np.ndarray) -> None:
    """Refuse numbers that stand for no character: Python itself fails on them."""
    numbers = np.ascontiguousarray(labels, labels.dtype.newbyteorder("=")).view(np.uint32)
    halves = (numbers >= _FIRST_HALF) & (numbers <= _LAST_HALF)
    if (numbers > sys.maxunicode).any() or halves.any():
        raise unreadable(path, f"the text in {name} is damaged. Copy it again from its source")


def _several_labels(path: Path, name: str, labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind not in "buif" or not np.isin(labels, (0, 1)).all():
        raise unreadable(
            path,
            f"{name} must be one column of class numbers, or several columns of 0 and 1. Got shape "
            f"{labels.shape} with other values. Correct it",
        )
    if (labels.sum(axis=1) == 1).all():
        raise unreadable(
            path,
            f"{name} has {labels.shape[1]} columns with exactly one 1 in every row, so it may mean "
            "one class an image or several labels. Save one column of class numbers "
            "(labels.argmax(axis=1))",
        )
    return labels.astype(np.int8)


def from_npz(path: Path, splits: Sequence[str] | None = None) -> tuple[ImageDataset, list[str]]:
    """Read the list of images of an .npz file; the pixels stay where they are.

    Parameters
    ----------
    path : Path
        A file as :func:`npz_splits` takes it, with labels.
    splits : sequence of str or None
        Which splits are used, together. None where the file has only one.

    Returns
    -------
    dataset : ImageDataset
        Image 12 of the split `train` is ``train/000012``. The classes are the numbers in the file
        as text (it holds no names), in the order of the numbers; several labels an image are
        called ``label_0``, ``label_1``, ... and its target is the tuple of those that are 1.
    notes : list of str
        What was left aside, in words.

    Raises
    ------
    DataError
        If the splits are not chosen or unknown, or the file is damaged or not of this form.
    """
    path = Path(path)
    sizes = npz_splits(path)
    chosen = _chosen_splits(path, sizes, splits)
    targets = {split: npz_targets(path, split) for split in chosen}
    with explained(path):
        check_members(path, [split + IMAGES for split in chosen])
    class_names = _class_names(path, targets)
    records = [record for split in chosen for record in _records(path, split, targets[split])]
    dataset = ImageDataset(
        name=path.name,
        root=path.parent,
        records=tuple(sorted(records, key=lambda record: record.image_id)),
        class_names=class_names,
    )
    unused = [f"{split} ({n})" for split, n in sizes.items() if split not in chosen]
    return dataset, [f"splits that were left aside: {', '.join(unused)}."] if unused else []


def _chosen_splits(path: Path, sizes: Mapping[str, int], splits: Sequence[str] | None) -> list[str]:
    listed = ", ".join(f"{split} ({n} images)" for split, n in sizes.items())
    if splits is None:
        if len(sizes) == 1:
            return list(sizes)
        raise DataError(
            f"{path}: holds several splits: {listed}. Say which are used with dataset.splits "
            f"(on the command line --splits), for example [{next(iter(sizes))}]."
        )
    unknown = [split for split in splits if split not in sizes]
    if unknown or not splits:
        found = f"Got {', '.join(map(repr, unknown))}" if unknown else "Got none"
        raise DataError(
            f"{path}: dataset.splits must be among {listed}. {found}. Correct dataset.splits (on "
            "the command line --splits)."
        )
    return [split for split in sizes if split in splits]


def _class_names(path: Path, targets: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Return the classes or labels of all splits together."""
    (first, some), *others = targets.items()
    for split, labels in others:
        if (labels.dtype.kind, labels.shape[1:]) != (some.dtype.kind, some.shape[1:]):
            raise unreadable(
                path,
                f"the labels of all splits must be of one form. Got {some.dtype} of shape "
                f"{some.shape} in {first} and {labels.dtype} of shape {labels.shape} in {split}. "
                "Correct them, or use one split alone",
            )
    if some.ndim == 2:
        return tuple(_label(place) for place in range(some.shape[1]))
    return tuple(str(label) for label in np.unique(np.concatenate(list(targets.values()))))


def _label(place: int) -> str:
    return f"label_{place}"


def _records(path: Path, split: str, labels: np.ndarray) -> list[ImageRecord]:
    n_digits = max(_N_DIGITS, len(str(len(labels) - 1)))
    records = []
    for place, label in enumerate(labels):
        target: str | tuple[str, ...] = str(label)
        if labels.ndim == 2:
            target = tuple(sorted(_label(int(column)) for column in np.flatnonzero(label)))
        records.append(
            ImageRecord(
                image_id=f"{split}/{place:0{n_digits}d}",
                path=path,
                target=target,
                part=f"{split}/{place}",
            )
        )
    return records


def is_npz(path: Path) -> bool:
    """Tell whether a path has the name of an .npz file and is no folder.

    Examples
    --------
    >>> is_npz(Path("breastmnist.NPZ")), is_npz(Path("a.npy"))
    (True, False)
    """
    return path.suffix.lower() == ".npz" and not os.path.isdir(path)


def npz_sources(path: Path) -> list[FilePart]:
    """Return every image of every split, in the order of :func:`npz_splits`; no label is needed.

    Raises
    ------
    DataError
        If the file is damaged or not of the form that :func:`npz_splits` takes.
    """
    splits = npz_splits(path)
    with explained(path):
        check_members(path, [split + IMAGES for split in splits])
    return [
        FilePart(path, f"{split}/{place}")
        for split, n_images in splits.items()
        for place in range(n_images)
    ]
