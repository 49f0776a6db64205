"""Another size for an image: area averages when it shrinks, linear interpolation when it grows."""

from __future__ import annotations

import numpy as np

from bioselect.data.opencv import opencv

#: OpenCV's area filter refuses more channels at whole-number factors.
MAXIMUM_CHANNELS = 4


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the image at another size.

    A side that gets shorter is averaged over areas, so that no pixel is left out and fine
    structures do not alias; a side that gets longer is interpolated linearly. The ratio of the
    sides is not kept.

    Parameters
    ----------
    image : np.ndarray
        float32 ``(height, width, n_channels)`` in [0, 1], any number of channels.
    size : tuple of int
        ``(height, width)`` of the result, in pixels.

    Returns
    -------
    np.ndarray
        float32 ``(size[0], size[1], n_channels)`` in [0, 1]; `image` itself when it has that
        size already.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0, 1, 0.5, 0.5]], dtype=np.float32)[:, :, np.newaxis]
    >>> resize(image, (1, 2))[:, :, 0]
    array([[0.5, 0.5]], dtype=float32)
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return image
    cv2 = opencv()
    smaller = (min(height, image.shape[0]), min(width, image.shape[1]))
    resized = _resize_with(image, smaller, cv2.INTER_AREA)
    resized = _resize_with(resized, (height, width), cv2.INTER_LINEAR)
    return np.asarray(np.clip(resized, 0.0, 1.0))


def _resize_with(image: np.ndarray, size: tuple[int, int], method: int) -> np.ndarray:
    if image.shape[:2] == size:
        return image
    cv2 = opencv()
    blocks = []
    for first in range(0, image.shape[2], MAXIMUM_CHANNELS):
        block = np.ascontiguousarray(image[:, :, first : first + MAXIMUM_CHANNELS])
        resized = cv2.resize(block, (size[1], size[0]), interpolation=method)
        blocks.append(resized.reshape(*size, block.shape[2]))  # OpenCV drops a single channel.
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=2)
