"""Steps that an instrument does by itself: noise, and a focus that is not sharp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.augmentation.levels import channel_ranges, clipped, scaled_channels
from bioselect.augmentation.step import Shape, Step, drawn_from
from bioselect.augmentation.warping import in_blocks, single_threaded_opencv

LARGEST_SEED = 2**63 - 1
#: A blur of less than this changes no pixel by a grey level.
LEAST_SIGMA = 0.1


class GaussianNoise(Step):
    """Noise is added to every pixel, as strong as the range of each channel is wide."""

    def __init__(self, sd: Sequence[float] = (0.0, 0.05), probability: float = 0.5) -> None:
        self.sd = sd
        self.probability = probability

    def draw(self, shape: Shape, rng: np.random.Generator) -> tuple[float, int]:
        """Return how strong the noise is, and the seed that it comes from."""
        return drawn_from(self.sd, rng), int(rng.integers(LARGEST_SEED))

    def image(self, image: np.ndarray, drawn: tuple[float, int]) -> np.ndarray:
        """Return the noisy image."""
        sd, seed = drawn
        noise = np.random.default_rng(seed).standard_normal(image.shape, dtype=np.float32)
        _, spans = channel_ranges(image)
        strength = np.float32(sd) * spans
        return clipped(scaled_channels(noise, strength, np.zeros_like(spans)) + image)


class GaussianBlur(Step):
    """Every pixel becomes a mean of its neighbours, mirrored at the border."""

    def __init__(self, sigma: Sequence[float] = (0.0, 1.0), probability: float = 0.5) -> None:
        self.sigma = sigma
        self.probability = probability

    def draw(self, shape: Shape, rng: np.random.Generator) -> float:
        """Return how wide the blur is, in pixels."""
        return drawn_from(self.sigma, rng)

    def image(self, image: np.ndarray, drawn: float) -> np.ndarray:
        """Return the blurred image."""
        if drawn < LEAST_SIGMA:
            return image
        cv2 = single_threaded_opencv()
        blurred = in_blocks(
            image,
            lambda block: cv2.GaussianBlur(block, (0, 0), drawn, borderType=cv2.BORDER_REFLECT_101),
        )
        return clipped(blurred)
