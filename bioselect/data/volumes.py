"""A file that may hold several images: how many planes, and how to get one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Volume:
    """An opened file: its planes are read one at a time, when they are asked for.

    Parameters
    ----------
    n_planes : int
        How many planes (slices, points in time, images) there are; 1 for a single image.
    plane : callable
        Takes the number of a plane, counted from 0, and returns it as ``(height, width,
        n_channels)`` in the file's own dtype, native byte order and C-contiguous. It reads
        nothing but that plane.
    contents : tuple of str
        What the planes are, in words, for each axis along which there are several:
        ``("3 points in time", "5 slices")``. Empty where a file has only one kind of planes.
    details : str
        What else a person may want to know of it: ``axes ZYX, shape (5, 6, 8)``.
    gap : str
        Where planes are missing, in words, if the file shows that some are: one image cannot then
        be made from all.

    Examples
    --------
    >>> stack = np.arange(12).reshape(3, 2, 2, 1)
    >>> Volume(3, lambda place: stack[place]).plane(2)[:, :, 0].tolist()
    [[8, 9], [10, 11]]
    """

    n_planes: int
    plane: Callable[[int], np.ndarray]
    contents: tuple[str, ...] = ()
    details: str = ""
    gap: str = ""

    def in_words(self) -> str:
        """Return how many planes there are, of what kind."""
        words = " x ".join(self.contents) or f"{self.n_planes} planes"
        return f"{words} ({self.details})" if self.details else words
