"""Which tiles of a large image show nothing: glass, or the dark around a section."""

from __future__ import annotations

import numpy as np

from bioselect.data.tiles import Tiles

#: A tile is background if its light spreads over less than this part of what the image's does.
FLAT = 0.05
#: The parts of the light, in per cent, that a tile and the whole image may have outside of that.
TILE_PERCENT, IMAGE_PERCENT = 5.0, 0.1
#: The light is the mean over so many pixels a side, which takes out the noise of the camera.
FIELD = 4
#: Rows of fields that are averaged at once: a float copy of a whole scan would fill the memory.
ROWS_AT_ONCE = 64
RULE = (
    "a tile is background if the middle 90 % of its light spread over less than a twentieth of "
    "the range of the whole image"
)


def background_tiles(image: np.ndarray, tiles: Tiles) -> np.ndarray:
    """Return bool ``(n_rows, n_columns)``: which tiles of the grid show nothing.

    The light of a field is the mean over 4 x 4 pixels and all channels. A tile is background if
    the distance from the 5 % to the 95 % quantile of the light of its fields is less than a
    twentieth of the distance from the 0.1 % to the 99.9 % quantile over the whole image (or if the
    whole image has one light). So it is background however bright it is, a grain of dust
    does not matter, and neither does what covers less than a twentieth of it.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)`` in the file's own dtype.
    tiles : Tiles
        How it is cut.

    Examples
    --------
    >>> image = np.full((32, 64, 1), 200, dtype=np.uint8)
    >>> image[:, 32::8] = 90  # stripes on the right
    >>> background_tiles(image, Tiles(32, 32)).tolist()
    [[True, False]]
    """
    height, width = image.shape[:2]
    n_rows, n_columns = tiles.grid(height, width)
    light = _light(image)
    low, high = np.percentile(light, (IMAGE_PERCENT, 100 - IMAGE_PERCENT))
    flat = np.zeros((n_rows, n_columns), dtype=bool)
    for row, column in np.ndindex(n_rows, n_columns):
        rows, columns = (fields_inside(part) for part in tiles.at(row, column).window)
        ends = np.percentile(light[rows, columns], (TILE_PERCENT, 100 - TILE_PERCENT))
        flat[row, column] = high == low or ends[1] - ends[0] < FLAT * (high - low)
    return flat


def fields_inside(part: slice) -> slice:
    """Return the fields that lie wholly inside some rows or columns.

    Examples
    --------
    >>> fields_inside(slice(0, 32)), fields_inside(slice(34, 66))
    (slice(0, 8, None), slice(9, 16, None))
    """
    return slice(-(-part.start // FIELD), part.stop // FIELD)


def _light(image: np.ndarray) -> np.ndarray:
    """Return float32 ``(height // FIELD, width // FIELD)``: the mean light of each field."""
    n_rows, n_columns = image.shape[0] // FIELD, image.shape[1] // FIELD
    light = np.empty((n_rows, n_columns), dtype=np.float32)
    for first in range(0, n_rows, ROWS_AT_ONCE):
        last = min(first + ROWS_AT_ONCE, n_rows)
        part = image[first * FIELD : last * FIELD, : n_columns * FIELD]
        fields = part.reshape(last - first, FIELD, n_columns, FIELD * image.shape[2])
        light[first:last] = fields.mean(axis=(1, 3), dtype=np.float64)
    return light
