"""What a step is: it decides with random numbers, then acts without them.

So an image and its mask get the same change, and a test can look at a decision. Think twice before
adding to these classes: what everyone inherits nobody can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Height, width and number of channels of an image.
Shape = tuple[int, int, int]


class Step:
    """Defaults of a step that changes one image; `draw` and `image` have to be written.

    Attributes
    ----------
    probability : float
        How often an image gets the step, from 0 to 1.
    """

    probability: float = 1.0
    #: How many channels an image must have; None takes any number.
    n_channels: int | None = None
    #: Whether the three channels must be red, green and blue.
    needs_colours: bool = False

    def draw(self, shape: Shape, rng: np.random.Generator) -> Any:
        """Decide what is done to one image, from nothing but its shape and random numbers."""
        raise NotImplementedError

    def image(self, image: np.ndarray, drawn: Any) -> np.ndarray:
        """Return the changed image: same shape, float32 in [0, 1]; the input is read-only."""
        raise NotImplementedError

    def mask(self, mask: np.ndarray, drawn: Any) -> np.ndarray:
        """Return the mask ``(height, width)`` that goes with the changed image."""
        return mask


class BatchStep:
    """Defaults of a step that mixes images of a batch; `draw` and `batch` have to be written."""

    probability: float = 1.0

    def draw(self, n_images: int, rng: np.random.Generator) -> Any:
        """Decide what is done to a batch."""
        raise NotImplementedError

    def batch(
        self, images: np.ndarray, targets: np.ndarray, drawn: Any, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return new images and targets; those that are not `chosen` stay as they are."""
        raise NotImplementedError


def drawn_from(limits: Sequence[float], rng: np.random.Generator) -> float:
    """Draw evenly from a range.

    Examples
    --------
    >>> drawn_from((2.0, 2.0), np.random.default_rng(0))
    2.0
    """
    low, high = limits
    return float(rng.uniform(low, high))
