"""Granularity: how much of the light lies in grains of which size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.exceptions import ComponentError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    n_planes,
    planes,
    require_list,
)

BOTH = "both"
BRIGHT = "bright"
DARK = "dark"
LARGEST_RADIUS = 100
#: Of the steps to an octagon, the share that are squares; the others are diamonds. With it the
#: octagon is regular.
SQUARE_SHARE = 2.0**0.5 - 1.0
HIGHEST_LEVEL = 65535
#: A square takes 4 comparisons a pixel, a diamond 5.
OPERATIONS_PER_STEP = 5

_SQUARE = np.ones((3, 3), np.uint8)
_DIAMOND = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


class Granularity(Extractor):
    """Share of the signal that openings of growing radius remove, per channel.

    An opening removes what is brighter than its surroundings and smaller than the disc it is made
    with. The background, which is the opening with the radius `background`, is subtracted first;
    what is left is the signal. Then the signal is opened with each radius, and a row holds what
    each opening removes beyond the one before, as a share of the whole signal: grains of radius 3
    show up at the first radius of at least 3. Brightness and contrast do not matter. Discs are
    regular octagons: what a smaller one removes, a larger one removes too, so that no share is
    negative. The octagon of radius 1 is a plus of 5 pixels, which such grains survive: radius 1
    measures single pixels. A flat channel has only zeros.

    The background is level within its radius: of a slope, a rest is left at the border where it is
    brightest.

    Parameters
    ----------
    radii : sequence of int
        Radii in pixels, increasing, 1 to 100.
    background : int or None
        Radius in pixels of the opening that is the background, larger than all radii; what is
        larger counts as background. None subtracts nothing: then all of a bright background
        counts as signal that no opening removes.
    foreground : {"both", "bright", "dark"}
        Grains that are brighter than their surroundings (fluorescence), darker (stained tissue:
        openings of 1 - value), or one after the other.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Maragos (1989), "Pattern spectrum and multiscale shape representation", IEEE TPAMI 11(7),
    701-716; McQuin et al. (2018), "CellProfiler 3.0", PLoS Biology 16(7), e2005970
    (MeasureGranularity, which reconstructs what an opening leaves; here nothing is reconstructed).

    Examples
    --------
    A square of 7 x 7 pixels loses its corners to small radii and the rest to radius 4:

    >>> image = np.zeros((40, 40, 1), dtype=np.float32)
    >>> image[10:17, 20:27] = 0.5
    >>> extractor = Granularity(radii=(1, 2, 3, 4, 5), background=10, foreground="bright")
    >>> extractor.transform([image]).astype(float).round(2).tolist()
    [[0.08, 0.0, 0.16, 0.76, 0.0]]
    """

    def __init__(
        self,
        radii: Sequence[int] = (1, 2, 4, 8, 16),
        background: int | None = 32,
        foreground: str = BOTH,
        channels: str = EACH,
    ) -> None:
        rule = f"increasing whole numbers from 1 to {LARGEST_RADIUS}"
        where = "granularity: params.radii"
        require_list(where, radii, rule, whole=True, low=1, high=LARGEST_RADIUS)
        if list(radii) != sorted(radii):
            raise ComponentError(f"{where} must be {rule}. Got {list(radii)!r}.")
        if background is not None and background <= max(radii):
            raise ComponentError(
                f"granularity: params.background must be larger than all radii, which end at "
                f"{max(radii)}. Got {background}. Choose a larger one, or null for none."
            )
        self.radii = radii
        self.background = background
        self.foreground = foreground
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * n_foregrounds * n_radii), all within [0, 1].

        Raises
        ------
        DataError
            If the images differ in their number of channels.
        """
        return described("granularity", images, self._row)

    def _foregrounds(self) -> tuple[str, ...]:
        return (BRIGHT, DARK) if self.foreground == BOTH else (self.foreground,)

    def _row(self, image: np.ndarray) -> np.ndarray:
        parts = []
        for plane in planes(image, self.channels):
            for foreground in self._foregrounds():
                grains = plane if foreground == BRIGHT else 1.0 - plane
                parts.append(removed_shares(*grey_levels(grains), self.radii, self.background))
        return np.concatenate(parts)

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `granularity_bright_r4_c0`."""
        return [
            f"granularity_{foreground}_r{radius}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for foreground in self._foregrounds()
            for radius in self.radii
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 5 operations per pixel and step of an opening.

        Radii share their erosions; each dilation has as many steps as its radius.
        """
        n_channels = n_planes(shape, self.channels)
        background = 2 * (self.background or 0)
        n_steps = max(self.radii) + sum(self.radii) + background
        n_foregrounds = n_channels * len(self._foregrounds())
        return float(OPERATIONS_PER_STEP * n_steps * n_foregrounds * shape[0] * shape[1])


