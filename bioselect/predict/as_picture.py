"""An image of any depth and channels as a picture that a person can look at."""

from __future__ import annotations

import numpy as np

from bioselect.data.preparation import N_COLOURS

#: The darkest and the lightest pixels (in percent) become black and white.
_DARKEST, _LIGHTEST = 0.5, 99.5
#: So many values decide what is dark and what is light; of a large image, evenly spread ones.
_N_LOOKED_AT = 1_000_000
#: Rows that are turned into floats at a time.
_BAND = 256


def as_picture(image: np.ndarray, are_colours: bool | None = None) -> np.ndarray:
    """Return an image as it is shown: stretched from its darkest to its lightest pixels.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)`` of any type.
    are_colours : bool, optional
        Whether the three channels are red, green and blue, which are stretched together; by
        default so are those of 8-bit images. Other channels are stretched one by one and shown
        as their mean, in grey.

    Returns
    -------
    np.ndarray
        uint8 ``(height, width, 3)``.

    Examples
    --------
    >>> dark = np.array([[[10], [20], [30]]], dtype=np.uint16)
    >>> as_picture(dark)[0, :, 0].tolist()
    [0, 128, 255]
    """
    if are_colours is None:
        are_colours = image.dtype == np.uint8
    if image.shape[2] != N_COLOURS:
        are_colours = False
    ends = _ends(image, are_colours)
    picture = np.empty((*image.shape[:2], N_COLOURS), dtype=np.uint8)
    for top in range(0, len(image), _BAND):
        rows = slice(top, top + _BAND)
        scaled = (image[rows].astype(np.float32) - ends[0]) / (ends[1] - ends[0])
        np.clip(scaled, 0.0, 1.0, out=scaled)
        if not are_colours:
            scaled = scaled.mean(axis=2, keepdims=True)
        picture[rows] = np.rint(scaled * 255.0)
    return picture


def _ends(image: np.ndarray, are_colours: bool) -> np.ndarray:
    """Return float32 ``(2, n_channels)``: what becomes black, and what becomes white."""
    step = max(1, int(np.ceil(np.sqrt(image.size / _N_LOOKED_AT))))
    values = image[::step, ::step].astype(np.float32)
    axes = None if are_colours else (0, 1)
    found = np.percentile(values, (_DARKEST, _LIGHTEST), axis=axes)
    ends: np.ndarray = np.empty((2, image.shape[2]), dtype=np.float32)
    ends[:] = found[:, None] if are_colours else found
    ends[1] = np.where(ends[1] > ends[0], ends[1], ends[0] + 1.0)
    return ends
