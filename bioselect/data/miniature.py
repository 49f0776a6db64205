"""An image from afar, small enough to be kept of every image: by it near copies are found."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv

#: Pixels a side. The ratio of the sides is not kept.
SIDE = 32
#: Of a larger image only every so many-th pixel is looked at that this many a field are left.
N_PIXELS_OF_FIELD = 16
_HIGHEST = 255


def miniature(image: np.ndarray) -> str:
    """Return the light of an image ``(height, width, n_channels)`` in 32 x 32 fields, as text.

    The light is the mean of the channels, from 0 (the darkest field) to 255 (the brightest), one
    byte a field, row by row, in base64. It is nearly the same for copies of another size, depth
    or format. An image of one light is all 0.

    Examples
    --------
    >>> image = np.zeros((64, 64, 3), dtype=np.uint16)
    >>> image[:32] = 3000
    >>> pixels_of([miniature(image)])[0, :, 5].tolist() == [255.0] * 16 + [0.0] * 16
    True
    """
    cv2 = opencv()
    steps = [max(1, side // (SIDE * N_PIXELS_OF_FIELD)) for side in image.shape[:2]]
    light = image[:: steps[0], :: steps[1]].mean(axis=2, dtype=np.float64)
    darkest, brightest = light.min(), light.max()
    if not darkest < brightest:
        return _as_text(np.zeros((SIDE, SIDE), dtype=np.uint8))
    # Before it is made smaller, so that values of any size become float32 without loss.
    small = ((light - darkest) / (brightest - darkest)).astype(np.float32)
    height, width = small.shape
    small = cv2.resize(small, (min(width, SIDE), min(height, SIDE)), interpolation=cv2.INTER_AREA)
    small = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    small -= small.min()
    return _as_text(np.rint(small * (_HIGHEST / max(float(small.max()), 1e-12))))


def pixels_of(miniatures: Sequence[str]) -> np.ndarray:
    """Return float32 ``(n_images, 32, 32)`` in [0, 255] of what :func:`miniature` wrote."""
    stored = b"".join(base64.b64decode(text) for text in miniatures)
    return np.frombuffer(stored, dtype=np.uint8).reshape(-1, SIDE, SIDE).astype(np.float32)


def _as_text(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.astype(np.uint8).tobytes()).decode("ascii")
