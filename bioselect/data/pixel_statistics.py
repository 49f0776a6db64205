"""What the values of an image are like: their range, how many are at its end, blank channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: The quantiles of more values than this, if not of 8 or 16 bits, are those of a sample.
N_SAMPLED = 1 << 22
#: Values that are counted at once: counting takes 8 bytes for each.
N_AT_ONCE = 1 << 20
#: The parts of the values that `spread` leaves out at either end: specks, hot pixels.
LOW, HIGH = 0.005, 0.995
#: An image is looked at from afar in so many fields a side, each of at least so many pixels ...
N_FIELDS, N_PIXELS_OF_FIELD = 8, 16
#: ... and in so many levels of light.
N_LEVELS = 16


@dataclass(frozen=True)
class PixelStatistics:
    """What the values of an image are like, in the units of its file.

    Parameters
    ----------
    minimum, maximum : float
        Over all channels.
    spread : float
        The distance between the 0.5 % and the 99.5 % quantile of the values of a channel, of the
        channel where it is largest.
    share_at_maximum : float
        The share, from 0 to 1, of pixels whose value is `maximum`, of the channel where it is
        largest.
    n_blank_channels : int
        Channels with one value only.
    is_two_valued : bool
        Whether there are exactly two different values, as in a mask.
    look : str
        What it looks like from afar: the light of 8 x 8 fields, row by row, from 0 (the darkest)
        to f (the brightest). It is nearly the same for copies of another size, depth or format.
    """

    minimum: float
    maximum: float
    spread: float
    share_at_maximum: float
    n_blank_channels: int
    is_two_valued: bool
    look: str


def pixel_statistics(image: np.ndarray) -> PixelStatistics:
    """Return what the values of an image ``(height, width, n_channels)`` are like.

    Examples
    --------
    >>> found = pixel_statistics(np.array([[[0], [9], [9], [0]]], dtype=np.uint16))
    >>> found.minimum, found.maximum, found.share_at_maximum, found.is_two_valued
    (0.0, 9.0, 0.5, True)
    """
    measure = _counted if image.dtype in (np.uint8, np.uint16) else _ordered
    channels = [measure(image[:, :, place]) for place in range(image.shape[2])]
    minimum = min(channel.minimum for channel in channels)
    maximum = max(channel.maximum for channel in channels)
    n_pixels = image.shape[0] * image.shape[1]
    at_maximum = [channel.count_of(maximum) for channel in channels]
    at_minimum = [channel.count_of(minimum) for channel in channels]
    return PixelStatistics(
        minimum,
        maximum,
        max(channel.spread for channel in channels),
        max(at_maximum) / n_pixels,
        sum(channel.minimum == channel.maximum for channel in channels),
        minimum < maximum and sum(at_maximum) + sum(at_minimum) == image.size,
        _look(image),
    )


@dataclass(frozen=True)
class _Channel:
    minimum: float
    maximum: float
    spread: float
    count_of: Callable[[float], int]


def _counted(channel: np.ndarray) -> _Channel:
    """Look at a channel of few possible values by counting each of them."""
    n_rows = max(1, N_AT_ONCE // channel.shape[1])
    n_values = np.iinfo(channel.dtype).max + 1
    counts = np.zeros(n_values, dtype=np.int64)
    for row in range(0, len(channel), n_rows):
        counts += np.bincount(channel[row : row + n_rows].ravel(), minlength=n_values)
    present = np.flatnonzero(counts)
    low, high = np.searchsorted(np.cumsum(counts), _quantile_places(channel.size), "right")
    return _Channel(
        float(present[0]),
        float(present[-1]),
        float(high - low),
        lambda value: int(counts[int(value)]),
    )


def _ordered(channel: np.ndarray) -> _Channel:
    """Look at a channel of any values; its quantiles are those of a sample if it is large."""
    values = np.ascontiguousarray(channel).reshape(-1)
    sample = values[:: -(-len(values) // N_SAMPLED)]
    low, high = _quantile_places(len(sample))
    ordered = np.partition(sample, [low, high])
    return _Channel(
        float(values.min()),
        float(values.max()),
        float(ordered[high]) - float(ordered[low]),
        lambda value: int(np.count_nonzero(values == value)),
    )


def _quantile_places(n_values: int) -> tuple[int, int]:
    return int(LOW * (n_values - 1)), int(HIGH * (n_values - 1))


def _look(image: np.ndarray) -> str:
    height, width, _ = image.shape
    steps = [max(1, side // (N_FIELDS * N_PIXELS_OF_FIELD)) for side in (height, width)]
    sample = image[:: steps[0], :: steps[1]]
    for axis in (0, 1):
        edges = np.linspace(0, sample.shape[axis], N_FIELDS, endpoint=False).astype(np.intp)
        n_summed = np.diff([*edges, sample.shape[axis]]).clip(1)
        sums = np.add.reduceat(sample, edges, axis=axis, dtype=np.float64)
        sample = sums / np.expand_dims(n_summed, (1, 2) if axis == 0 else (0, 2))
    light = sample.sum(axis=2)
    darkest, brightest = light.min(), light.max()
    if not darkest < brightest:
        return "0" * N_FIELDS**2
    levels = (light - darkest) / (brightest - darkest) * (N_LEVELS - 1)
    return "".join(f"{level:x}" for level in np.rint(levels).astype(int).ravel().tolist())


def looks_alike(first: str, second: str) -> bool:
    """Tell whether two images with these looks show the same, as far as can be seen from afar.

    Examples
    --------
    >>> looks_alike("01f", "02f"), looks_alike("01f", "f10")
    (True, False)
    """
    pairs = zip(first, second, strict=True)
    return sum(abs(int(one, 16) - int(other, 16)) for one, other in pairs) <= len(first)
