"""From images in [0, 1] to the pixel values that a network was trained on.

Keras's own functions write into the array that they are given; these never do.
"""

from __future__ import annotations

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
_CAFFE_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)
_TORCH_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_TORCH_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def preprocess(images: np.ndarray, mode: str | PerChannel) -> np.ndarray:
    """Scale images as a network expects them.

    Parameters
    ----------
    images : np.ndarray
        float32 ``(n_images, height, width, n_channels)`` in [0, 1]; RGB for "caffe" and "torch".
        They are left as they are.
    mode : str or PerChannel
        One of `MODES`, whose numbers equal, bit by bit, those of Keras's `preprocess_input` for
        the same images times 255; or the mean and standard deviation of each channel.

    Returns
    -------
    np.ndarray
        A new float32 array of the same shape.

    Examples
    --------
    >>> grey = np.full((1, 1, 1, 3), 0.5, dtype=np.float32)
    >>> preprocess(grey, "tf").ravel().tolist(), preprocess(grey, "none").ravel().tolist()
    ([0.0, 0.0, 0.0], [127.5, 127.5, 127.5])
    >>> preprocess(grey, PerChannel((0.5, 0.25, 0.0), (0.5, 0.5, 0.5))).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    if isinstance(mode, PerChannel):
        mean, std = (np.array(values, dtype=np.float32) for values in (mode.mean, mode.std))
        standardised: np.ndarray = (np.asarray(images, dtype=np.float32) - mean) / std
        return standardised
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}. Got {mode!r}.")
    pixels = np.array(images, dtype=np.float32)
    if mode == "unit":
        return pixels
    pixels *= np.float32(255)
    if mode == "tf":
        pixels /= np.float32(127.5)
        pixels -= np.float32(1)
    elif mode == "torch":
        pixels /= np.float32(255)
        pixels -= _TORCH_MEAN
        pixels /= _TORCH_DEVIATION
    elif mode == "caffe":
        pixels = np.ascontiguousarray(pixels[..., ::-1])
        pixels -= _CAFFE_MEAN
    return pixels


def check_shape(images: np.ndarray, image_shape: tuple[int, int, int]) -> None:
    """Refuse images ``(n_images, height, width, n_channels)`` of another shape than a network's."""
    if images.shape[1:] != image_shape:
        raise ValueError(f"images must have the shape {image_shape}. Got {images.shape[1:]}.")
