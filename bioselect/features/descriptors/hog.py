"""Histograms of oriented gradients: which way edges run, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    MEAN,
    channel_names,
    described,
    planes,
)

STRONGEST = "strongest"
#: Two differences, length, angle and class of a gradient, and its sum; per pixel and channel.
OPERATIONS_PER_PIXEL = 20


class HistogramOfOrientedGradients(Extractor):
    """Histograms of oriented gradients on a fixed grid.

    Images are resized to `size` x `size` pixels, whatever their shape, so that all rows have one
    length and a cell is one place. Each cell of `cell` x `cell` pixels gets a histogram of the
    directions of its gradients (0 to 180 degrees), weighted by their lengths; overlapping blocks of
    `block` x `block` cells are normalised together (L2, clipped at 0.2, L2 again).

    Cells start at the top left, and only whole ones count: where `size` is no multiple of `cell`,
    the `size % cell` pixels that are left over at the right and at the bottom are in no cell
    (they still are neighbours to the gradients of those beside them). Choose a divisor of `size`
    to use all of the image.

    Parameters
    ----------
    size : int
        Side in pixels that images are resized to.
    cell : int
        Side of a cell in pixels; any number for which a block fits into the image.
    block : int
        Side of a block in cells.
    orientations : int
        Classes of direction.
    channels : {"strongest", "mean", "each"}
        At each pixel the channel with the strongest gradient; the mean of the channels; or every
        channel on its own, one after the other.

    References
    ----------
    Dalal, Triggs (2005), "Histograms of oriented gradients for human detection", CVPR, 886-893.

    Examples
    --------
    >>> image = np.random.default_rng(0).random((128, 128, 3)).astype(np.float32)
    >>> HistogramOfOrientedGradients().transform([image]).shape  # 7 x 7 blocks of 4 cells x 9
    (1, 1764)
    """

    def __init__(
        self,
        size: int = 128,
        cell: int = 16,
        block: int = 2,
        orientations: int = 9,
        channels: str = STRONGEST,
    ) -> None:
        if cell * block > size:
            raise ComponentError(
                f"hog: params.size must be at least cell times block ({cell} x {block} = "
                f"{cell * block}). Got {size}. Choose a larger size or smaller cells."
            )
        self.size = size
        self.cell = cell
        self.block = block
        self.orientations = orientations
        self.channels = channels

    @property
    def input_size(self) -> tuple[int, int]:  # type: ignore[override]
        """(height, width) that images are resized to before `transform`."""
        return (self.size, self.size)

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_blocks ** 2 * block ** 2 * orientations), all within [0, 1].

        `n_blocks` is `size // cell - block + 1`; "each" has as many rows of these, side by side, as
        there are channels.

        Raises
        ------
        UnreadableImageError
            If an image has not been resized to `input_size`.
        DataError
            If `channels` is "each" and the images differ in their number of channels.
        """
        return described("hog", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        if image.shape[:2] != self.input_size:
            height, width = image.shape[:2]
            raise UnreadableImageError(
                f"hog: images must be resized to {self.size} x {self.size} pixels first. Got "
                f"{height} x {width}. Use bioselect.data.resizing.resize."
            )
        if self.channels == STRONGEST:
            return self._histograms(image, -1)
        return np.concatenate([self._histograms(p, None) for p in planes(image, self.channels)])

    def _histograms(self, pixels: np.ndarray, channel_axis: int | None) -> np.ndarray:
        from skimage.feature import hog

        histograms: np.ndarray = hog(
            pixels,
            orientations=self.orientations,
            pixels_per_cell=(self.cell, self.cell),
            cells_per_block=(self.block, self.block),
            block_norm="L2-Hys",
            channel_axis=channel_axis,
        )
        return histograms

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `hog_block0-3_cell1-0_direction4_c0` (rows before columns)."""
        n_blocks = self.size // self.cell - self.block + 1
        return [
            f"hog_block{top}-{left}_cell{down}-{right}_direction{direction}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for top in range(n_blocks)
            for left in range(n_blocks)
            for down in range(self.block)
            for right in range(self.block)
            for direction in range(self.orientations)
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 20 operations per pixel and channel of `size` x `size` pixels."""
        n_channels = 1 if self.channels == MEAN else shape[2]
        return float(OPERATIONS_PER_PIXEL * n_channels * self.size**2)
