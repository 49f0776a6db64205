"""Steps that change how bright pixels are: brightness, contrast, gamma."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import single_threaded_opencv


class LevelStep(Step):
    """A step that draws one number for an image, or one for each channel."""

    def __init__(self, limits: Sequence[float], per_channel: bool, probability: float) -> None:
        self.limits = limits
        self.per_channel = per_channel
        self.probability = probability

    def draw(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        """Return float32 ``(1,)`` or ``(n_channels,)``."""
        n_numbers = shape[2] if self.per_channel else 1
        numbers = [drawn_from(self.limits, rng) for _ in range(n_numbers)]
        return np.array(numbers, dtype=np.float32)


class Brightness(LevelStep):
    """A number is added to every pixel.

    Examples
    --------
    >>> image = np.array([[[0.25], [0.5]]], dtype=np.float32)
    >>> Brightness().image(image, np.float32([0.625]))[0, :, 0]
    array([0.875, 1.   ], dtype=float32)
    """

    def __init__(
        self,
        amount: Sequence[float] = (-0.1, 0.1),
        per_channel: bool = False,
        probability: float = 1.0,
    ) -> None:
        super().__init__(amount, per_channel, probability)

    def image(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the lighter or darker image."""
        return clipped(image + drawn)


class Contrast(LevelStep):
    """Differences from the mean of each channel are multiplied."""

    def __init__(
        self,
        factor: Sequence[float] = (0.8, 1.25),
        per_channel: bool = False,
        probability: float = 1.0,
    ) -> None:
        super().__init__(factor, per_channel, probability)

    def image(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the image with more or less contrast."""
        means = channel_means(image)
        return clipped(image * drawn + (1.0 - drawn) * means)


class Gamma(LevelStep):
    """Every pixel is raised to a power: below 1 it lights up dark parts, above 1 darkens them."""

    def __init__(
        self,
        exponent: Sequence[float] = (0.8, 1.25),
        per_channel: bool = False,
        probability: float = 1.0,
    ) -> None:
        super().__init__(exponent, per_channel, probability)

    def image(self, image: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Return the image raised to the power."""
        cv2 = single_threaded_opencv()
        raised = np.empty_like(image)
        for channel in range(image.shape[2]):
            exponent = float(drawn[channel % len(drawn)])
            raised[:, :, channel] = cv2.pow(np.ascontiguousarray(image[:, :, channel]), exponent)
        return clipped(raised)


def channel_means(image: np.ndarray) -> np.ndarray:
    """Return float32 ``(n_channels,)``."""
    n_channels = image.shape[2]
    means: np.ndarray = image.reshape(-1, n_channels).mean(axis=0, dtype=np.float64)
    return means.astype(np.float32)


def clipped(image: np.ndarray) -> np.ndarray:
    """Return a new image cut to [0, 1], in place."""
    return np.clip(image, 0.0, 1.0, out=image)
