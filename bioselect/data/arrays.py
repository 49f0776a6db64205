"""NumPy files -> images: .npy of one or several, .npz as MedMNIST distributes its sets.

An array does not say which of its axes are rows, channels or images. What its shape leaves open
is an error that names the shapes that leave nothing open.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.data.limits import check_n_pixels, check_n_planes
from bioselect.data.npz_members import (
    mapped_array,
    mapped_member,
    member_form,
    member_names,
)
from bioselect.data.unreadable import checked_place, explained, unreadable
from bioselect.data.volumes import Volume

#: An axis of at most so many numbers is taken for channels where it stands last in three axes.
FEW = 4
#: More numbers than this in the last of four axes are no channels.
MOST_CHANNELS = 16
IMAGES, LABELS = "_images", "_labels"
_OFFICIAL_ORDER = ("train", "val", "test")
_N_LISTED = 8


def open_npy(path: Path) -> Volume:
    """Open an .npy file of images; it is mapped, not loaded.

    Parameters
    ----------
    path : Path
        The file. Its shape is read as

        - ``(height, width)``: one grey image,
        - ``(height, width, n_channels)``: one image, if the last axis has at most 4 numbers and
          the two others more,
        - ``(n_images, height, width)``: grey images, if all three axes have more, and the last
          axis does not stand out as one of slices or channels would: as the only one that differs,
          or as half of each of the others or less,
        - ``(n_images, height, width, n_channels)``: images, with at most 16 channels.

    Returns
    -------
    Volume
        One plane for each image. Truth values become 0 and 255.

    Raises
    ------
    UnreadableImageError
        If the shape could mean two things, the values are no real numbers, or the file holds
        Python objects or is cut short.
    """
    path = Path(path)
    with explained(path), path.open("rb") as file:
        values = mapped_array(path, file)
        _check_numbers(path, values.dtype)
        axes = _axes(path, values.shape)
    # No reshape, which would copy an array in Fortran's order.
    images = values if "I" in axes else values[np.newaxis]
    images = images if "C" in axes else images[..., np.newaxis]
    check_n_planes(path, len(images))
    check_n_pixels(path, images.shape[2], images.shape[1])

    def plane(place: int) -> np.ndarray:
        with explained(path):
            return _as_pixels(images[checked_place(path, place, len(images))])

    several = (f"{len(images)} images",) if len(images) > 1 else ()
    return Volume(len(images), plane, several, f"shape {values.shape}")


def _axes(path: Path, shape: Sequence[int]) -> str:
    """Return what the axes are: I images, Y rows, X columns, C channels."""
    if 0 in shape:
        raise unreadable(path, f"it has no pixels (shape {tuple(shape)}). Leave it out")
    if len(shape) == 2:
        return "YX"
    if len(shape) == 3:
        first, second, third = shape
        if third == 1 or third <= FEW < min(first, second):
            return "YXC"
        if first == 1 or (min(shape) > FEW and not _last_stands_out(first, second, third)):
            return "IYX"
    if len(shape) == 4:
        channels_first = shape[1] <= FEW < shape[3]
        if shape[3] <= MOST_CHANNELS and not channels_first:
            return "IYXC"
    raise unreadable(
        path,
        f"its shape {tuple(shape)} does not say what its axes are. Save one image as (height, "
        "width) or (1, height, width, channels), and several as (images, height, width, channels) "
        f"with at most {MOST_CHANNELS} channels",
    )


def _last_stands_out(first: int, second: int, third: int) -> bool:
    """Tell whether the last axis may be the slices or channels of one image as well."""
    many_channels = third <= MOST_CHANNELS < min(first, second)
    return many_channels or first == second != third or 2 * third <= min(first, second)


def _check_numbers(path: Path, dtype: np.dtype) -> None:
    if dtype.kind in "bui" or (dtype.kind == "f" and dtype.itemsize <= 8):
        return
    raise unreadable(path, f"its values must be integers, floats or truth values. Got {dtype}")


def _as_pixels(image: np.ndarray) -> np.ndarray:
    """Return a copy ``(height, width, n_channels)`` in memory, in native byte order."""
    if image.dtype == bool:
        image = image.astype(np.uint8) * np.uint8(255)
    return np.array(image, dtype=image.dtype.newbyteorder("="), order="C")


def npz_splits(path: Path) -> dict[str, int]:
    """Return the splits of an .npz file and how many images each has.

    Parameters
    ----------
    path : Path
        A file with arrays named like ``train_images``, ``val_images`` and ``test_images``, each
        ``(n_images, height, width)`` or ``(n_images, height, width, n_channels)``.

    Returns
    -------
    dict
        In the order train, val, test, then others by name.

    Raises
    ------
    UnreadableImageError
        If the file is damaged or not of this form.
    """
    path = Path(path)
    with explained(path):
        names = member_names(path)
        splits = [name.removesuffix(IMAGES) for name in names if name.endswith(IMAGES)]
        if not splits or any(not split or set(split) & set("/#") for split in splits):
            found = ", ".join(names[:_N_LISTED]) or "no array"
            raise unreadable(
                path,
                "an .npz of images must hold arrays named train_images and train_labels (likewise "
                f"val and test, as in MedMNIST). Got {found}. Rename the arrays",
            )
        ranks = {split: place for place, split in enumerate(_OFFICIAL_ORDER)}
        splits.sort(key=lambda split: (ranks.get(split, len(ranks)), split))
        return {split: _n_images(path, split) for split in splits}


def npz_image(path: Path, split: str, index: int) -> np.ndarray:
    """Return one image of a split, ``(height, width, n_channels)`` in the file's dtype.

    Raises
    ------
    UnreadableImageError
        If there is no such split or image, or the file is damaged.
    """
    path = Path(path)
    with explained(path):
        images = npz_images(path, split)
        image = images[checked_place(path, index, len(images))]
        return _as_pixels(image if image.ndim == 3 else image[:, :, np.newaxis])


def npz_images(path: Path, split: str) -> np.ndarray:
    """Return a map of the images of a split, ``(n_images, height, width[, n_channels])``."""
    images = mapped_member(path, split + IMAGES)
    _check_form(path, split, images.shape, images.dtype)
    return images


def _n_images(path: Path, split: str) -> int:
    shape, dtype = member_form(path, split + IMAGES)
    _check_form(path, split, shape, dtype)
    return shape[0]


def _check_form(path: Path, split: str, shape: Sequence[int], dtype: np.dtype) -> None:
    _check_numbers(path, dtype)
    is_grey = len(shape) == 3
    has_channels = len(shape) == 4 and shape[3] <= MOST_CHANNELS
    if not (is_grey or has_channels) or 0 in shape:
        raise unreadable(
            path,
            f"{split}{IMAGES} must be (images, height, width) or (images, height, width, channels) "
            f"with at most {MOST_CHANNELS} channels. Got shape {tuple(shape)}. Save volumes as "
            "planes",
        )
    check_n_planes(path, shape[0])
    check_n_pixels(path, shape[2], shape[1])
