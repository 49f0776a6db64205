"""Small pictures of some images, for people to look at."""

from __future__ import annotations

import io

import numpy as np

from bioselect.data.preparation import N_COLOURS, Reading
from bioselect.data.reading import read_source
from bioselect.data.records import ImageRecord
from bioselect.data.resizing import resize
from bioselect.predict.as_picture import as_picture

#: The longer side of a small picture, in pixels; smaller images stay as they are.
LONGEST_SIDE = 160
#: Of larger images every so many-th pixel is taken first: averages over more would take seconds.
_LARGEST_SIDE = 4096
#: Images of 8 bits whose light differs by less are stretched like deeper ones.
_LEAST_CONTRAST = 64


def thumbnail(record: ImageRecord, reading: Reading) -> bytes:
    """Return a PNG of an image as it is shown.

    8-bit grey and colour stays as it is; what is deeper, nearly black or of other channels is
    stretched so that something is to be seen.

    Raises
    ------
    UnreadableImageError
        If the image cannot be read.
    """
    image = read_source(record.source, reading.stack)
    if reading.channels is not None and max(reading.channels) < image.shape[2]:
        image = image[:, :, list(reading.channels)]
    step = -(-max(image.shape[:2]) // _LARGEST_SIDE)
    return _png(small(_visible(np.ascontiguousarray(image[::step, ::step]))))


def _visible(image: np.ndarray) -> np.ndarray:
    if image.dtype == np.uint8 and image.shape[2] in (1, N_COLOURS):
        low, high = np.percentile(image, (0.5, 99.5))
        if high - low >= _LEAST_CONTRAST:
            return np.broadcast_to(image, (*image.shape[:2], N_COLOURS))
    return as_picture(image)


def small(picture: np.ndarray) -> np.ndarray:
    """Return a picture with sides of at most `LONGEST_SIDE`, their ratio kept.

    Examples
    --------
    >>> small(np.zeros((320, 640, 3), dtype=np.uint8)).shape
    (80, 160, 3)
    >>> small(np.zeros((24, 24, 3), dtype=np.uint8)).shape
    (24, 24, 3)
    """
    height, width = picture.shape[:2]
    share = LONGEST_SIDE / max(height, width)
    if share >= 1.0:
        return picture
    size = (max(1, round(height * share)), max(1, round(width * share)))
    resized = resize(picture.astype(np.float32) / 255.0, size)
    return np.asarray(np.rint(resized * 255.0), dtype=np.uint8)


def _png(picture: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
