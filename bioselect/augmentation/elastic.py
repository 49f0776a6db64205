"""The step that bends an image, as tissue on a slide or a soft cell is bent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import remap_image, remap_mask, single_threaded_opencv


class Elastic(Step):
    """The nodes of a coarse grid are moved at random, what lies between them smoothly with them.

    Parameters
    ----------
    displacement : two numbers
        How far a node is moved at most, along each side, as a part of the distance between nodes;
        drawn for each image.
    nodes : int
        Nodes along the shorter side.
    probability : float
        How often an image gets the step.
    """

    def __init__(
        self,
        displacement: Sequence[float] = (0.1, 0.25),
        nodes: int = 6,
        probability: float = 0.5,
    ) -> None:
        self.displacement = displacement
        self.nodes = nodes
        self.probability = probability

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return float32 ``(rows, columns, 2)``: how far each node is moved, in pixels (x, y)."""
        height, width, _ = shape
        distance = min(height, width) / self.nodes
        size = (max(2, round(height / distance)), max(2, round(width / distance)), 2)
        farthest = drawn_from(self.displacement, rng) * distance
        return (farthest * rng.uniform(-1.0, 1.0, size)).astype(np.float32)

    def image(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the bent image."""
        return remap_image(image, *_maps(image.shape[:2], drawn))

    def mask(self, mask: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the mask bent in the same way."""
        return remap_mask(mask, *_maps(mask.shape[:2], drawn))


def _maps(size: tuple[int, ...], drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return from which column and row each pixel comes."""
    cv2 = single_threaded_opencv()
    height, width = size
    moved = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC)
    columns = moved[:, :, 0] + np.arange(width, dtype=np.float32)
    rows = moved[:, :, 1] + np.arange(height, dtype=np.float32)[:, np.newaxis]
    return columns, rows
