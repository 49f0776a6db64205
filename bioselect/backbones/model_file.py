"""A user's own Keras model file as a network that turns images into rows of features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.building import feature_model, unknown_layer_message
from bioselect.backbones.counting import cost_of
from bioselect.backbones.engines import AUTO, F32, Engine, resolve_engine
from bioselect.backbones.frozen_network import Definition, FrozenNetwork, engine_of_bundle
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.model_facts import NAME, existing_model, facts_of
from bioselect.backbones.row import as_size, bounded_batch_size
from bioselect.backbones.saving import read_description, read_model
from bioselect.backbones.table import POOLINGS, SCALES
from bioselect.backbones.weights import cached_sha256
from bioselect.exceptions import BundleError, ComponentError

#: What each `scale` is called among the ways of preprocessing.
MODE_OF_SCALE = {
    "0-1": "unit",
    "-1-1": "tf",
    "0-255": "none",
    "imagenet": "torch",
    "caffe": "caffe",
}


class ModelFileBackbone:
    """A layer of a Keras model file; the same face as `Backbone`.

    The constructor stores; `load` loads the model, which imports TensorFlow unless the model was
    compiled before. A model that brings code of its own (Lambda layers, custom layers) is refused.

    Parameters
    ----------
    path : str
        A `.keras` file, or an `.h5` file that holds a whole model.
    layer : str, optional
        The layer whose output is used; by default the model's output, which of a classifier are
        its probabilities.
    pooling : str
        "avg", "max", "avg+max" or "flatten"; of no effect on an output that is a row already.
    input_size : int or list of int, optional
        What images are resized to; by default the size that the model was made for.
    scale : str
        The pixel values that the model expects: "0-1", "-1-1", "0-255", "imagenet" (standardised
        with ImageNet's mean and standard deviation) or "caffe" (0 to 255, blue first, ImageNet's
        mean subtracted).
    runtime, precision : str
        What computes it, and with how many digits; see `engines.resolve_engine`.
    """

    def __init__(
        self,
        path: str,
        layer: str | None = None,
        pooling: str = "avg",
        input_size: int | list[int] | tuple[int, int] | None = None,
        scale: str = "0-1",
        runtime: str = AUTO,
        precision: str = F32,
    ) -> None:
        self.path = path
        self.layer = layer
        self.pooling = pooling
        self.chosen_input_size = input_size
        self.scale = scale
        self.runtime = runtime
        self.precision = precision
        self._saved: dict[str, Any] | None = None
        self._folder: Path | None = None
        self._network: FrozenNetwork | None = None

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the images that it takes."""
        if self._saved is not None:
            height, width = self._saved["input_size"]
            return int(height), int(width)
        height, width, _ = facts_of(self.path).image_shape
        if self.chosen_input_size is None:
            if height is None or width is None:
                raise ComponentError(
                    f"{NAME}: params.input_size must be given, because {self.path} takes images "
                    "of any size. Write the size that it was trained with, for example 224."
                )
            return height, width
        chosen = as_size(NAME, self.chosen_input_size)
        if height not in (None, chosen[0]) or width not in (None, chosen[1]):
            raise ComponentError(
                f"{NAME}: params.input_size must be [{height}, {width}], which {self.path} was "
                f"made for. Got {self.chosen_input_size!r}. Leave it out."
            )
        return chosen

    @property
    def n_channels(self) -> int:
        """How many channels the images have."""
        if self._saved is not None:
            return int(self._saved["n_channels"])
        return facts_of(self.path).image_shape[2] or 3

    @property
    def operations(self) -> float:
        """Operations per image, counted in the loaded model."""
        if self._saved is not None:
            return float(self._saved["operations"])
        self.load()
        return float(self.network.notes["operations"])

    @property
    def engine(self) -> Engine:
        """What computes the model here."""
        return self.network.engine

    @property
    def network(self) -> FrozenNetwork:
        """The network behind; nothing is loaded before it is needed."""
        if self._network is None:
            if self._saved is not None:
                engine = engine_of_bundle(self._saved, NAME)
            else:
                engine = resolve_engine(NAME, self.runtime, self.precision)
            self._network = FrozenNetwork(self._definition(), engine, self._folder)
        return self._network

    def check(self) -> None:
        """Find out, before any work and without Keras, whether the model can be used.

        Raises
        ------
        UnavailableError
            If the file is not there.
        ComponentError
            If it is no Keras model, or a parameter does not fit it.
        """
        if self._saved is not None:
            return
        for parameter, value, choices in (
            ("pooling", self.pooling, POOLINGS),
            ("scale", self.scale, SCALES),
        ):
            if value not in choices:
                raise ComponentError(
                    f"{NAME}: params.{parameter} must be one of {', '.join(choices)}. Got "
                    f"{value!r}."
                )
        facts = facts_of(self.path)
        if self.layer is not None and self.layer not in facts.layers:
            raise ComponentError(unknown_layer_message(NAME, self.layer, list(facts.layers)))
        if self.scale in ("imagenet", "caffe") and self.n_channels != 3:
            raise ComponentError(
                f"{NAME}: params.scale {self.scale!r} is for models with 3 channels. Got "
                f"{self.path} with {self.n_channels}. Choose another scale."
            )
        assert self.input_size
        assert self.engine

    def identity(self) -> str:
        """Return the SHA-256 of the model file."""
        if self._saved is not None:
            return str(self._saved["weights"])
        return cached_sha256(existing_model(self.path))

    def load(self) -> None:
        """Make the model ready; done once, when features are first asked for."""
        self.network.load()

    def features(self, images: np.ndarray, n_jobs: int | None = None) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1].

        `n_jobs` is how many cores compute, where OpenVINO does; the rows do not depend on it.
        """
        return self.network.rows(images, n_jobs)

    def save(self, folder: Path) -> None:
        """Write the model, with layer and pooling, without scaling, and its notes."""
        description = {
            "architecture": NAME,
            "layer": self.layer,
            "pooling": self.pooling,
            "scale": self.scale,
            "input_size": list(self.input_size),
            "n_channels": self.n_channels,
            "weights": self.identity(),
            "operations": self.operations,
        }
        self.network.save(folder, description)

    @classmethod
    def from_folder(cls, folder: Path) -> ModelFileBackbone:
        """Return the model that `save` wrote; the original file is not needed."""
        saved = read_description(folder)
        missing = {"scale", "input_size", "n_channels", "weights", "operations"} - set(saved)
        if missing:
            raise BundleError(
                f"{folder}: the notes of the network lack {', '.join(sorted(missing))}. Take "
                "another copy of the model."
            )
        backbone = cls("", input_size=saved["input_size"], scale=saved["scale"])
        backbone._saved = saved
        backbone._folder = folder
        return backbone

    def _definition(self) -> Definition:
        facts = {
            "architecture": NAME,
            "layer": self.layer,
            "pooling": self.pooling,
            "weights": self.identity(),
        }
        shape = (*self.input_size, self.n_channels)
        return Definition(
            name=NAME,
            image_shape=shape,
            mode=MODE_OF_SCALE[self.scale],
            facts=facts,
            build=self._built,
            batch_size=lambda model: bounded_batch_size(cost_of(model, shape).peak_values),
            notes=lambda model: {"operations": cost_of(model, shape).operations},
        )

    def _built(self) -> Any:
        if self._folder is not None:
            return read_model(self._folder)
        return feature_model(_load(existing_model(self.path)), NAME, self.layer, self.pooling)


def _load(path: Path) -> Any:
    def load(keras: Any) -> Any:
        return keras.saving.load_model(path, compile=False, safe_mode=True)

    try:
        return in_fresh_keras(load)
    except Exception as error:  # Keras raises whatever the file happens to cause.
        reason = " ".join(str(error).split())
        raise ComponentError(
            f"{NAME}: {path} cannot be loaded ({type(error).__name__}: {reason[:300]}). Save it "
            "again with the installed Keras, as `model.save('model.keras')`, without layers of "
            "your own."
        ) from error
