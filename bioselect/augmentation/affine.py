"""Steps that move an image: flips, turns, sizes, shifts. Neighbours are one resampling.

Each draws a matrix ``(3, 3)`` that says where the pixel of the result comes from, in pixels from
the middle of the image. Matrices of steps that follow each other are multiplied, so that an image
that is turned, scaled and shifted is interpolated once and not three times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import warp_image, warp_mask


class AffineStep(Step):
    """A step whose `draw` returns a matrix; see above."""

    def __init__(self, probability: float = 1.0) -> None:
        self.probability = probability

    def image(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the image moved by the matrix."""
        return warp_image(image, drawn)

    def mask(self, mask: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the mask moved by the matrix, with its own values only."""
        return warp_mask(mask, drawn)


class HorizontalFlip(AffineStep):
    """Left becomes right."""

    def __init__(self, probability: float = 0.5) -> None:
        super().__init__(probability)

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of a flip."""
        return np.diag([-1.0, 1.0, 1.0])


class VerticalFlip(AffineStep):
    """Up becomes down."""

    def __init__(self, probability: float = 0.5) -> None:
        super().__init__(probability)

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of a flip."""
        return np.diag([1.0, -1.0, 1.0])


class Rotation(AffineStep):
    """Turned about the middle, by so many degrees counter-clockwise.

    Examples
    --------
    >>> Rotation([90, 90]).draw((5, 5, 1), np.random.default_rng(0)).round(6)[:2, :2]
    array([[ 0., -1.],
           [ 1.,  0.]])
    """

    def __init__(self, degrees: Sequence[float] = (-15.0, 15.0), probability: float = 1.0) -> None:
        super().__init__(probability)
        self.degrees = degrees

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of a turn."""
        angle = math.radians(drawn_from(self.degrees, rng))
        return _turn(math.cos(angle), math.sin(angle))


class QuarterTurns(AffineStep):
    """Turned by 90, 180 or 270 degrees; an image that is not square by 180 only."""

    def __init__(self, probability: float = 0.75) -> None:
        super().__init__(probability)

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of one to three quarter turns."""
        n_quarters = int(rng.integers(1, 4))
        if shape[0] != shape[1]:
            n_quarters = 2
        cosine, sine = ((0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[n_quarters - 1]
        return _turn(cosine, sine)


class Scale(AffineStep):
    """Larger or smaller about the middle, by a factor."""

    def __init__(self, factor: Sequence[float] = (0.9, 1.1), probability: float = 1.0) -> None:
        super().__init__(probability)
        self.factor = factor

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of another size."""
        factor = drawn_from(self.factor, rng)
        return np.diag([1.0 / factor, 1.0 / factor, 1.0])


class Shift(AffineStep):
    """Moved to the right and down, by parts of the image's width and height."""

    def __init__(
        self,
        x: Sequence[float] = (-0.1, 0.1),
        y: Sequence[float] = (-0.1, 0.1),
        probability: float = 1.0,
    ) -> None:
        super().__init__(probability)
        self.x = x
        self.y = y

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of a shift."""
        height, width, _ = shape
        to_right, down = drawn_from(self.x, rng) * width, drawn_from(self.y, rng) * height
        return np.array([[1.0, 0.0, -to_right], [0.0, 1.0, -down], [0.0, 0.0, 1.0]])


class RandomResizedCrop(AffineStep):
    """A part of the image at a random place, stretched to the size of the image."""

    def __init__(
        self,
        area: Sequence[float] = (0.5, 1.0),
        ratio: Sequence[float] = (0.8, 1.25),
        probability: float = 1.0,
    ) -> None:
        super().__init__(probability)
        self.area = area
        self.ratio = ratio

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return the matrix of a part; one that is too long for the image is as long as it is."""
        area = drawn_from(self.area, rng)
        # Twice as wide is as likely as twice as high.
        ratio = math.exp(drawn_from([math.log(end) for end in self.ratio], rng))
        height, width, _ = shape
        part_x, part_y = min(1.0, math.sqrt(area * ratio)), min(1.0, math.sqrt(area / ratio))
        to_right = (1.0 - part_x) * width * (rng.random() - 0.5)
        down = (1.0 - part_y) * height * (rng.random() - 0.5)
        return np.array([[part_x, 0.0, to_right], [0.0, part_y, down], [0.0, 0.0, 1.0]])


def _turn(cosine: float, sine: float) -> np.ndarray:
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