def grey_levels(plane: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a channel in 65,536 levels from its darkest to its brightest pixel.

    Returns
    -------
    levels : numpy.ndarray
        Uint16, same shape: openings of whole numbers are five times as fast as of float32. All 0
        for a flat channel.
    darkest : float
        The darkest pixel's value in levels above 0.

    Examples
    --------
    >>> levels, darkest = grey_levels(np.array([[0.25, 0.5, 0.75]], dtype=np.float32))
    >>> levels.tolist(), darkest
    ([[0, 32768, 65535]], 32767.5)
    """
    low, high = float(plane.min()), float(plane.max())
    if high <= low:
        return np.zeros(plane.shape, dtype=np.uint16), 0.0
    per_value = HIGHEST_LEVEL / (high - low)
    levels = np.rint((plane - np.float32(low)) * np.float32(per_value))
    # Rounding of the factor may lead a little beyond.
    return np.minimum(levels, HIGHEST_LEVEL).astype(np.uint16), low * per_value


def removed_shares(
    levels: np.ndarray, darkest: float, radii: Sequence[int], background: int | None
) -> np.ndarray:
    """Return the share of the signal that each opening removes beyond the one before.

    Parameters
    ----------
    levels : numpy.ndarray
        Uint16, (height, width).
    darkest : float
        What every pixel has in addition; it counts where there is no background.
    radii : sequence of int
        Radii in pixels, increasing.
    background : int, optional
        Radius of the opening that is subtracted first.

    Returns
    -------
    numpy.ndarray
        Float64, (n_radii,), at least 0, summing to at most 1.
    """
    if background is not None:
        levels = levels - dilated(eroded(levels, 0, background), background)
        darkest = 0.0
    left = int(levels.sum(dtype=np.int64))
    removed = np.zeros(len(radii))
    if left == 0:
        return removed
    whole = left + darkest * levels.size
    erosion, reached = levels, 0
    for place, radius in enumerate(radii):
        erosion, reached = eroded(erosion, reached, radius), radius
        now = int(dilated(erosion, radius).sum(dtype=np.int64))
        removed[place] = left - now
        left = now
    return removed / whole


def octagon_steps(radius: int) -> tuple[int, int]:
    """Return how many squares and diamonds of radius 1 make the octagon of a radius.

    Both grow with the radius, so that a larger octagon is made of a smaller one and more steps.

    Examples
    --------
    >>> [octagon_steps(radius) for radius in (1, 2, 5, 10)]
    [(0, 1), (1, 1), (2, 3), (4, 6)]
    """
    n_squares = round(radius * SQUARE_SHARE)
    return n_squares, radius - n_squares


def eroded(erosion: np.ndarray, reached: int, radius: int) -> np.ndarray:
    """Return the erosion with an octagon of a radius, from the one with the radius `reached`.

    Outside the image nothing is known, so that nothing is removed because of it.
    """
    cv2 = opencv()
    before, after = octagon_steps(reached), octagon_steps(radius)
    for kernel, n_before, n_after in zip((_SQUARE, _DIAMOND), before, after, strict=True):
        if n_after > n_before:
            erosion = cv2.erode(erosion, kernel, iterations=n_after - n_before)
    return erosion


def dilated(erosion: np.ndarray, radius: int) -> np.ndarray:
    """Return the dilation of an erosion with the same octagon: the opening."""
    cv2 = opencv()
    for kernel, n_steps in zip((_SQUARE, _DIAMOND), octagon_steps(radius), strict=True):
        if n_steps > 0:
            erosion = cv2.dilate(erosion, kernel, iterations=n_steps)
    return erosion
