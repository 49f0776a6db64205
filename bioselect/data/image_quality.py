"""What can be measured of one image without knowing what it shows: focus, light, channels, form."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: Pixel types by their number in a row of measures.
DTYPES = (
    *("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
    *("float16", "float32", "float64"),
)
#: Channels whose light is measured.
N_CHANNELS = 4
#: Of larger images every so many-th pixel is looked at, and focus in so many windows a side.
_MOST_PIXELS, _WINDOW, _N_WINDOWS = 1 << 20, 256, 3
_NOTHING = 1e-4
#: Squared differences of a perfectly smooth image by those at half its size.
_OF_SMOOTH = 0.25
_SHORTEST = 8


class Measures(NamedTuple):
    """What an image is like.

    `focus` compares the edges of the image with those at half its size (a decadic logarithm): it
    falls by blurring, hardly depends on what is shown, and not at all on exposure; 0 of one
    colour. `clipped` is the share of pixels that have the highest value of the image, in the
    channel where it is largest. `brightness` is the mean; `colour` the mean difference between
    channels. Whole numbers are shares of what the pixel type holds, others
    as they are. `dtype` is a place in `DTYPES` (-1: another), `light` the mean of each of the
    first `N_CHANNELS` channels, 0 where there are fewer.
    """

    focus: float
    clipped: float
    brightness: float
    colour: float
    height: float
    width: float
    n_channels: float
    dtype: float
    light: tuple[float, ...]

    def as_row(self) -> list[float]:
        """Return all of it as one list of numbers."""
        return [*self[:-1], *self.light]

    @classmethod
    def of_row(cls, row: list[float]) -> Measures:
        """Return what :meth:`as_row` gave.

        Examples
        --------
        >>> found = measures(np.zeros((4, 6, 3), dtype=np.uint8))
        >>> Measures.of_row(found.as_row()) == found
        True
        """
        n_plain = len(cls._fields) - 1
        plain = dict(zip(cls._fields, row[:n_plain], strict=False))
        return cls(**plain, light=tuple(row[n_plain:]))


#: How many numbers a row of measures has.
N_MEASURES = len(Measures._fields) - 1 + N_CHANNELS


def measures(image: np.ndarray) -> Measures:
    """Return what an image is like.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)`` as :func:`bioselect.data.reading.read_image` returns it.

    Examples
    --------
    >>> image = np.zeros((4, 4, 1), dtype=np.uint8)
    >>> image[:2] = 255
    >>> found = measures(image)
    >>> found.clipped, found.brightness, found.colour
    (0.5, 0.5, 0.0)
    """
    height, width, n_channels = image.shape
    step = max(1, int(np.ceil(np.sqrt(height * width / _MOST_PIXELS))))
    looked_at = image[::step, ::step]
    full = float(np.iinfo(image.dtype).max) if image.dtype.kind in "iu" else 1.0
    channels = [looked_at[:, :, place] for place in range(n_channels)]
    highest = max(channel.max() for channel in channels)
    light = [float(channel.mean(dtype=np.float64)) / full for channel in channels]
    named = image.dtype.name
    return Measures(
        focus=_focus(image),
        clipped=max(float((channel == highest).mean()) for channel in channels),
        brightness=float(np.mean(light)),
        colour=_colour(channels, full),
        height=float(height),
        width=float(width),
        n_channels=float(n_channels),
        dtype=float(DTYPES.index(named) if named in DTYPES else -1),
        light=tuple((light + [0.0] * N_CHANNELS)[:N_CHANNELS]),
    )


def _colour(channels: list[np.ndarray], full: float) -> float:
    """Return the mean difference of the other channels from the first."""
    if len(channels) == 1:
        return 0.0
    first = channels[0].astype(np.float32)
    gaps = [float(np.abs(one - first).mean(dtype=np.float64)) for one in channels[1:]]
    return float(np.mean(gaps)) / full


def _focus(image: np.ndarray) -> float:
    fine, coarse = 0.0, 0.0
    for window in _windows(image):
        light = window[:, :, 0].astype(np.float32)
        for place in range(1, window.shape[2]):
            light += window[:, :, place]
        if min(light.shape) >= _SHORTEST:
            fine += _edges(light)
            coarse += _edges(_halved(light))
    if coarse <= _NOTHING:
        return 0.0  # One colour: neither sharp nor blurred.
    return float(np.log10(max(fine / coarse - _OF_SMOOTH, _NOTHING)))


def _edges(light: np.ndarray) -> float:
    """Return the mean square of differences between neighbours."""
    down, right = np.diff(light, axis=0), np.diff(light, axis=1)
    return float(np.square(down).mean(dtype=np.float64) + np.square(right).mean(dtype=np.float64))


def _halved(light: np.ndarray) -> np.ndarray:
    height, width = (side // 2 * 2 for side in light.shape)
    even = light[:height, :width]
    found: np.ndarray = (
        even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    ) / 4.0
    return found


def _windows(image: np.ndarray) -> list[np.ndarray]:
    height, width, _ = image.shape
    if height * width <= _MOST_PIXELS:
        return [image]
    tops = np.linspace(0, max(0, height - _WINDOW), _N_WINDOWS).astype(int)
    lefts = np.linspace(0, max(0, width - _WINDOW), _N_WINDOWS).astype(int)
    return [image[top : top + _WINDOW, left : left + _WINDOW] for top in tops for left in lefts]
