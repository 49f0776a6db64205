"""The step that hides parts of an image, so that no single detail decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.levels import channel_means
from bioselect.augmentation.step import Shape, Step, drawn_from

MEAN, BLACK = "mean", "black"
#: First and last row, first and last column (the last ones are outside).
Hole = tuple[int, int, int, int]


class Cutout(Step):
    """Rectangles at random places get one value; the mask stays as it is.

    Parameters
    ----------
    size : two numbers
        Sides of a rectangle as parts of the image's sides. Its middle may be anywhere, so that it
        may lie partly outside.
    holes : int
        How many rectangles.
    fill : {"mean", "black"}
        The mean of each channel, or 0.
    probability : float
        How often an image gets the step.
    """

    def __init__(
        self,
        size: Sequence[float] = (0.1, 0.3),
        holes: int = 1,
        fill: str = MEAN,
        probability: float = 0.5,
    ) -> None:
        self.size = size
        self.holes = holes
        self.fill = fill
        self.probability = probability

    def draw(self, shape: Shape, rng: np.random.Generator) -> list[Hole]:
        """Return where the rectangles are."""
        height, width, _ = shape
        return [self._hole(height, width, rng) for _ in range(self.holes)]

    def _hole(self, height: int, width: int, rng: np.random.Generator) -> Hole:
        part = drawn_from(self.size, rng)
        return (*_span(height, part, rng), *_span(width, part, rng))

    def image(self, image: np.ndarray, drawn: list[Hole]) -> np.ndarray:
        """Return the image with its holes."""
        changed: np.ndarray = image.copy()
        value = channel_means(image) if self.fill == MEAN else np.float32(0.0)
        for top, bottom, left, right in drawn:
            changed[top:bottom, left:right] = value
        return changed


def _span(length: int, part: float, rng: np.random.Generator) -> tuple[int, int]:
    """Return the first and last place of a span around any place of a side."""
    middle = rng.random() * length
    half = part * length / 2
    return max(0, round(middle - half)), min(length, round(middle + half))
