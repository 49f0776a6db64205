"""What a plan has to know of a set of images with masks: sizes, channels, classes, their grain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import Pairs

#: So many masks, evenly spaced among all, are looked at; and so many rows and columns of each.
N_MASKS, N_LINES = 64, 64


@dataclass(frozen=True)
class MaskFingerprint:
    """What follows from images and masks, before anything is trained.

    `middle_size` is the median (height, width), `largest_size` the largest of each. `object_extent`
    is the median length in pixels of runs of a class other than the background along rows and
    columns: about how large a thing is; 0 where there is none.
    """

    n_images: int
    n_channels: int
    n_classes: int
    middle_size: tuple[int, int]
    largest_size: tuple[int, int]
    object_extent: float


def take_fingerprint(
    pairs: Pairs,
    n_classes: int,
    background: int | None,
    places: Sequence[int] | np.ndarray | None = None,
) -> MaskFingerprint:
    """Look at the sizes of images and at some lines of some masks: of all, or of some places.

    Examples
    --------
    Runs of 3 and of 2 along the rows, and of 1 along the columns:

    >>> from bioselect.data.pairs import ArrayPairs
    >>> mask = np.array([[0, 1, 1, 1], [0, 0, 0, 0], [1, 1, 0, 0]], dtype=np.uint8)
    >>> pairs = ArrayPairs([np.zeros((3, 4, 1))], [mask])
    >>> take_fingerprint(pairs, 2, 0).object_extent
    1.0
    """
    known = np.arange(len(pairs)) if places is None else np.asarray(places, dtype=np.int64)
    sizes = np.array([pairs.size(place) for place in known.tolist()])
    chosen = np.unique(np.linspace(0, len(known) - 1, min(len(known), N_MASKS)).round().astype(int))
    runs: list[int] = []
    for place in known[chosen].tolist():
        runs += _runs_in(pairs, place, background)
    height, width = np.median(sizes, axis=0).astype(int).tolist()
    tallest, widest = sizes.max(axis=0).tolist()
    return MaskFingerprint(
        len(known),
        pairs.n_channels,
        n_classes,
        (height, width),
        (tallest, widest),
        float(np.median(runs)) if runs else 0.0,
    )


def _runs_in(pairs: Pairs, place: int, background: int | None) -> list[int]:
    height, width = pairs.size(place)
    lines = [pairs.mask(place, slice(row, row + 1))[0] for row in _spread(height)]
    every = slice(None)
    lines += [pairs.mask(place, every, slice(one, one + 1))[:, 0] for one in _spread(width)]
    return [length for line in lines for length in run_lengths(line, background)]


def _spread(length: int) -> list[int]:
    places = np.linspace(0, length - 1, min(length, N_LINES)).round().astype(int)
    return [int(place) for place in np.unique(places)]


def run_lengths(line: Sequence[int] | np.ndarray, background: int | None) -> list[int]:
    """Return the lengths of the runs of equal classes in a line, without those of the background.

    Examples
    --------
    >>> run_lengths([0, 2, 2, 1, 0, 0, 1], 0)
    [2, 1, 1]
    """
    values = np.asarray(line)
    borders = np.concatenate([[0], np.flatnonzero(np.diff(values)) + 1, [len(values)]])
    lengths = np.diff(borders)
    counts = values[borders[:-1]] < 255
    if background is not None:
        counts &= values[borders[:-1]] != background
    return [int(length) for length in lengths[counts]]
