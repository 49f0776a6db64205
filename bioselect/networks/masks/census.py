"""How many pixels of each class are in each row of the training masks.

From these counts any pixel of a class can be drawn, each as likely as the others, by reading a
single row of its mask: large masks are read once, and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import Pairs

#: Rows of a mask that are read at once.
N_ROWS = 512


@dataclass(frozen=True, eq=False)
class Census:
    """Counts of the classes of some images.

    `rows` gives for the place of an image int64 ``(height, n_classes)``.
    """

    pairs: Pairs
    rows: dict[int, np.ndarray]

    def n_pixels(self) -> np.ndarray:
        """Return how many pixels of each class there are in all images, int64."""
        total: np.ndarray = np.sum([one.sum(axis=0) for one in self.rows.values()], axis=0)
        return total

    def classes_in(self, place: int, among: tuple[int, ...]) -> list[int]:
        """Return which of some classes an image has."""
        totals = self.rows[place].sum(axis=0)
        return [one for one in among if totals[one] > 0]

    def draw_pixel(self, place: int, class_place: int, rng: np.random.Generator) -> tuple[int, int]:
        """Return (row, column) of a pixel of a class, each as likely as the others.

        Examples
        --------
        >>> from bioselect.data.pairs import ArrayPairs
        >>> mask = np.array([[0, 0, 0], [0, 0, 1]], dtype=np.uint8)
        >>> pairs = ArrayPairs([np.zeros((2, 3, 1))], [mask])
        >>> take_census(pairs, [0], 2).draw_pixel(0, 1, np.random.default_rng(0))
        (1, 2)
        """
        cumulated = np.cumsum(self.rows[place][:, class_place])
        number = int(rng.integers(cumulated[-1]))
        row = int(np.searchsorted(cumulated, number, side="right"))
        before = int(cumulated[row - 1]) if row else 0
        line = self.pairs.mask(place, slice(row, row + 1))[0]
        return row, int(np.flatnonzero(line == class_place)[number - before])


def take_census(pairs: Pairs, places: list[int], n_classes: int) -> Census:
    """Count the classes in the masks of some images."""
    return Census(pairs, {place: _count(pairs, place, n_classes) for place in places})


def _count(pairs: Pairs, place: int, n_classes: int) -> np.ndarray:
    height, _ = pairs.size(place)
    counts = np.empty((height, n_classes), dtype=np.int64)
    for start in range(0, height, N_ROWS):
        part = pairs.mask(place, slice(start, min(start + N_ROWS, height)))
        for number in range(n_classes):
            counts[start : start + len(part), number] = (part == number).sum(axis=1)
    return counts
