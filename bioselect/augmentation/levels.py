"""Steps that change how bright pixels are: brightness, contrast, gamma.

All of them go by the range of each channel, from its darkest to its lightest pixel: a stain that
fills a twentieth of the depth of a file would vanish if a tenth of the depth were added to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import MAXIMUM_CHANNELS, single_threaded_opencv


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
    """A part of the range of each channel is added to every pixel.

    Examples
    --------
    >>> image = np.array([[[0.25], [0.75]]], dtype=np.float32)
    >>> Brightness().image(image, np.float32([0.75]))[0, :, 0]
    array([0.625, 1.   ], dtype=float32)
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
        _, spans = channel_ranges(image)
        return clipped(scaled_channels(image, np.ones_like(spans), drawn * spans))


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
        factors = np.broadcast_to(drawn, means.shape)
        return clipped(scaled_channels(image, factors, (1.0 - factors) * means))


class Gamma(LevelStep):
    """Pixels are raised to a power, between the darkest and the lightest one of each channel.

    Below 1 it lights up dark parts, above 1 it darkens them; the two ends stay.
    """

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
        lows, spans = channel_ranges(image)
        planes = []
        for channel, (low, span) in enumerate(zip(lows, spans, strict=True)):
            part = image[:, :, channel] - low
            part /= span or np.float32(1.0)
            plane = cv2.pow(part, float(drawn[channel % len(drawn)]))
            plane *= span
            plane += low
            planes.append(plane)
        return clipped(np.stack(planes, axis=2))


def scaled_channels(image: np.ndarray, factors: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return each channel times its factor, plus its offset, as a new image.

    Examples
    --------
    >>> image = np.array([[[0.5, 0.5]]], dtype=np.float32)
    >>> scaled_channels(image, np.float32([2, 1]), np.float32([0, 0.25]))[0, 0].tolist()
    [1.0, 0.75]
    """
    cv2 = single_threaded_opencv()
    scaled = np.empty(image.shape, dtype=np.float32)
    for first in range(0, image.shape[2], MAXIMUM_CHANNELS):
        block = np.ascontiguousarray(image[:, :, first : first + MAXIMUM_CHANNELS])
        here = slice(first, first + block.shape[2])
        matrix = np.column_stack([np.diag(factors[here]), offsets[here]])
        scaled[:, :, here] = cv2.transform(block, matrix).reshape(block.shape)
    return scaled


def channel_ranges(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the darkest value of each channel, and how far it is to the lightest.

    Examples
    --------
    >>> channel_ranges(np.array([[[0.25, 1.0], [0.75, 1.0]]], dtype=np.float32))
    (array([0.25, 1.  ], dtype=float32), array([0.5, 0. ], dtype=float32))
    """
    # Rows first: along the pixels of a row only three numbers at a time would lie side by side.
    lows: np.ndarray = image.min(axis=0).min(axis=0)
    return lows, image.max(axis=0).max(axis=0) - lows


def channel_means(image: np.ndarray) -> np.ndarray:
    """Return float32 ``(n_channels,)``."""
    means: np.ndarray = image.mean(axis=0, dtype=np.float64).mean(axis=0)
    return means.astype(np.float32)


def clipped(image: np.ndarray) -> np.ndarray:
    """Return a new image cut to [0, 1], in place."""
    return np.clip(image, 0.0, 1.0, out=image)
