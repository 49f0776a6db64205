"""What a model of masks is to a prediction, and the class of every pixel of an image by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import Scene
from bioselect.data.preparation import Reading
from bioselect.segmenters.base import most_probable

#: Told of the probabilities of some rows, float32 ``(n_rows, width, n_classes)``.
Taker = Callable[[slice, np.ndarray], None]


class AnyMaskModel(Protocol):
    """A trained model that gives every pixel a class."""

    @property
    def codes(self) -> MaskCodes:
        """The classes, and the codes of the masks it was trained with."""

    @property
    def reading(self) -> Reading:
        """How images are read."""

    @property
    def n_channels(self) -> int:
        """How many channels of an image it takes."""

    @property
    def image_dtype(self) -> str:
        """The pixel type of the training images, by NumPy's name."""

    @property
    def pixel_size(self) -> float | None:
        """Micrometres a pixel of the training images, if known."""

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the probabilities of an image from top to bottom, some rows at a time."""


def nobody(rows: slice, probabilities: np.ndarray) -> None:
    """Take the probabilities of some rows and keep none."""


def predicted_places(
    model: AnyMaskModel,
    scene: Scene,
    take: Taker = nobody,
    advance: Callable[[float], None] = lambda _: None,
) -> np.ndarray:
    """Return the class of every pixel, some rows in memory at a time.

    Parameters
    ----------
    model : AnyMaskModel
        The model.
    scene : Scene
        The image.
    take : callable
        Gets the probabilities of every band.
    advance : callable
        Told after every band which share of the image, from 0 to 1, is done.

    Returns
    -------
    np.ndarray
        uint8 ``(height, width)`` of class places.
    """
    height, width, _ = scene.shape
    places = np.empty((height, width), dtype=np.uint8)
    for rows, probabilities in model.bands(scene):
        places[rows] = most_probable(probabilities)
        take(rows, probabilities)
        advance(rows.stop / height)
    return places
