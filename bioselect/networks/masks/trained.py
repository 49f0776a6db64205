"""A network of masks that was trained: it predicts images of any size, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_tensorflow
from bioselect.backbones.saving import read_keras, write_keras
from bioselect.data.pairs import Scene
from bioselect.exceptions import BundleError, UnreadableImageError
from bioselect.networks.history import EpochRecord
from bioselect.networks.masks.feeding import fitted
from bioselect.networks.masks.tiling import TilePlan, starts_of, weights_of
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.stepping import traced_once

KIND = "network"
NETWORK_FILE = "network.keras"


@dataclass(frozen=True, eq=False)
class MaskNetwork:
    """A network that predicts.

    Parameters
    ----------
    model : keras.Model
        From float32 ``(n_images, height, width, n_channels)`` in [0, 1] to the probabilities of
        every pixel. The scaling of the pixels is inside.
    tiles : TilePlan
        How large images are divided.
    best_epoch : int
        The epoch whose weights these are; 0 where that is not known, in a model that was opened.
    history : tuple of EpochRecord
        What became of every epoch, as far as it is known.
    seconds : tuple of float
        What each epoch took.
    """

    model: Any
    tiles: TilePlan
    best_epoch: int = 0
    history: tuple[EpochRecord, ...] = ()
    seconds: tuple[float, ...] = ()

    @property
    def n_channels(self) -> int:
        """How many channels an image must have."""
        return int(self.model.input_shape[-1])

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return int(self.model.output_shape[-1])

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the probabilities of an image from top to bottom, some rows at a time.

        Tiles overlap, and where they do their probabilities are averaged with weights that rise
        smoothly from their borders. No more than one row of tiles is held.

        One channel becomes as many equal ones as the network needs.

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

    def save(self, folder: Path) -> dict[str, Any]:
        """Write `network.keras` into a folder; the same network gives the same bytes."""
        write_keras(Path(folder) / NETWORK_FILE, self.model)
        return {
            "kind": KIND,
            "tile": list(self.tiles.size),
            "overlap": self.tiles.overlap,
            "multiple": self.tiles.multiple,
        }

    def _add_row(self, scene: Scene, rows: slice, weight: np.ndarray, total: np.ndarray) -> None:
        """Add the probabilities of one row of tiles, times their weights."""
        width = scene.shape[1]
        tile, overlap = self.tiles.size[1], self.tiles.overlap
        for start, across in zip(
            starts_of(width, tile, overlap), weights_of(width, tile, overlap), strict=True
        ):
            columns = slice(start, start + len(across))
            each = self._probabilities(scene.window(rows, columns))
            each *= weight[:, None, None]
            each *= across[:, None]
            total[:, columns] += each

    def _probabilities(self, image: np.ndarray) -> np.ndarray:
        """Return the probabilities of one tile, filled up to a size that the network takes."""
        height, width, n_channels = image.shape
        size = self.tiles.padded((height, width))
        tile = fitted(np.asarray(image, dtype=np.float32), size)
        batch = np.repeat(tile, self.n_channels // n_channels, axis=2)[np.newaxis]
        with (
            full_precision(),
            explained_memory_errors(self.model.name, 1, (*size, n_channels), "patch_size"),
        ):
            found: np.ndarray = self._compiled(size)(batch).numpy()
        return np.array(found[0, :height, :width])

    def _compiled(self, size: tuple[int, int]) -> Callable[[np.ndarray], Any]:
        """Return the network for tiles of a size: bilinear doubling has to know it beforehand."""
        if size not in self._functions:
            tensorflow = import_tensorflow()
            shape = (1, *size, self.n_channels)
            self._functions[size] = traced_once(
                lambda images: self.model(images, training=False),
                [tensorflow.TensorSpec(shape, tensorflow.float32)],
            )
        return self._functions[size]

    @cached_property
    def _functions(self) -> dict[tuple[int, int], Callable[[np.ndarray], Any]]:
        return {}


def load_mask_network(folder: Path, facts: Mapping[str, Any]) -> MaskNetwork:
    """Open a network that was saved; nothing in its file is run.

    Raises
    ------
    BundleError
        If it is damaged, brings code of its own, or is another kind of model.
    """
    path = Path(folder) / NETWORK_FILE
    model = read_keras(path)
    shapes = (model.input_shape, model.output_shape)
    if not all(isinstance(shape, tuple) for shape in shapes) or tuple(map(len, shapes)) != (4, 4):
        raise BundleError(
            f"{path}: must be a network from images to maps of classes. Got a model from "
            f"{shapes[0]} to {shapes[1]}. Take another copy of the model."
        )
    height, width = facts["tile"]
    return MaskNetwork(
        model, TilePlan((int(height), int(width)), int(facts["overlap"]), int(facts["multiple"]))
    )
