"""A network of masks that was trained: it predicts, and is kept as a file that any Keras opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_tensorflow
from bioselect.backbones.saving import read_keras, write_keras
from bioselect.backbones.table import LARGEST_INPUT
from bioselect.data.pairs import Scene
from bioselect.exceptions import BundleError
from bioselect.networks.history import EpochRecord
from bioselect.networks.masks.compiled import compiled_into, read_compiled
from bioselect.networks.masks.tiled import TiledNetwork
from bioselect.networks.masks.tiling import TilePlan
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.stepping import traced_once

KIND = "network"
NETWORK_FILE = "network.keras"


@dataclass(frozen=True, eq=False)
class MaskNetwork(TiledNetwork):
    """A network that Keras computes.

    Parameters
    ----------
    model : keras.Model
        From float32 ``(n_images, height, width, n_channels)`` in [0, 1] to the probabilities of
        every pixel. The scaling of the pixels is inside.
    tiles : TilePlan
        How images are divided.
    best_epoch : int
        The epoch whose weights these are; 0 where that is not known, in a model that was opened.
    history : tuple of EpochRecord
        What became of every epoch, as far as it is known.
    seconds : tuple of float
        What each epoch took.
    shown : tuple of Scene
        Images that it was trained on; none are known of a model that was opened. On some of their
        tiles the compiled network is compared with this one. They are not saved.
    """

    model: Any
    tiles: TilePlan
    best_epoch: int = 0
    history: tuple[EpochRecord, ...] = ()
    seconds: tuple[float, ...] = ()
    shown: tuple[Scene, ...] = ()

    @property
    def n_channels(self) -> int:
        """How many channels an image must have."""
        return int(self.model.input_shape[-1])

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return int(self.model.output_shape[-1])

    def predict_tiles(self, images: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """Give the probabilities of each tile."""
        shape = (*self.tiles.size, self.n_channels)
        for image in images:
            with (
                full_precision(),
                explained_memory_errors(self.model.name, 1, shape, "patch_size"),
            ):
                found: np.ndarray = self._compiled(image[np.newaxis]).numpy()
            yield found[0]

    def save(self, folder: Path) -> dict[str, Any]:
        """Write `network.keras` into a folder, compiled as well where that is as good.

        The same network gives the same bytes.
        """
        write_keras(Path(folder) / NETWORK_FILE, self.model)
        shape = (*self.tiles.size, self.n_channels)
        why_not = compiled_into(Path(folder), self.model, shape, self.sample_tiles(self.shown))
        return {
            "kind": KIND,
            "tile": list(self.tiles.size),
            "overlap": self.tiles.overlap,
            "n_channels": self.n_channels,
            "compiled": not why_not,
            "why_not": why_not,
        }

    @cached_property
    def _compiled(self) -> Callable[[np.ndarray], Any]:
        """The network for tiles of one size: bilinear doubling has to know it beforehand."""
        tensorflow = import_tensorflow()
        shape = (1, *self.tiles.size, self.n_channels)
        return traced_once(
            lambda images: self.model(images, training=False),
            [tensorflow.TensorSpec(shape, tensorflow.float32)],
        )


def load_mask_network(folder: Path, facts: Mapping[str, Any]) -> TiledNetwork:
    """Open a network that was saved; nothing in its file is run.

    Compiled, it predicts without Keras; Keras computes it where OpenVINO cannot.

    Raises
    ------
    BundleError
        If it is damaged, brings code of its own, or is another kind of model.
    """
    try:
        height, width = facts["tile"]
        tiles = TilePlan((int(height), int(width)), int(facts["overlap"]))
        n_channels = int(facts["n_channels"])
        fits = max(tiles.size) <= LARGEST_INPUT and n_channels <= LARGEST_INPUT
        if not 0 <= tiles.overlap < min(tiles.size) or n_channels < 1 or not fits:
            raise ValueError(facts)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BundleError(
            f"{folder}: must say how images are divided (tile; overlap, less than a tile; "
            f"n_channels). Got {dict(facts)!r}. Take another copy of the model."
        ) from error
    if facts.get("compiled"):
        compiled = read_compiled(Path(folder), tiles, n_channels)
        if compiled is not None:
            return compiled
    path = Path(folder) / NETWORK_FILE
    model = read_keras(path)
    shapes = (model.input_shape, model.output_shape)
    if not all(isinstance(shape, tuple) for shape in shapes) or tuple(map(len, shapes)) != (4, 4):
        raise BundleError(
            f"{path}: must be a network from images to maps of classes. Got a model from "
            f"{shapes[0]} to {shapes[1]}. Take another copy of the model."
        )
    return MaskNetwork(model, tiles)
