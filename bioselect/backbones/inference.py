"""Images through a network, always in batches of one shape.

The shape of a batch decides how a product of matrices is cut, and so the last bits of a feature.
With one shape, an image has the same row whatever else is looked at with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.building import build_network, feature_model
from bioselect.backbones.keras_import import full_precision
from bioselect.backbones.preprocessing import preprocess
from bioselect.backbones.row import input_size_of
from bioselect.backbones.saving import (
    DESCRIPTION_FILE,
    read_description,
    read_model,
    write_model,
)
from bioselect.backbones.table import POOLINGS
from bioselect.backbones.weights import (
    check_weights,
    find_weights,
    is_made_for_imagenet_pixels,
    row_of,
)
from bioselect.backbones.weights_file import load_weights
from bioselect.exceptions import BundleError, ComponentError


class FixedBatchRunner:
    """Runs a Keras model on any number of images, a fixed number at a time.

    Parameters
    ----------
    model : keras.Model
        From images ``(batch, height, width, n_channels)`` to rows ``(batch, n_features)``.
    input_size : tuple of int
        (height, width).
    n_channels : int
        How many channels the images have.
    batch_size : int
        Images per run of the model; the last batch is filled up with zeros.
    """

    def __init__(
        self, model: Any, input_size: tuple[int, int], n_channels: int, batch_size: int
    ) -> None:
        self.model = model
        self.image_shape = (*input_size, n_channels)
        self.batch_size = batch_size
        self._compiled: Any = None

    def rows(self, images: np.ndarray, mode: str) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1].

        `mode` says how pixels are scaled before, see `preprocessing.MODES`.
        """
        if images.shape[1:] != self.image_shape:
            raise ValueError(
                f"images must have the shape {self.image_shape}. Got {images.shape[1:]}."
            )
        n_features = int(self.model.output.shape[-1])
        rows = np.empty((len(images), n_features), dtype=np.float32)
        with full_precision() as tensorflow:
            run = self._compiled_model(tensorflow)
            for start in range(0, len(images), self.batch_size):
                some = images[start : start + self.batch_size]
                batch = np.zeros((self.batch_size, *self.image_shape), dtype=np.float32)
                batch[: len(some)] = preprocess(some, mode)
                output = run(tensorflow.constant(batch)).numpy()
                rows[start : start + len(some)] = output[: len(some)]
        return rows

    def _compiled_model(self, tensorflow: Any) -> Any:
        if self._compiled is None:
            shape = (self.batch_size, *self.image_shape)
            traced = tensorflow.function(
                lambda batch: self.model(batch, training=False),
                input_signature=[tensorflow.TensorSpec(shape, tensorflow.float32)],
                autograph=False,
            )
            # Traced here and once: called as it is, TensorFlow suspects the sixth network of a
            # program to be a mistake and says so on the terminal.
            self._compiled = traced.get_concrete_function()
        return self._compiled


