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
_NOTHING = 1e-12


class Measures(NamedTuple):
    """What an image is like.

    `focus` is the decadic logarithm of the energy of edges by that of all differences, both of the
    light: it falls by blurring and does not change with exposure. `clipped` is the share of pixels
    that have the highest value of the image in a channel. `brightness` is the mean; `colour` the
    mean difference between channels. Whole numbers are shares of what the pixel type holds, others
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
        return cls(*row[:n_plain], tuple(row[n_plain:]))  # type: ignore[arg-type]


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
    edges, spread, n_seen = 0.0, 0.0, 0
    for window in _windows(image):
        light = window[:, :, 0].astype(np.float32)
        for place in range(1, window.shape[2]):
            light += window[:, :, place]
        light -= light.mean(dtype=np.float64)
        spread += float(np.square(light).sum(dtype=np.float64))
        n_seen += light.size
        if min(light.shape) > 2:
            inner = 4.0 * light[1:-1, 1:-1]
            inner -= light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
            edges += float(np.square(inner).mean(dtype=np.float64)) * light.size
    if spread <= _NOTHING * max(n_seen, 1):
        return 0.0  # One colour: neither sharp nor blurred.
    return float(np.log10(max(edges / spread, _NOTHING)))


def _windows(image: np.ndarray) -> list[np.ndarray]:
    height, width, _ = image.shape
    if height * width <= _MOST_PIXELS:
        return [image]
    tops = np.linspace(0, max(0, height - _WINDOW), _N_WINDOWS).astype(int)
    lefts = np.linspace(0, max(0, width - _WINDOW), _N_WINDOWS).astype(int)
    return [image[top : top + _WINDOW, left : left + _WINDOW] for top in tops for left in lefts]
