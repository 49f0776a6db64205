"""How an image looks as a whole: how bright it and its border are, how sharp, whether lettered.

None of it says what is seen. Where it tells classes apart, or one day from the next, a model can go
by it. It is found while an image is read for the first time, in bands of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

#: Values that are looked at together: each takes some 30 bytes on the way.
N_AT_ONCE = 1 << 20
#: The border is so much of each side, at least a pixel.
BORDER = 0.02
#: Lettering is within this part of the range from the end of it that the background is not at ...
NEAR_END = 0.02
#: ... beside a pixel that is further away than this part: without the soft edge of what is seen.
STEP = 0.5


@dataclass(frozen=True)
class Appearance:
    """How an image looks as a whole.

    Parameters
    ----------
    brightness : tuple of float
        The mean of each channel, in the units of the file.
    border : tuple of float
        The same of the outermost pixels.
    focus : float
        The variance of the Laplacian of the mean over channels, in parts of its own variance: 0
        for a constant image, small for a blurred one, 20 for nothing but noise.
    lettering : float
        The share, from 0 to 1, of pixels that are like burnt-in text, arrows or scale bars: the
        brightest on a dark background (or the darkest on a bright one), with a sharp edge.
    """

    brightness: tuple[float, ...] = ()
    border: tuple[float, ...] = ()
    focus: float = 0.0
    lettering: float = 0.0


def appearance(image: np.ndarray) -> Appearance:
    """Return how an image ``(height, width, n_channels)`` looks as a whole.

    Examples
    --------
    >>> image = np.zeros((5, 5, 1), dtype=np.uint8)
    >>> image[2, 1:4] = 250  # a small scale bar
    >>> found = appearance(image)
    >>> found.brightness, found.border, found.lettering
    ((30.0,), (0.0,), 0.12)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _appearance(image)  # Numbers may be so large that their squares are not.


def _appearance(image: np.ndarray) -> Appearance:
    height, width, _ = image.shape
    sums = np.zeros(image.shape[2])
    lowest, highest, square = np.inf, -np.inf, 0.0
    for start, stop in _bands(image):
        band = image[start:stop]
        sums += _sums(band)
        grey = _grey(band)
        lowest, highest = min(lowest, float(grey.min())), max(highest, float(grey.max()))
    brightness = sums / (height * width)
    mean, n_lettered = float(brightness.mean()), 0
    edges = np.zeros(2)
    for start, stop in _bands(image):
        first, last = max(0, start - 1), min(height, stop + 1)
        grey = _grey(image[first:last]) - np.float32(mean)
        own = slice(start - first, stop - first)
        square += float(np.sum(grey[own] ** 2, dtype=np.float64))
        if highest > lowest:
            ends = (lowest - mean, highest - mean)
            n_lettered += int(np.count_nonzero(_lettered(grey, *ends)[own]))
        laplacian = _laplacian(grey)
        edges += [np.sum(laplacian**2, dtype=np.float64), laplacian.size]
    variance = square / (height * width)
    focus = edges[0] / edges[1] / variance if edges[1] and variance > 0 else 0.0
    return Appearance(
        tuple(brightness.tolist()),
        tuple(_border(image).tolist()),
        float(focus) if np.isfinite(focus) else 0.0,
        n_lettered / (height * width),
    )


def _bands(image: np.ndarray) -> Iterator[tuple[int, int]]:
    height, width, n_channels = image.shape
    n_rows = max(1, N_AT_ONCE // (width * n_channels))
    for start in range(0, height, n_rows):
        yield start, min(height, start + n_rows)


def _sums(band: np.ndarray) -> np.ndarray:
    """Return the sum of each channel; one after the other, as sums over short axes are slow."""
    channels = range(band.shape[2])
    return np.array([band[:, :, place].sum(dtype=np.float64) for place in channels])


def _grey(band: np.ndarray) -> np.ndarray:
    """Return the mean over channels, float32."""
    grey: np.ndarray = band[:, :, 0].astype(np.float32)
    for place in range(1, band.shape[2]):
        grey += band[:, :, place].astype(np.float32)
    grey /= band.shape[2]
    return grey


def _laplacian(grey: np.ndarray) -> np.ndarray:
    middle = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    found: np.ndarray = around - 4 * middle
    return found


def _lettered(grey: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """Tell of each pixel whether it is like lettering; grey values are those less their mean."""
    if lowest + highest < 0:
        grey, lowest, highest = -grey, -highest, -lowest  # the background is bright
    span = highest - lowest
    found = grey >= highest - NEAR_END * span
    if not found.any():
        return found
    beside = np.full_like(grey, np.inf)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:-1], np.s_[1:])):
        np.minimum(beside[one], grey[other], out=beside[one])
        np.minimum(beside[:, one], grey[:, other], out=beside[:, one])
    answer: np.ndarray = found & (beside <= grey - STEP * span)
    return answer


def _border(image: np.ndarray) -> np.ndarray:
    """Return the mean of each channel in a frame along the four sides."""
    height, width, n_channels = image.shape
    rows, columns = max(1, round(BORDER * height)), max(1, round(BORDER * width))
    if 2 * rows >= height or 2 * columns >= width:
        parts = [image]
    else:
        inner = image[rows:-rows]
        parts = [image[:rows], image[-rows:], inner[:, :columns], inner[:, -columns:]]
    total = np.zeros(n_channels)
    for part in parts:
        total += _sums(part)
    return np.asarray(total / sum(part.shape[0] * part.shape[1] for part in parts))
