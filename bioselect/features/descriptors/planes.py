"""An image as planes of one channel each: what most descriptors describe, one after the other.

Channels of a microscope carry different stains, so by default each is described on its own; where
the images of a set differ in their channels, the mean of the channels describes them all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bioselect.exceptions import ComponentError, DataError, UnreadableImageError
from bioselect.features.base import ImageShape

EACH = "each"
MEAN = "mean"

MEAN_REMEDY = "Write `params: {channels: mean}` to describe the mean of the channels"


def planes(image: np.ndarray, channels: str) -> list[np.ndarray]:
    """Return the planes of an image that are to be described.

    Parameters
    ----------
    image : numpy.ndarray
        Float32, (height, width, n_channels), in [0, 1].
    channels : str
        "each" for every channel on its own, "mean" for the mean of all channels.

    Returns
    -------
    list of numpy.ndarray
        Float32, (height, width) each, contiguous, never to be written into.

    Examples
    --------
    >>> image = np.array([[[0.0, 0.5, 1.0]]], dtype=np.float32)
    >>> [plane.item() for plane in planes(image, "each")]
    [0.0, 0.5, 1.0]
    >>> planes(image, "mean")[0].item()
    0.5
    """
    each = [np.ascontiguousarray(image[:, :, channel]) for channel in range(image.shape[2])]
    if channels == EACH or len(each) == 1:
        return each
    total = each[0] + each[1]
    for plane in each[2:]:
        total += plane
    return [total / np.float32(len(each))]


def n_planes(shape: ImageShape, channels: str) -> int:
    """Return how many planes `planes` returns of an image of `shape`.

    Examples
    --------
    >>> n_planes((20, 30, 4), "each"), n_planes((20, 30, 4), "mean")
    (4, 1)
    """
    return shape[2] if channels == EACH else 1


def channel_names(channels: str, n_channels: int) -> list[str]:
    """Return what to call the planes that `planes` returns, at the end of a feature's name.

    Examples
    --------
    >>> channel_names("each", 3), channel_names("mean", 3)
    (['c0', 'c1', 'c2'], ['cmean'])
    """
    if channels == EACH:
        return [f"c{channel}" for channel in range(n_channels)]
    return [f"c{channels}"]


def described(
    name: str,
    images: Sequence[np.ndarray],
    describe: Callable[[np.ndarray], np.ndarray],
    remedy: str = MEAN_REMEDY,
) -> np.ndarray:
    """Return the rows of images, one below the other.

    Parameters
    ----------
    name : str
        The descriptor's name, for the error.
    images : sequence of numpy.ndarray
        Float32, (height, width, n_channels), in [0, 1].
    describe : callable
        Returns the row of one image, (n_features,).
    remedy : str
        What to do about images that differ in their number of channels.

    Returns
    -------
    numpy.ndarray
        Float32, (n_images, n_features).

    Raises
    ------
    DataError
        If the rows differ in length because the images differ in their number of channels.
    """
    rows = [describe(image) for image in images]
    if len({len(row) for row in rows}) > 1:
        counts = sorted({image.shape[2] for image in images})
        found = " and ".join(str(count) for count in counts)
        raise DataError(
            f"{name}: all images of a set must have the same number of channels. Got {found}. "
            f"{remedy}, or convert the images."
        )
    return np.asarray(rows, dtype=np.float32)


def require_size(name: str, image: np.ndarray, side: int, because: str) -> None:
    """Raise `UnreadableImageError` if an image has a side below `side` pixels.

    `because` names the parameter that asks for this size, as in "params.radii".
    """
    height, width = image.shape[:2]
    if min(height, width) < side:
        raise UnreadableImageError(
            f"{name}: images must be at least {side} x {side} pixels. Got {height} x {width}. "
            f"Choose smaller {because}, or leave such images out."
        )


def require_list(
    where: str, values: Sequence[float], rule: str, *, whole: bool, low: float, high: float
) -> None:
    """Raise `ComponentError` unless `values` are different numbers within [low, high].

    Examples
    --------
    >>> require_list("lbp: params.radii", [1, 2], "radii in pixels", whole=True, low=1, high=99)
    """
    kinds = (int,) if whole else (int, float)
    fine = (
        len(values) > 0
        and all(
            isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high
            for value in values
        )
        and len(set(values)) == len(values)
    )
    if not fine:
        raise ComponentError(f"{where} must be {rule}. Got {list(values)!r}.")
