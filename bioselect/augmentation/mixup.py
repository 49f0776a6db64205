"""The step that blends images of a batch, and their targets in the same proportion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.augmentation.step import BatchStep


@dataclass(frozen=True)
class Blend:
    """The other image of each, and how much of it remains of its own, at least one half."""

    partners: np.ndarray
    shares: np.ndarray


class Mixup(BatchStep):
    """Each image is blended with another one of its batch.

    The share of the other is drawn from a beta distribution; the image itself keeps the larger
    part, which gives the same blends.

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
        return (
            _blended(images, shares, drawn.partners),
            _blended(targets, shares, drawn.partners),
        )


def _blended(values: np.ndarray, shares: np.ndarray, partners: np.ndarray) -> np.ndarray:
    own = shares.reshape(-1, *(1 for _ in values.shape[1:])).astype(np.float32)
    return np.asarray(values * own + values[partners] * (np.float32(1.0) - own))
