"""The picture of a package: what it is given on the left, what it says on the right."""

from __future__ import annotations

import io

import numpy as np

from bioselect.data.resizing import resize
from bioselect.drawing.colours import BLACK, IN_TURN

#: Height and half the width, in pixels: the Zoo wants pictures twice as wide as high.
SIDE = 256
#: Of the classes, the first of which is often the background.
COLOURS = np.array(
    [[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in (BLACK, *IN_TURN)],
    dtype=np.float32,
)
PAPER = 0.96


def cover(image: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return uint8 ``(256, 512, 3)``.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)``, as it lies in a file.
    said : np.ndarray
        The probabilities of each class (drawn as bars), or of each class for every pixel (each
        pixel gets the colour of its class), or a number (nothing is drawn).

    Examples
    --------
    >>> cover(np.zeros((8, 8, 1), dtype=np.uint8), np.array([0.25, 0.75])).shape
    (256, 512, 3)
    """
    right = _classes(said) if said.ndim == 3 else _bars(said)
    both = np.concatenate([_shown(image), right], axis=1)
    picture: np.ndarray = np.rint(255 * np.clip(both, 0.0, 1.0)).astype(np.uint8)
    return picture


def as_png(picture: np.ndarray) -> bytes:
    """Return a picture as PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return buffer.getvalue()


def _shown(image: np.ndarray) -> np.ndarray:
    """Return the first three channels, or the first one as grey, from dark to bright."""
    chosen = image[:, :, :3] if image.shape[2] >= 3 else image[:, :, :1]
    values = chosen.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low or 1.0)
    shown = resize(np.ascontiguousarray(scaled), (SIDE, SIDE))
    return np.broadcast_to(shown, (SIDE, SIDE, 3))


def _classes(said: np.ndarray) -> np.ndarray:
    rows, columns = (np.arange(SIDE) * length // SIDE for length in said.shape[:2])
    places = said.argmax(axis=-1)[rows][:, columns]
    coloured: np.ndarray = COLOURS[places % len(COLOURS)]
    return coloured


def _bars(said: np.ndarray) -> np.ndarray:
    drawn = np.full((SIDE, SIDE, 3), PAPER, dtype=np.float32)
    if said.ndim != 1 or len(said) < 2:
        return drawn
    height = SIDE // len(said)
    for place, share in enumerate(said[: SIDE // 2]):
        top = place * height + height // 4
        width = max(1, round(float(np.clip(share, 0.0, 1.0)) * SIDE))
        drawn[top : top + max(1, height // 2), :width] = COLOURS[place % len(COLOURS)]
    return drawn
