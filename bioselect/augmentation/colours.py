"""Steps that change colours; the three channels must be red, green and blue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.levels import clipped
from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import single_threaded_opencv

N_COLOURS = 3
#: Which channels are colours: those of images with three of 8 bits, or of all with three.
AUTO, RGB = "auto", "rgb"
DEGREES = 360.0
#: How light red, green and blue are (ITU-R BT.601).
_LUMA = (0.299, 0.587, 0.114)


class ColourStep(Step):
    """A step that draws one number and looks at red, green and blue together."""

    n_channels = N_COLOURS

    def __init__(self, limits: Sequence[float], channels: str, probability: float) -> None:
        self.limits = limits
        self.channels = channels
        self.probability = probability

    @property
    def needs_colours(self) -> bool:  # type: ignore[override]
        """Whether somebody has to find out that the channels are colours; they may say so."""
        return self.channels != RGB

    def draw(self, shape: Shape, rng: np.random.Generator) -> float:
        """Return how much."""
        return drawn_from(self.limits, rng)


class Saturation(ColourStep):
    """Differences from grey are multiplied: 0 gives a grey image, 1 changes nothing."""

    def __init__(
        self,
        factor: Sequence[float] = (0.7, 1.3),
        channels: str = AUTO,
        probability: float = 1.0,
    ) -> None:
        super().__init__(factor, channels, probability)

    def image(self, image: np.ndarray, drawn: float) -> np.ndarray:
        """Return the paler or more colourful image."""
        cv2 = single_threaded_opencv()
        to_grey = np.broadcast_to(_LUMA, (N_COLOURS, N_COLOURS))
        matrix = drawn * np.eye(N_COLOURS) + (1.0 - drawn) * to_grey
        return clipped(cv2.transform(np.ascontiguousarray(image), matrix))


class Hue(ColourStep):
    """Colours are moved along the circle of colours, by so many degrees of 360."""

    def __init__(
        self,
        degrees: Sequence[float] = (-10.0, 10.0),
        channels: str = AUTO,
        probability: float = 1.0,
    ) -> None:
        super().__init__(degrees, channels, probability)

    def image(self, image: np.ndarray, drawn: float) -> np.ndarray:
        """Return the image in other colours."""
        cv2 = single_threaded_opencv()
        parts = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV)
        parts[:, :, 0] = (parts[:, :, 0] + np.float32(drawn)) % np.float32(DEGREES)
        return clipped(cv2.cvtColor(parts, cv2.COLOR_HSV2RGB))
