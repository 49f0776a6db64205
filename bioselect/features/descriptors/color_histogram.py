"""Colour histograms: how much of the image has which colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.exceptions import UnreadableImageError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    planes,
)

RGB = "rgb"
HSV = "hsv"
LAB = "lab"
#: That the spaces of colour have.
COLOUR_CHANNELS = 3
#: Longest row of a joint histogram: 8 bins of five channels, 32 bins of three.
MOST_BINS = 8**5
MIXED_REMEDY = "Write `params: {space: hsv}` (or lab), which repeats grey"
#: What OpenCV gives for colours of sRGB, as (smallest, largest) per channel. Lightness is 0 to
#: 100; a and b span what sRGB can show, as bins for colours that cannot occur tell nothing.
LIMITS = {
    HSV: ((0.0, 360.0), (0.0, 1.0), (0.0, 1.0)),
    LAB: ((0.0, 100.0), (-87.0, 99.0), (-108.0, 95.0)),
}
CHANNEL_NAMES = {HSV: ("hue", "saturation", "value"), LAB: ("lightness", "a", "b")}
#: Scaling, class and count per value; about 20 (HSV) and 60 (LAB) a pixel for the conversion.
OPERATIONS_PER_VALUE = 5
CONVERSION_OPERATIONS = {RGB: 0, HSV: 20, LAB: 60}


class ColorHistogram(Extractor):
    """Histogram of colours, joint over the channels or one per channel; each sums to 1.

    Parameters
    ----------
    space : {"rgb", "hsv", "lab"}
        "rgb" takes the channels as they are, however many there are; "hsv" and "lab" ask for
        three channels (grey is repeated), taken as sRGB.
    bins : int
        Bins per channel.
    joint : bool
        False: one histogram per channel, `bins * n_channels` bins in all. True: one histogram with
        `bins ** n_channels` bins, which tells which values occur together.

    References
    ----------
    Swain, Ballard (1991), "Color indexing", International Journal of Computer Vision 7(1), 11-32.

    Examples
    --------
    >>> image = np.zeros((2, 2, 3), dtype=np.float32)
    >>> image[0, :, 0] = 1.0  # upper half red, lower half black
    >>> ColorHistogram(bins=2).transform([image])[0].tolist()
    [0.5, 0.5, 1.0, 0.0, 1.0, 0.0]
    >>> ColorHistogram(bins=2, joint=True).transform([image])[0].tolist()
    [0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0]
    """

    def __init__(self, space: str = RGB, bins: int = 16, joint: bool = False) -> None:
        self.space = space
        self.bins = bins
        self.joint = joint

    @property
    def n_channels(self) -> int | None:  # type: ignore[override]
        """3 where colours are converted; None where the channels are taken as they are."""
        return None if self.space == RGB else COLOUR_CHANNELS

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, bins * n_channels), joint (n_images, bins ** n_channels).

        In a joint histogram the last channel runs fastest.

        Raises
        ------
        UnreadableImageError
            If `space` is "hsv" or "lab" and an image has not three channels, or if a joint
            histogram would have more than 32,768 bins.
        DataError
            If the images differ in their number of channels.
        """
        return described("color_histogram", images, self._row, MIXED_REMEDY)

    def _row(self, image: np.ndarray) -> np.ndarray:
        n_channels: int = image.shape[2]
        if self.joint and self.bins**n_channels > MOST_BINS:
            raise UnreadableImageError(
                f"color_histogram: a joint histogram must have at most {MOST_BINS} bins. Got "
                f"{self.bins} bins for each of {n_channels} channels, {self.bins**n_channels} in "
                f"all. Write `params: {{joint: false}}` or choose fewer bins."
            )
        classes = [
            bin_numbers(plane, self.bins, low, high)
            for plane, (low, high) in zip(*self._converted(image), strict=True)
        ]
        if self.joint:
            joint = classes[0]
            for one in classes[1:]:
                joint = joint * self.bins + one
            classes, n_bins = [joint], self.bins**n_channels
        else:
            n_bins = self.bins
        counts = [np.bincount(one.ravel(), minlength=n_bins) for one in classes]
        shares: np.ndarray = np.concatenate(counts) / classes[0].size
        return shares

    def _converted(
        self, image: np.ndarray
    ) -> tuple[list[np.ndarray], Sequence[tuple[float, float]]]:
        """Return the planes of the chosen space and the limits of their values."""
        if self.space == RGB:
            return planes(image, EACH), [(0.0, 1.0)] * image.shape[2]
        if image.shape[2] != COLOUR_CHANNELS:
            raise UnreadableImageError(
                f"color_histogram: space {self.space} accepts images with 3 channels. Got "
                f"{image.shape[2]}. Write `params: {{space: rgb}}`, which takes any channels."
            )
        cv2 = opencv()
        code = cv2.COLOR_RGB2HSV if self.space == HSV else cv2.COLOR_RGB2Lab
        return planes(cv2.cvtColor(image, code), EACH), LIMITS[self.space]

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `color_histogram_bin3_c0`.

        The channels of hsv and lab have names (`color_histogram_bin3_hue`); a bin of a joint
        histogram has a number per channel (`color_histogram_bin3-0-7`).
        """
        known = CHANNEL_NAMES.get(self.space) or channel_names(EACH, n_channels)
        if self.joint:
            places = np.ndindex(*[self.bins] * len(known))
            bins = ["-".join(str(number) for number in place) for place in places]
        else:
            bins = [f"{number}_{name}" for name in known for number in range(self.bins)]
        return [f"color_histogram_bin{one}" for one in bins]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 5 operations per value, and the conversion."""
        per_pixel = OPERATIONS_PER_VALUE * shape[2] + CONVERSION_OPERATIONS[self.space]
        return float(per_pixel * shape[0] * shape[1])


def bin_numbers(plane: np.ndarray, n_bins: int, low: float, high: float) -> np.ndarray:
    """Return into which of `n_bins` equal bins over [low, high] each value falls, int64.

    The upper limit belongs to the last bin; rounding beyond a limit does not leave the histogram.

    Examples
    --------
    >>> bin_numbers(np.array([0.0, 0.49, 0.5, 1.0], dtype=np.float32), 2, 0.0, 1.0).tolist()
    [0, 0, 1, 1]
    """
    scaled = (plane - np.float32(low)) * np.float32(n_bins / (high - low))
    numbers: np.ndarray = np.clip(scaled.astype(np.int64), 0, n_bins - 1)
    return numbers
