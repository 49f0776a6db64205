"""A network of the table as what turns images into rows of features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.building import build_network, feature_model
from bioselect.backbones.engines import AUTO, F32, Engine, resolve_engine
from bioselect.backbones.frozen_network import Definition, FrozenNetwork, engine_of_bundle
from bioselect.backbones.row import input_size_of
from bioselect.backbones.saving import DESCRIPTION_FILE, read_description, read_model
from bioselect.backbones.table import POOLINGS
from bioselect.backbones.weights import (
    check_weights,
    find_weights,
    is_made_for_imagenet_pixels,
    row_of,
)
from bioselect.backbones.weights_file import load_weights
from bioselect.exceptions import BundleError, ComponentError


class Backbone:
    """A network of the table that turns images into rows of features.

    The constructor stores; `load` builds the network, which imports TensorFlow unless the network
    was compiled before.

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
    runtime, precision : str
        What computes it, and with how many digits; see `engines.resolve_engine`.

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
        runtime: str = AUTO,
        precision: str = F32,
    ) -> None:
        self.architecture = architecture
        self.weights = weights
        self.layer = layer
        self.pooling = pooling
        self.chosen_input_size = input_size
        self.alpha = alpha
        self.runtime = runtime
        self.precision = precision
        self._saved: dict[str, Any] | None = None
        self._folder: Path | None = None
        self._network: FrozenNetwork | None = None

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the images that it takes."""
        return input_size_of(row_of(self.architecture), self.chosen_input_size)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of the images that it takes."""
        return (*self.input_size, 3)

    @property
    def batch_size(self) -> int:
        """How many images go through the network at once, where Keras computes."""
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

    @property
    def engine(self) -> Engine:
        """What computes the network here."""
        return self.network.engine

    @property
    def network(self) -> FrozenNetwork:
        """The network behind; nothing is loaded before it is needed."""
        if self._network is None:
            if self._saved is not None:
                engine = engine_of_bundle(self._saved, self.architecture)
            else:
                engine = resolve_engine(self.architecture, self.runtime, self.precision)
            self._network = FrozenNetwork(self._definition(), engine, self._folder)
        return self._network

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to open the network for itself, with this engine."""
        runtime = self.runtime if self._saved is not None else self.engine.runtime
        return {**self.__dict__, "_network": None, "runtime": runtime}

    def check(self) -> None:
        """Find out, before any work, whether `load` will succeed.

        Only a named layer needs the network to be built (and TensorFlow imported) for that, unless
        it was compiled before.
        """
        if self._folder is not None:
            return
        if self.pooling not in POOLINGS:
            raise ComponentError(
                f"{self.architecture}: params.pooling must be one of {', '.join(POOLINGS)}. Got "
                f"{self.pooling!r}."
            )
        self.identity()
        if self.layer is not None and not self.network.is_compiled():
            row = row_of(self.architecture)
            network = build_network(row, self.input_size, self.alpha, as_trained=False)
            feature_model(network, self.architecture, self.layer, self.pooling)
        _ = self.network  # Decides on an engine, or says why it cannot.

    def identity(self) -> str:
        """Return what tells its weights from others: a SHA-256, or "random-seed-0"."""
        if self._saved is not None:
            return str(self._saved["weights"])
        return check_weights(self.architecture, self.weights, self.alpha, self.input_size)

    def load(self) -> None:
        """Make the network ready; done once, when features are first asked for."""
        self.network.load()

    def features(self, images: Sequence[np.ndarray], n_jobs: int | None = None) -> np.ndarray:
        """Return one row per image.

        Parameters
        ----------
        images : sequence of np.ndarray
            Each float32 ``(height, width, 3)`` in [0, 1], RGB, of `input_size`.
        n_jobs : int, optional
            How many cores compute, where OpenVINO does; all by default. The rows do not depend on
            it.

        Returns
        -------
        np.ndarray
            float32 ``(n_images, n_features)``.
        """
        return self.network.rows(images, n_jobs)

    def save(self, folder: Path) -> None:
        """Write the network, with layer and pooling, without preprocessing, and its notes."""
        description = {
            "architecture": self.architecture,
            "layer": self.layer,
            "pooling": self.pooling,
            "input_size": list(self.input_size),
            "alpha": self.alpha,
            "weights": self.identity(),
            "operations": self.operations,
        }
        self.network.save(folder, description)

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
            backbone._saved = {**saved, "weights": saved["weights"]}
        except KeyError as error:
            raise BundleError(
                f"{folder / DESCRIPTION_FILE}: {error} is missing. Take another copy of the model."
            ) from error
        backbone._folder = folder
        return backbone

    def _definition(self) -> Definition:
        facts = {
            "architecture": self.architecture,
            "layer": self.layer,
            "pooling": self.pooling,
            "alpha": self.alpha,
            "weights": self.identity(),
        }
        return Definition(
            name=self.architecture,
            image_shape=self.image_shape,
            mode=row_of(self.architecture).preprocessing,
            facts=facts,
            build=self._built,
            batch_size=lambda model: self.batch_size,
            notes=lambda model: {},
        )

    def _built(self) -> Any:
        if self._folder is not None:
            return read_model(self._folder)
        row = row_of(self.architecture)
        path = find_weights(self.architecture, self.weights, self.alpha, self.input_size)
        as_trained = is_made_for_imagenet_pixels(path, row, self.alpha)
        network = build_network(row, self.input_size, self.alpha, as_trained=as_trained)
        if path is not None:
            load_weights(network, path, self.architecture)
        return feature_model(network, self.architecture, self.layer, self.pooling)
