"""A network that was trained: it predicts, and is kept as one file that any Keras opens."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_tensorflow
from bioselect.backbones.saving import read_keras, write_keras
from bioselect.exceptions import BundleError
from bioselect.networks.assembling import VALUE
from bioselect.networks.feeding import prepared
from bioselect.networks.history import EpochRecord
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.pixels import Pixels
from bioselect.networks.stepping import traced_once

#: Most images in a prediction.
BATCH_SIZE = 32


@dataclass(frozen=True, eq=False)
class ReadyNetwork:
    """A network that predicts.

    Parameters
    ----------
    model : keras.Model
        From float32 ``(n_images, height, width, n_channels)`` in [0, 1] to probabilities, or to a
        number in the target's units. The scaling of the pixels is inside.
    name : str
        What to call it in errors.
    batch_size : int
        Most images at once: no more than in its training, so that a batch size that was written
        because memory had run out is kept to here as well.
    """

    model: Any
    name: str = field(default="network", kw_only=True)
    batch_size: int = field(default=BATCH_SIZE, kw_only=True)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of the images."""
        height, width, n_channels = self.model.input_shape[1:]
        return int(height), int(width), int(n_channels)

    @property
    def n_classes(self) -> int:
        """How many classes, or labels, there are."""
        return int(self.model.output_shape[-1])

    @property
    def is_multi_label(self) -> bool:
        """Whether each label has a probability of its own; else they sum to 1."""
        return bool(self.model.layers[-1].get_config().get("activation") == "sigmoid")

    @property
    def unit(self) -> float | None:
        """Where it predicts a number: the standard deviation of those it learnt; else None."""
        if self.model.layers[-1].name != VALUE:
            return None
        return float(self.model.layers[-1].get_config()["scale"])

    def predict_proba(self, pixels: Pixels, places: np.ndarray) -> np.ndarray:
        """Return float32 ``(len(places), n_classes)``; of numbers one column.

        Parameters
        ----------
        pixels : Pixels
            Of the shape that the network takes.
        places : np.ndarray
            Of which images, in this order.
        """
        if pixels.shape != self.input_shape:
            raise ValueError(f"images must have the shape {self.input_shape}. Got {pixels.shape}.")
        n_batches = -(-len(places) // self.batch_size)
        parts = np.array_split(np.asarray(places), n_batches) if n_batches else []
        rows = [np.empty((0, self.n_classes), dtype=np.float32)]
        tasks = [(part,) for part in parts]
        with (
            full_precision(),
            explained_memory_errors(self.name, self.batch_size, self.input_shape),
            closing(prepared(pixels.batch, tasks, 1)) as batches,
        ):
            rows += [self._compiled(images).numpy() for images in batches]
        return np.concatenate(rows)

    def save(self, path: Path) -> None:
        """Write `network.keras`; the same network gives the same bytes."""
        write_keras(Path(path), self.model)

    @cached_property
    def _compiled(self) -> Any:
        tensorflow = import_tensorflow()
        signature = tensorflow.TensorSpec((None, *self.input_shape), tensorflow.float32)
        return traced_once(lambda images: self.model(images, training=False), [signature])


@dataclass(frozen=True, eq=False)
class TrainedNetwork(ReadyNetwork):
    """A network with the weights of its best epoch, and how its training went."""

    best_epoch: int
    history: tuple[EpochRecord, ...]
    seconds: tuple[float, ...]


def load_network(path: Path) -> ReadyNetwork:
    """Open a network that was saved; nothing in its file is run.

    Raises
    ------
    BundleError
        If it is damaged, brings code of its own, or is another kind of model.
    """
    model = read_keras(Path(path))
    shapes = (model.input_shape, model.output_shape)
    if not all(isinstance(shape, tuple) for shape in shapes) or tuple(map(len, shapes)) != (4, 2):
        raise BundleError(
            f"{path}: must be a network from images to classes or numbers. Got a model from "
            f"{shapes[0]} to {shapes[1]}. Take another copy of the model."
        )
    return ReadyNetwork(model)
