"""The step that blends images of a batch, and their targets in the same proportion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.augmentation.step import BatchStep
from bioselect.augmentation.warping import single_threaded_opencv


@dataclass(frozen=True)
class Blend:
    """The other image of each, and how much of it remains of its own, at least one half."""

    partners: np.ndarray
    shares: np.ndarray


class Mixup(BatchStep):
    """Each image is blended with another one of its batch.

    The share of the other is drawn from a beta distribution; the image itself keeps the larger
    part, which gives the same blends. Partners are a permutation of the batch, so an image may be
    its own partner and stays as it is; so does one that is alone in its batch.

    Parameters
    ----------
    alpha : float
        Both parameters of the beta distribution: small for blends that are nearly one image.
    probability : float
        How often an image is blended.
    """

    def __init__(self, alpha: float = 0.2, probability: float = 1.0) -> None:
        self.alpha = alpha
        self.probability = probability

    def draw(self, n_images: int, rng: np.random.Generator) -> Blend:
        """Return who is blended with whom, and how much."""
        partners = rng.permutation(n_images)
        shares = rng.beta(self.alpha, self.alpha, n_images)
        shares = np.maximum(shares, 1.0 - shares)
        shares[rng.random(n_images) >= self.probability] = 1.0
        return Blend(partners, shares.astype(np.float32))

    def batch(
        self, images: np.ndarray, targets: np.ndarray, drawn: Blend, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the blends and their soft targets; images that are not `chosen` stay."""
        shares = np.where(chosen, drawn.shares, np.float32(1.0))
        cv2 = single_threaded_opencv()
        blends = np.empty(images.shape, dtype=np.float32)
        for place, (share, partner) in enumerate(zip(shares, drawn.partners, strict=True)):
            own, other = images[place], images[partner]
            blend = cv2.addWeighted(own, float(share), other, 1.0 - float(share), 0.0)
            blends[place] = blend.reshape(own.shape)
        of_own = shares[:, np.newaxis]
        return blends, targets * of_own + targets[drawn.partners] * (np.float32(1.0) - of_own)