class Backbone:
    """A network of the table that turns images into rows of features.

    The constructor stores; `load` builds the network, which imports TensorFlow.

    Parameters
    ----------
    architecture : str
        A name of the table.
    weights : str
        "imagenet", "none" (random, always the same) or the path of a file of Keras weights.
    layer : str, optional
        The layer whose output is used; by default the last one.
    pooling : str
        "avg", "max", "avg+max" or "flatten".
    input_size : int or list of int, optional
        What images are resized to: one number or [height, width]; by default the network's own.
    alpha : float
        How wide the network is, where there is something to choose.

    Examples
    --------
    >>> backbone = Backbone("mobilenet_v2", weights="none", alpha=0.35, input_size=96)
    >>> backbone.input_size, backbone.batch_size
    ((96, 96), 32)
    """

    def __init__(
        self,
        architecture: str,
        weights: str = "imagenet",
        layer: str | None = None,
        pooling: str = "avg",
        input_size: int | list[int] | tuple[int, int] | None = None,
        alpha: float = 1.0,
    ) -> None:
        self.architecture = architecture
        self.weights = weights
        self.layer = layer
        self.pooling = pooling
        self.chosen_input_size = input_size
        self.alpha = alpha
        self._saved: dict[str, Any] | None = None
        self._folder: Path | None = None
        self._runner: FixedBatchRunner | None = None

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the images that it takes."""
        return input_size_of(row_of(self.architecture), self.chosen_input_size)

    @property
    def batch_size(self) -> int:
        """How many images go through the network at once."""
        return row_of(self.architecture).batch_size_at(self.alpha, self.input_size)

    @property
    def operations(self) -> float:
        """Declared operations per image: those of the whole network, whichever layer is read."""
        return row_of(self.architecture).operations_at(self.alpha, self.input_size)

    @property
    def n_features(self) -> int | None:
        """The length of a row; None where only the network itself could tell."""
        kinds = {"avg": 1, "max": 1, "avg+max": 2}
        if self.layer is not None or self.pooling not in kinds:
            return None
        return kinds[self.pooling] * row_of(self.architecture).width(self.alpha).n_features

    def check(self) -> None:
        """Find out, before any work, whether `load` will succeed.

        Only a named layer needs the network to be built (and TensorFlow imported) for that.
        """
        if self._folder is not None:
            return
        if self.pooling not in POOLINGS:
            raise ComponentError(
                f"{self.architecture}: params.pooling must be one of {', '.join(POOLINGS)}. Got "
                f"{self.pooling!r}."
            )
        self.identity()
        if self.layer is not None:
            row = row_of(self.architecture)
            network = build_network(row, self.input_size, self.alpha, as_trained=False)
            feature_model(network, self.architecture, self.layer, self.pooling)

    def identity(self) -> str:
        """Return what tells its weights from others: a SHA-256, or "random-seed-0"."""
        if self._saved is not None:
            return str(self._saved["weights"])
        return check_weights(self.architecture, self.weights, self.alpha, self.input_size)

    def load(self) -> None:
        """Build the network and load its weights; done once, when features are first asked for."""
        if self._runner is None:
            model = self._built() if self._folder is None else read_model(self._folder)
            self._runner = FixedBatchRunner(model, self.input_size, 3, self.batch_size)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return one row per image.

        Parameters
        ----------
        images : np.ndarray
            float32 ``(n_images, height, width, 3)`` in [0, 1], RGB, of `input_size`.

        Returns
        -------
        np.ndarray
            float32 ``(n_images, n_features)``.
        """
        self.load()
        assert self._runner is not None
        return self._runner.rows(images, row_of(self.architecture).preprocessing)

    def save(self, folder: Path) -> None:
        """Write `backbone.keras` (with layer and pooling, without preprocessing) and its notes."""
        self.load()
        assert self._runner is not None
        description = {
            "architecture": self.architecture,
            "layer": self.layer,
            "pooling": self.pooling,
            "input_size": list(self.input_size),
            "alpha": self.alpha,
            "weights": self.identity(),
            "operations": self.operations,
        }
        write_model(folder, self._runner.model, description)

    @classmethod
    def from_folder(cls, folder: Path) -> Backbone:
        """Return the backbone that `save` wrote; no weights file is needed.

        Raises
        ------
        BundleError
            If the files are missing or damaged.
        """
        saved = read_description(folder)
        try:
            backbone = cls(
                saved["architecture"],
                layer=saved["layer"],
                pooling=saved["pooling"],
                input_size=saved["input_size"],
                alpha=saved["alpha"],
            )
            backbone._saved = {"weights": saved["weights"]}
        except KeyError as error:
            raise BundleError(
                f"{folder / DESCRIPTION_FILE}: {error} is missing. Take another copy of the model."
            ) from error
        backbone._folder = folder
        return backbone

    def _built(self) -> Any:
        row = row_of(self.architecture)
        path = find_weights(self.architecture, self.weights, self.alpha, self.input_size)
        as_trained = is_made_for_imagenet_pixels(path, row, self.alpha)
        network = build_network(row, self.input_size, self.alpha, as_trained=as_trained)
        if path is not None:
            load_weights(network, path, self.architecture)
        return feature_model(network, self.architecture, self.layer, self.pooling)
