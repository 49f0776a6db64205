"""Images of any size through a network that takes tiles of one size, a row of tiles at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from bioselect.data.pairs import Scene
from bioselect.exceptions import UnreadableImageError
from bioselect.networks.masks.feeding import fitted
from bioselect.networks.masks.tiling import TilePlan, starts_of, weights_of

#: Tiles of training images on which a network and what it is compiled to are compared.
N_SAMPLED = 8


class TiledNetwork(ABC):
    """What predicts tile by tile; how one is predicted is for those who derive from it."""

    tiles: TilePlan

    @property
    @abstractmethod
    def n_channels(self) -> int:
        """How many channels an image must have."""

    @property
    @abstractmethod
    def n_classes(self) -> int:
        """How many classes there are."""

    @abstractmethod
    def predict_tiles(self, images: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """Give float32 ``(height, width, n_classes)`` of each tile.

        Parameters
        ----------
        images : sequence of np.ndarray
            float32 ``(height, width, n_channels)``, of the size of a tile.
        """

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the probabilities of an image from top to bottom, some rows at a time.

        Tiles overlap, and where they do their probabilities are averaged with weights that rise
        smoothly from their borders. No more than one row of tiles is held. One channel becomes as
        many equal ones as the network needs.

        Raises
        ------
        UnreadableImageError
            If the image has another number of channels.
        """
        height, width, n_channels = scene.shape
        if n_channels not in (1, self.n_channels):
            raise UnreadableImageError(
                f"the network accepts images with {self.n_channels} channels. Got {n_channels}. "
                "Save the image with as many channels."
            )
        (tile, _), overlap = self.tiles.size, self.tiles.overlap
        starts, weights = starts_of(height, tile, overlap), weights_of(height, tile, overlap)
        done = 0
        waiting = np.zeros((0, width, self.n_classes), dtype=np.float32)
        for number, (start, weight) in enumerate(zip(starts, weights, strict=True)):
            stop = start + len(weight)
            grown = np.zeros((stop - done, width, self.n_classes), dtype=np.float32)
            grown[: len(waiting)] = waiting
            self._add_row(scene, slice(start, stop), weight, grown[start - done :])
            # What lies above the next tile gets nothing more.
            until = starts[number + 1] if number + 1 < len(starts) else height
            yield slice(done, until), grown[: until - done]
            waiting, done = grown[until - done :], until

    def _add_row(self, scene: Scene, rows: slice, weight: np.ndarray, total: np.ndarray) -> None:
        """Add the probabilities of one row of tiles, times their weights."""
        width = scene.shape[1]
        tile, overlap = self.tiles.size[1], self.tiles.overlap
        weights = weights_of(width, tile, overlap)
        columns = [
            slice(start, start + len(across))
            for start, across in zip(starts_of(width, tile, overlap), weights, strict=True)
        ]
        images = [self._tile(scene.window(rows, one)) for one in columns]
        found = self.predict_tiles(images)
        for place, across, probabilities in zip(columns, weights, found, strict=True):
            part = probabilities[: len(weight), : len(across)]
            total[:, place] += part * weight[:, None, None] * across[:, None]

    def sample_tiles(self, scenes: Sequence[Scene]) -> Iterator[np.ndarray]:
        """Give some tiles as the network takes them, evenly spread over all of some images."""
        sizes = [one.shape[:2] for one in scenes]
        ends = np.cumsum([0, *(self.tiles.n_tiles(size) for size in sizes)])
        n_tiles = int(ends[-1])
        chosen = np.linspace(0, n_tiles - 1, min(N_SAMPLED, n_tiles)).round().astype(np.int64)
        for number in chosen.tolist():
            place = int(np.searchsorted(ends, number, side="right")) - 1
            tops, lefts = (
                starts_of(have, tile, self.tiles.overlap)
                for have, tile in zip(sizes[place], self.tiles.size, strict=True)
            )
            row, column = divmod(number - int(ends[place]), len(lefts))
            top, left = tops[row], lefts[column]
            height, width = self.tiles.size
            yield self._tile(
                scenes[place].window(slice(top, top + height), slice(left, left + width))
            )

    def _tile(self, image: np.ndarray) -> np.ndarray:
        """Return a window filled up to a tile, with as many channels as the network takes."""
        filled = fitted(np.asarray(image, dtype=np.float32), self.tiles.size)
        return np.repeat(filled, self.n_channels // image.shape[2], axis=2)
