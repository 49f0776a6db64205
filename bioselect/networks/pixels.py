"""Where the pixels of a network come from: anything that gives some images when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Pixels(Protocol):
    """The images of a study at the size that one network takes.

    `batch` is called by several threads at once.
    """

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of every image."""

    def __len__(self) -> int:
        """Return how many images there are."""

    def batch(self, places: np.ndarray) -> np.ndarray:
        """Return float32 ``(len(places), height, width, n_channels)`` in [0, 1]."""


@dataclass(frozen=True, eq=False)
class ArrayPixels:
    """Images in one array, in memory or on the disk (`np.memmap`); they are only read.

    Parameters
    ----------
    images : np.ndarray
        ``(n_images, height, width, n_channels)`` of float in [0, 1].

    Examples
    --------
    >>> pixels = ArrayPixels(np.zeros((5, 28, 28, 1), dtype=np.float16))
    >>> len(pixels), pixels.shape, pixels.batch(np.array([4, 0])).dtype
    (5, (28, 28, 1), dtype('float32'))
    """

    images: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of every image."""
        height, width, n_channels = self.images.shape[1:]
        return int(height), int(width), int(n_channels)

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.images)

    def batch(self, places: np.ndarray) -> np.ndarray:
        """Return a float32 copy of some images, in the order of `places`."""
        return np.asarray(self.images[places], dtype=np.float32)
