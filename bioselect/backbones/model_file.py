"""A user's own Keras model file as a network that turns images into rows of features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.building import feature_model, unknown_layer_message
from bioselect.backbones.counting import Cost, cost_of
from bioselect.backbones.inference import FixedBatchRunner
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.model_facts import NAME, existing_model, facts_of
from bioselect.backbones.row import as_size, bounded_batch_size
from bioselect.backbones.saving import read_description, read_model, write_model
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

    The constructor stores; `load` loads the model, which imports TensorFlow. A model that brings
    code of its own (Lambda layers, custom layers) is refused.

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
    """

    def __init__(
        self,
        path: str,
        layer: str | None = None,
        pooling: str = "avg",
        input_size: int | list[int] | tuple[int, int] | None = None,
        scale: str = "0-1",
    ) -> None:
        self.path = path
        self.layer = layer
        self.pooling = pooling
        self.chosen_input_size = input_size
        self.scale = scale
        self._saved: dict[str, Any] | None = None
        self._folder: Path | None = None
        self._cost: Cost | None = None
        self._runner: FixedBatchRunner | None = None

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
        assert self._cost is not None
        return self._cost.operations

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

    def identity(self) -> str:
        """Return the SHA-256 of the model file."""
        if self._saved is not None:
            return str(self._saved["weights"])
        return cached_sha256(existing_model(self.path))

    def load(self) -> None:
        """Load the model; done once, when features are first asked for."""
        self._loaded()

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1]."""
        return self._loaded().rows(images, MODE_OF_SCALE[self.scale])

    def save(self, folder: Path) -> None:
        """Write `backbone.keras` (with layer and pooling, without scaling) and its notes."""
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
        write_model(folder, self._loaded().model, description)

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

    def _loaded(self) -> FixedBatchRunner:
        if self._runner is None:
            if self._folder is not None:
                model = read_model(self._folder)
            else:
                model = feature_model(
                    _load(existing_model(self.path)), NAME, self.layer, self.pooling
                )
            self._cost = cost_of(model, (*self.input_size, self.n_channels))
            batch_size = bounded_batch_size(self._cost.peak_values)
            self._runner = FixedBatchRunner(model, self.input_size, self.n_channels, batch_size)
        return self._runner


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
