"""Hu's moments: the overall shape of what is bright and of what is dark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    MEAN,
    channel_names,
    described,
    n_planes,
    planes,
)
from bioselect.features.descriptors.thresholds import otsu_threshold

BOTH = "both"
BRIGHT = "bright"
DARK = "dark"
N_MOMENTS = 7
#: Moments below this are rounding, not shape; the logarithm starts here.
SMALLEST_MOMENT = 1e-12
#: Ten sums of products for each of two sets of moments, and the histogram for the threshold.
OPERATIONS_PER_PIXEL = 45


class HuMoments(Extractor):
    """Hu's seven moments of the grey values and of the mask above Otsu's threshold.

    Grey values are taken less the mean of what is not the object, and not below 0, so that the
    background has no weight. The moments do not change when the object is moved, turned or (for
    the mask) scaled. They span many powers of ten, so a row holds
    `sign(h) * log10(1 + |h| / 1e-12)`. A flat image has no object: its moments are 0.

    Parameters
    ----------
    foreground : {"both", "bright", "dark"}
        What the object is: what is brighter than its surroundings (fluorescence), what is darker
        (stained tissue), or one after the other.
    channels : {"mean", "each"}
        The mean of the channels, or every channel on its own.

    References
    ----------
    Hu (1962), "Visual pattern recognition by moment invariants", IRE Transactions on Information
    Theory 8(2), 179-187; Otsu (1979), "A threshold selection method from gray-level histograms",
    IEEE Transactions on Systems, Man, and Cybernetics 9(1), 62-66.

    Examples
    --------
    >>> image = np.zeros((60, 60, 1), dtype=np.float32)
    >>> image[20:40, 20:40] = 1.0
    >>> row = HuMoments(foreground="bright").transform([image])[0]
    >>> len(row), bool(row[0] == row[7])  # the mask of a black and white image is the image
    (14, True)
    """

    def __init__(self, foreground: str = BOTH, channels: str = MEAN) -> None:
        self.foreground = foreground
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_planes * n_foregrounds * 14): 7 of grey, 7 of the mask.

        Raises
        ------
        DataError
            If `channels` is "each" and the images differ in their number of channels.
        """
        return described("hu_moments", images, self._row)

    def _foregrounds(self) -> tuple[str, ...]:
        return (BRIGHT, DARK) if self.foreground == BOTH else (self.foreground,)

    def _row(self, image: np.ndarray) -> np.ndarray:
        parts = []
        for plane in planes(image, self.channels):
            is_bright = plane > otsu_threshold(plane)
            is_flat = not is_bright.any()
            for foreground in self._foregrounds():
                is_object = is_bright if foreground == BRIGHT else ~is_bright
                if is_flat:
                    parts.append(np.zeros(2 * N_MOMENTS))
                    continue
                rest = np.float32(plane[~is_object].mean(dtype=np.float64))
                grey = plane - rest if foreground == BRIGHT else rest - plane
                parts.append(log_hu_moments(np.maximum(grey, np.float32(0.0))))
                parts.append(log_hu_moments(is_object.astype(np.float32)))
        return np.concatenate(parts)

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `hu_moments_bright_mask_hu1_c0`."""
        return [
            f"hu_moments_{foreground}_{what}_hu{number}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for foreground in self._foregrounds()
            for what in ("grey", "mask")
            for number in range(1, N_MOMENTS + 1)
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 45 operations per pixel, channel and foreground."""
        n_foregrounds = n_planes(shape, self.channels) * len(self._foregrounds())
        return float(OPERATIONS_PER_PIXEL * n_foregrounds * shape[0] * shape[1])


def log_hu_moments(plane: np.ndarray) -> np.ndarray:
    """Return Hu's seven moments of one channel, logarithmic with their sign kept, float64 (7,).

    Examples
    --------
    >>> log_hu_moments(np.zeros((5, 5), dtype=np.float32)).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    cv2 = opencv()
    hu = cv2.HuMoments(cv2.moments(plane)).ravel()
    logarithmic: np.ndarray = np.sign(hu) * np.log10(1.0 + np.abs(hu) / SMALLEST_MOMENT)
    return logarithmic
