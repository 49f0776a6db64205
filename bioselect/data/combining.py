"""Several planes -> one image, as `dataset.stack` says; one plane in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bioselect.data.limits import check_n_bytes
from bioselect.data.stacks import ALL, CHANNELS, CHOICES, MIDDLE, Stack
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnreadableImageError

#: How a remedy begins that only a configuration can hold.
_REMEDY = " Write dataset.stack: "


def combined(volume: Volume, stack: Stack | None, where: str) -> np.ndarray:
    """Return the one image of an opened file.

    Parameters
    ----------
    volume : Volume
        The opened file.
    stack : Stack or None
        What to do with several planes; None is an error when there are several.
    where : str
        Names the file in errors.

    Returns
    -------
    np.ndarray
        ``(height, width, n_channels)`` in the file's own dtype. ``mean`` gives float32 for every
        file, also for one with a single plane, so that a data set has one pixel type.

    Raises
    ------
    UnreadableImageError
        If there are several planes and it is not said, or cannot be, how they become one image.

    Examples
    --------
    >>> planes = np.array([1, 5, 3], dtype=np.uint8).reshape(3, 1, 1, 1)
    >>> volume = Volume(3, lambda place: planes[place])
    >>> [combined(volume, Stack(mode), "a.tif").item() for mode in ("max", "mean", "middle")]
    [5, 3.0, 5]
    """
    if volume.n_planes == 1:
        image = volume.plane(0)
        return image.astype(np.float32) if stack is not None and stack.mode == "mean" else image
    if stack is None:
        raise _unasked(volume, where)
    if stack.lists_planes:
        raise UnreadableImageError(
            f"{where}: holds {volume.in_words()}, which `stack: {stack.in_words()}` makes images "
            f"of their own. Name one of them: {where}#0."
        )
    if len(volume.contents) > 1:
        raise UnreadableImageError(
            f"{where}: `stack: {stack.in_words()}` takes planes of one kind. Got "
            f"{volume.in_words()}. Write dataset.stack: {ALL} or {{every: N}}, or save it with one "
            "of the two."
        )
    if volume.gap:
        raise UnreadableImageError(
            f"{where}: {volume.gap}, so `stack: {stack.in_words()}` may not be of the whole. "
            f"Copy the series again, or write dataset.stack: {ALL} or {{every: N}}."
        )
    if stack.mode == MIDDLE:
        return volume.plane(volume.n_planes // 2)
    if stack.mode == CHANNELS:
        return _as_channels(volume, where)
    return _maximum(volume, where) if stack.mode == "max" else _mean(volume, where)


def without_configuration(error: str, stack: Stack | None) -> str:
    """Return an error of this file for somebody who has a model and no configuration to write.

    Examples
    --------
    >>> without_configuration("a.tif: holds 3 planes. Write dataset.stack: max.", None)
    'a.tif: holds 3 planes. The model takes files with one plane, as those it was trained with: \
save the one that is meant as a file of its own.'
    """
    before, found, _ = error.partition(_REMEDY)
    if not found:
        return error
    if stack is None:
        return (
            f"{before} The model takes files with one plane, as those it was trained with: save "
            "the one that is meant as a file of its own."
        )
    return (
        f"{before} The model was trained with `stack: {stack.in_words()}`: save the file like "
        "those it was trained with."
    )


def _unasked(volume: Volume, where: str) -> UnreadableImageError:
    as_channels = ""
    if volume.plane(0).shape[2] == 1 and len(volume.contents) <= 1:
        as_channels = f"; if they are the channels of one image, write dataset.stack: {CHANNELS}"
    return UnreadableImageError(
        f"{where}: a file must hold one image. Got {volume.in_words()}. Write dataset.stack: "
        f"{CHOICES}{as_channels}."
    )


def _planes(volume: Volume, where: str) -> Iterator[np.ndarray]:
    """Yield the planes one by one; all must be of one size and type."""
    first = None
    for place in range(volume.n_planes):
        plane = volume.plane(place)
        first = first or (plane.shape, plane.dtype)
        if (plane.shape, plane.dtype) != first:
            raise UnreadableImageError(
                f"{where}: its planes must be of one size and type. Got {first[0]} {first[1]} and, "
                f"in plane {place}, {plane.shape} {plane.dtype}. Save each as a file of its own."
            )
        yield plane


def _as_channels(volume: Volume, where: str) -> np.ndarray:
    planes: list[np.ndarray] = []
    for plane in _planes(volume, where):
        if not planes:
            check_n_bytes(Path(where), plane.nbytes * volume.n_planes)
        if plane.shape[2] != 1:
            raise UnreadableImageError(
                f"{where}: `stack: {CHANNELS}` takes planes with one channel each. Got "
                f"{volume.in_words()} with {plane.shape[2]} channels. Write dataset.stack: "
                f"{CHOICES}."
            )
        planes.append(plane)
    return np.concatenate(planes, axis=2)


def _maximum(volume: Volume, where: str) -> np.ndarray:
    highest: np.ndarray | None = None
    for plane in _planes(volume, where):
        highest = plane.copy() if highest is None else np.maximum(highest, plane, out=highest)
    assert highest is not None  # a volume has at least one plane
    return highest


def _mean(volume: Volume, where: str) -> np.ndarray:
    total: np.ndarray | None = None
    for plane in _planes(volume, where):
        # float64 holds sums of 16-bit values exactly, of any number of planes.
        if total is None:
            total = plane.astype(np.float64)
        else:
            total += plane
    assert total is not None  # a volume has at least one plane
    return (total / volume.n_planes).astype(np.float32)
