"""Statistics of the pixels' values: how bright, how varied, how skewed, how much is clipped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    n_planes,
    planes,
    require_list,
)

N_ENTROPY_BINS = 256
MOMENTS = ("mean", "sd", "skewness", "kurtosis", "entropy", "share_black", "share_saturated")
#: Mean 1, powers of the deviation 6, histogram 3, comparisons with 0 and 1: 2, sorting about 18.
OPERATIONS_PER_PIXEL = 30


class Intensity(Extractor):
    """Statistics of each channel's values; nothing of where in the image they lie.

    A row holds, per channel: mean, standard deviation, skewness, excess kurtosis (both 0 for a flat
    channel), entropy of 256 equal classes over [0, 1] in bits, the shares of pixels that are 0 and
    that are 1, and the quantiles.

    Parameters
    ----------
    quantiles : sequence of float
        Which quantiles, each within [0, 1]; between two pixels they are interpolated.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Gonzalez, Woods (2018), "Digital image processing", 4th edition, section 11.4 (statistical
    approaches to texture).

    Examples
    --------
    >>> image = np.array([[[0.0], [1.0]], [[0.0], [1.0]]], dtype=np.float32)
    >>> Intensity(quantiles=(0.5,)).transform([image])[0].tolist()
    [0.5, 0.5, 0.0, -2.0, 1.0, 0.5, 0.5, 0.5]
    """

    def __init__(
        self,
        quantiles: Sequence[float] = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99),
        channels: str = EACH,
    ) -> None:
        require_list(
            "intensity: params.quantiles",
            quantiles,
            "different numbers from 0 to 1",
            whole=False,
            low=0.0,
            high=1.0,
        )
        self.quantiles = quantiles
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * (7 + n_quantiles)).

        Raises
        ------
        DataError
            If the images differ in their number of channels.
        """
        return described("intensity", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [
                [*moments(plane), *np.quantile(plane.ravel(), self.quantiles)]
                for plane in planes(image, self.channels)
            ]
        )

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `intensity_mean_c0` and `intensity_quantile0.05_c0`."""
        return [
            f"intensity_{statistic}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for statistic in (*MOMENTS, *(f"quantile{share:.12g}" for share in self.quantiles))
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 30 operations per pixel and channel."""
        n_channels = n_planes(shape, self.channels)
        return float(OPERATIONS_PER_PIXEL * n_channels * shape[0] * shape[1])


def moments(plane: np.ndarray) -> list[float]:
    """Return what `MOMENTS` names, of one channel in [0, 1] of any shape."""
    values = plane.ravel().astype(np.float64)
    low, high = plane.min(), plane.max()
    mean = float(values.mean())
    deviation = values - mean
    square = deviation * deviation
    variance = float(square.mean())
    skewness = kurtosis = 0.0
    # Asked of the values, not of the variance, which rounding could keep from being exactly 0.
    if high > low:
        skewness = float((square * deviation).mean()) / variance**1.5
        kurtosis = float((square * square).mean()) / variance**2 - 3.0
    classes = np.minimum((values * N_ENTROPY_BINS).astype(np.int64), N_ENTROPY_BINS - 1)
    counts = np.bincount(classes)
    shares = counts[counts > 0] / values.size
    return [
        mean,
        variance**0.5,
        skewness,
        kurtosis,
        float(-(shares * np.log2(shares)).sum()) + 0.0,
        float((plane == 0.0).mean()),
        float((plane == 1.0).mean()),
    ]
