"""Gabor filters: how strong waves of each length and direction are, and how evenly spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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

POOLED = "pooled"
LOWEST_FREQUENCY = 0.01
HIGHEST_FREQUENCY = 0.5
#: Standard deviation of the pass band, as a share of its frequency: the gain is one half at two
#: thirds and at four thirds of it, an octave apart.
RELATIVE_BANDWIDTH = 1.0 / (3.0 * np.sqrt(2.0 * np.log(2.0)))
#: Gains further from the middle of the band, in standard deviations, are below 0.003.
BAND_REACH = 3.5
#: Standard deviations of the longest filter by which an image is continued beyond its border.
BORDER_REACH = 3.0
#: A response is a narrow band, so a coarser grid than the pixels holds all of it; statistics are
#: taken of at least so many places per side, where the image has as many.
FEWEST_SAMPLES = 128


class Gabor(Extractor):
    """Mean and standard deviation of the magnitude of Gabor filters' responses.

    Each channel is filtered with complex Gabor filters, one per frequency and orientation; the
    magnitude of the response at a pixel is the amplitude, in units of the image's values, of the
    wave found there. Filters are an octave wide (gain one half at 2/3 and 4/3 of their frequency),
    as wide across as along, do not respond to flat parts, and end at 0.5 cycles per pixel in
    every direction. Beyond its border the image is mirrored.

    Parameters
    ----------
    frequencies : sequence of float
        In cycles per pixel, 0.01 to 0.5: 0.1 is a wave of 10 pixels. Waves longer than the image
        are judged by its mirrored continuation. Above 0.4 a part of the filter lies beyond what
        pixels can hold, and amplitudes come out lower (at 0.5 by two thirds).
    n_orientations : int
        Directions, evenly spread over 180 degrees. 0: values change from left to right; 90: from
        bottom to top; 45: from bottom left to top right.
    orientations : {"each", "pooled"}
        "each": mean and standard deviation per frequency and direction. "pooled": per frequency
        the means of both over the directions, and the range of the means (largest less
        smallest), which do not change when the image is turned by a step of the directions.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Manjunath, Ma (1996), "Texture features for browsing and retrieval of image data", IEEE
    TPAMI 18(8), 837-842.

    Examples
    --------
    A wave of 10 pixels with amplitude 0.25 from left to right:

    >>> wave = 0.5 + 0.25 * np.cos(2 * np.pi * 0.1 * np.arange(100))
    >>> image = np.tile(wave.astype(np.float32), (100, 1))[:, :, None]
    >>> row = Gabor(frequencies=(0.05, 0.1), n_orientations=2).transform([image])[0]
    >>> means = row[0::2]  # 0.05 at 0 and 90 degrees, 0.1 at 0 and 90 degrees
    >>> means.argmax().item(), round(means.max().item(), 2)
    (2, 0.25)
    """

    def __init__(
        self,
        frequencies: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
        n_orientations: int = 6,
        orientations: str = EACH,
        channels: str = EACH,
    ) -> None:
        require_list(
            "gabor: params.frequencies",
            frequencies,
            f"different numbers from {LOWEST_FREQUENCY} to {HIGHEST_FREQUENCY} (cycles per pixel)",
            whole=False,
            low=LOWEST_FREQUENCY,
            high=HIGHEST_FREQUENCY,
        )
        self.frequencies = frequencies
        self.n_orientations = n_orientations
        self.orientations = orientations
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * n_frequencies * k).

        `k` is `2 * n_orientations`, or 3 where orientations are pooled.

        Raises
        ------
        DataError
            If the images differ in their number of channels.
        """
        return described("gabor", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        angles = np.pi * np.arange(self.n_orientations) / self.n_orientations
        parts: list[np.ndarray] = []
        for plane in planes(image, self.channels):
            spectrum = Spectrum(plane, min(self.frequencies))
            for frequency in self.frequencies:
                statistics = np.array([spectrum.response(frequency, angle) for angle in angles])
                if self.orientations == POOLED:
                    spread = np.ptp(statistics[:, 0])
                    parts.append(np.array([*statistics.mean(axis=0), spread]))
                else:
                    parts.append(statistics.ravel())
        return np.concatenate(parts)

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `gabor_f0.1_o30_mean_c0`, pooled `gabor_f0.1_range_c0`."""
        if self.orientations == POOLED:
            kinds = ["mean", "sd", "range"]
        else:
            degrees = [180.0 * place / self.n_orientations for place in range(self.n_orientations)]
            kinds = [f"o{angle:g}_{what}" for angle in degrees for what in ("mean", "sd")]
        return [
            f"gabor_f{frequency:.12g}_{kind}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for frequency in self.frequencies
            for kind in kinds
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return `5 n log2 n` operations per transform of n values.

        There is one transform of each channel and one back for each filter.
        """
        n_channels = n_planes(shape, self.channels)
        lowest = min(self.frequencies)
        whole = _fourier_operations(math.prod(_padded_side(side, lowest) for side in shape[:2]))
        shares = [min(1.0, 2 * _reach(frequency)) for frequency in self.frequencies]
        back = sum(_fourier_operations(shape[0] * shape[1] * share**2) for share in shares)
        return float(n_channels * (whole + self.n_orientations * back))


@dataclass(frozen=True)
class Band:
    """What a filter passes along one axis, and where its response is looked at.

    Attributes
    ----------
    where : slice
        The waves that pass.
    gains : numpy.ndarray
        Complex64, one for each of them; the phase moves the first sample into the image.
    n_samples : int
        Samples of the response, over the image and its continuation.
    n_inside : int
        How many of them, counted from the first, lie inside the image.
    """

    where: slice
    gains: np.ndarray
    n_samples: int
    n_inside: int


class Spectrum:
    """The waves of one channel, from which the responses of any filter can be had.

    Parameters
    ----------
    plane : numpy.ndarray
        Float32, (height, width).
    lowest : float
        The lowest frequency that will be asked for, in cycles per pixel; it decides how far the
        channel is continued beyond its border.
    """

    def __init__(self, plane: np.ndarray, lowest: float) -> None:
        from scipy.fft import fft2, fftshift

        self.shape = plane.shape
        # As far before as behind: turning or mirroring the image then turns its continuation.
        beyond = [(_padded_side(side, lowest) - side) // 2 for side in plane.shape]
        self.margins = beyond
        padded = np.pad(plane, [(one, one) for one in beyond], mode="symmetric")
        waves = fftshift(fft2(padded - padded.mean(dtype=np.float64).astype(np.float32)))
        down, right = (np.arange(side) / side - (side // 2) / side for side in waves.shape)
        # In a corner of the spectrum only diagonal waves are left: no direction may have more.
        # (Those exactly on the circle stay, all of them: 0.3 and 0.4 are 0.5 in spite of rounding.)
        squares = down[:, None] ** 2 + right[None, :] ** 2
        waves[squares > HIGHEST_FREQUENCY**2 * (1 + 1e-9)] = 0.0
        self.waves = waves

    def response(self, frequency: float, angle: float) -> tuple[float, float]:
        """Return mean and standard deviation of the response's magnitude inside the image.

        `frequency` is in cycles per pixel, `angle` in radians against the clock.
        """
        from scipy.fft import ifft2

        down = self._band(0, -frequency * np.sin(angle), frequency)
        right = self._band(1, frequency * np.cos(angle), frequency)
        waves = self.waves[down.where, right.where] * down.gains[:, None] * right.gains[None, :]
        response = ifft2(waves, s=(down.n_samples, right.n_samples))
        magnitude = np.abs(response[: down.n_inside, : right.n_inside])
        # A real wave of amplitude 1 is two complex ones of 1/2, of which a filter passes one.
        scale = 2.0 * response.size / self.waves.size
        return (
            float(magnitude.mean(dtype=np.float64)) * scale,
            float(magnitude.std(dtype=np.float64)) * scale,
        )

    def _band(self, axis: int, centre: float, frequency: float) -> Band:
        """Return what a filter passes along one axis (0: down, 1: right)."""
        from scipy.fft import next_fast_len

        n_waves, n_pixels = self.waves.shape[axis], self.shape[axis]
        reach = _reach(frequency)
        # The wave at exactly 0.5 cycles per pixel, where there is one, has no direction.
        limit = (n_waves - 1) // 2
        # Whole numbers must be whole in all directions, whatever the last digit of a sine is.
        ends = np.round([(centre - reach) * n_waves, (centre + reach) * n_waves], 6)
        first, last = max(-limit, int(np.ceil(ends[0]))), min(limit, int(np.floor(ends[1])))
        number = np.arange(first, last + 1)
        n_samples = next_fast_len(max(len(number), min(n_waves, FEWEST_SAMPLES)))
        step = n_waves / n_samples
        n_inside = int((n_pixels - 1) // step) + 1
        # The samples lie in the middle of the image, so that turning it by 90 degrees or
        # mirroring it changes nothing.
        start = self.margins[axis] + (n_pixels - 1 - (n_inside - 1) * step) / 2
        deviation = (number / n_waves - centre) / (RELATIVE_BANDWIDTH * frequency)
        gains = np.exp(-0.5 * deviation**2 + 2j * np.pi * start * number / n_waves)
        middle = n_waves // 2
        return Band(
            slice(middle + first, middle + last + 1),
            gains.astype(np.complex64),
            n_samples,
            n_inside,
        )


def _reach(frequency: float) -> float:
    """Return how far from its middle a pass band reaches, in cycles per pixel."""
    return float(BAND_REACH * RELATIVE_BANDWIDTH * frequency)


def _margin(lowest: float) -> int:
    """Return by how many pixels an image is continued on each side, at least."""
    longest = 1.0 / (2.0 * np.pi * RELATIVE_BANDWIDTH * lowest)
    return int(np.ceil(BORDER_REACH * longest))


def _padded_side(side: int, lowest: float) -> int:
    """Return a length of which transforms are fast, the same distance from `side` on both sides."""
    from scipy.fft import next_fast_len

    length = int(next_fast_len(side + 2 * _margin(lowest)))
    while (length - side) % 2:
        length = int(next_fast_len(length + 1))
    return length


def _fourier_operations(n_values: float) -> float:
    return float(5.0 * n_values * np.log2(n_values))
