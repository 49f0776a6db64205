"""Images with their masks, each of its own size, read as they are needed: whole or in windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: In place of a class: a pixel that counts neither in training nor in any score.
IGNORED = 255
#: Most classes of a mask; their places are uint8, and one value is for ignored pixels.
MOST_CLASSES = 254
#: All rows, or all columns.
WHOLE = slice(None)


class Pairs(Protocol):
    """The images of a segmentation study with their masks.

    `image` and `mask` are called by several threads at once.
    """

    @property
    def n_channels(self) -> int:
        """How many channels every image has."""

    def __len__(self) -> int:
        """Return how many images there are."""

    def size(self, place: int) -> tuple[int, int]:
        """Return (height, width) of an image and its mask."""

    def image(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return float32 ``(height, width, n_channels)`` in [0, 1], or a window of it."""

    def mask(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return uint8 ``(height, width)`` of class places, `IGNORED` where none counts."""


@dataclass(frozen=True, eq=False)
class ArrayPairs:
    """Images and masks in memory.

    Parameters
    ----------
    images : sequence of np.ndarray
        Float ``(height, width, n_channels)`` in [0, 1]; sizes may differ, channels not.
    masks : sequence of np.ndarray
        uint8 ``(height, width)`` of class places.

    Examples
    --------
    >>> image, mask = np.zeros((4, 6, 1), np.float32), np.zeros((4, 6), np.uint8)
    >>> pairs = ArrayPairs([image], [mask])
    >>> len(pairs), pairs.size(0), pairs.image(0, slice(0, 2)).shape
    (1, (4, 6), (2, 6, 1))
    """

    images: Sequence[np.ndarray]
    masks: Sequence[np.ndarray]

    @property
    def n_channels(self) -> int:
        """How many channels every image has."""
        return int(self.images[0].shape[2])

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.images)

    def size(self, place: int) -> tuple[int, int]:
        """Return (height, width) of an image and its mask."""
        height, width = self.masks[place].shape
        return int(height), int(width)

    def image(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return float32 ``(height, width, n_channels)``, or a window of it."""
        return np.asarray(self.images[place][rows, columns], dtype=np.float32)

    def mask(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return uint8 ``(height, width)``, or a window of it."""
        return np.asarray(self.masks[place][rows, columns], dtype=np.uint8)


class Scene(Protocol):
    """One image of any size that is looked at window by window."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels)."""

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Return float32 ``(n_rows, n_columns, n_channels)`` in [0, 1]."""


@dataclass(frozen=True, eq=False)
class ArrayScene:
    """An image in memory, float ``(height, width, n_channels)`` in [0, 1].

    Examples
    --------
    >>> ArrayScene(np.ones((4, 6, 1))).window(slice(0, 2), slice(1, 3)).shape
    (2, 2, 1)
    """

    image_array: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels)."""
        height, width, n_channels = self.image_array.shape
        return int(height), int(width), int(n_channels)

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Return a float32 part of the image."""
        return np.asarray(self.image_array[rows, columns], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class PairScene:
    """One image of a study, looked at window by window.

    Examples
    --------
    >>> pairs = ArrayPairs([np.ones((4, 6, 1))], [np.zeros((4, 6), np.uint8)])
    >>> PairScene(pairs, 0).shape, PairScene(pairs, 0).window(slice(0, 2), WHOLE).shape
    ((4, 6, 1), (2, 6, 1))
    """

    pairs: Pairs
    place: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels)."""
        return (*self.pairs.size(self.place), self.pairs.n_channels)

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Return a float32 part of the image."""
        return self.pairs.image(self.place, rows, columns)
