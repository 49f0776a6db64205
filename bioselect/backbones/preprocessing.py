"""From images in [0, 1] to the pixel values that a network was trained on.

Keras's own functions write into the array that they are given; these never do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.backbones.per_channel import PerChannel

#: What each way of scaling does to RGB images. The first three are Keras's names.
MODES = {
    "caffe": "0 to 255, blue first, ImageNet's mean colour subtracted",
    "tf": "-1 to 1",
    "torch": "0 to 1, standardised with ImageNet's mean and standard deviation per channel",
    "none": "0 to 255; the network scales by itself",
    "unit": "0 to 1, as they are",
}
CAFFE_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)
TORCH_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
TORCH_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def preprocess(
    images: np.ndarray, mode: str | PerChannel, out: np.ndarray | None = None
) -> np.ndarray:
    """Scale images as a network expects them.

    Parameters
    ----------
    images : np.ndarray
        float32 ``(n_images, height, width, n_channels)`` in [0, 1]; RGB for "caffe" and "torch".
        They are left as they are.
    mode : str or PerChannel
        One of `MODES`, whose numbers equal, bit by bit, those of Keras's `preprocess_input` for
        the same images times 255; or the mean and standard deviation of each channel.
    out : np.ndarray, optional
        float32 of the same shape, for the result; by default a new array.

    Returns
    -------
    np.ndarray
        float32 of the same shape.

    Examples
    --------
    >>> grey = np.full((1, 1, 1, 3), 0.5, dtype=np.float32)
    >>> preprocess(grey, "tf").ravel().tolist(), preprocess(grey, "none").ravel().tolist()
    ([0.0, 0.0, 0.0], [127.5, 127.5, 127.5])
    >>> preprocess(grey, PerChannel((0.5, 0.25, 0.0), (0.5, 0.5, 0.5))).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    images = np.asarray(images, dtype=np.float32)
    pixels = np.empty_like(images) if out is None else out
    if isinstance(mode, PerChannel):
        np.subtract(images, np.array(mode.mean, dtype=np.float32), out=pixels)
        pixels /= np.array(mode.std, dtype=np.float32)
        return pixels
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}. Got {mode!r}.")
    if mode == "unit":
        pixels[...] = images
        return pixels
    np.multiply(images[..., ::-1] if mode == "caffe" else images, np.float32(255), out=pixels)
    if mode == "tf":
        pixels /= np.float32(127.5)
        pixels -= np.float32(1)
    elif mode == "torch":
        pixels /= np.float32(255)
        pixels -= TORCH_MEAN
        pixels /= TORCH_DEVIATION
    elif mode == "caffe":
        pixels -= CAFFE_MEAN
    return pixels


def check_shapes(images: Sequence[np.ndarray], image_shape: tuple[int, int, int]) -> None:
    """Refuse images that have not the shape (height, width, n_channels) of a network's."""
    for image in images:
        if image.shape != image_shape:
            raise ValueError(f"images must have the shape {image_shape}. Got {image.shape}.")
