"""What a Keras model file says of itself, read without Keras: its input, its layers, its code."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.compiled_files import DAMAGE
from bioselect.backbones.keras_config import archived_config, foreign_classes, mappings
from bioselect.backbones.model_kinds import NAME, existing_model
from bioselect.exceptions import ComponentError

#: How many axes the output of a layer of Keras has, with that of the images.
_ROWS = ("Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling1D")
_MAPS = (
    "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "MaxPooling2D",
    "AveragePooling2D",
)  # fmt: skip
#: Activations by which a classifier gives probabilities.
PROBABILITIES = ("softmax", "sigmoid")
_AS_TAKEN = ("Dense", "BatchNormalization", "LayerNormalization")


@dataclass(frozen=True)
class ModelFacts:
    """What a model file says of itself, read without Keras.

    `image_shape` is (height, width, n_channels), None where the model takes any; `layers` are the
    names of its layers in order, `axes` says how many each one's output has (2 of a row, 3 of a
    sequence, 4 of a map; None where only Keras could tell), and `end` is the layer that gives the
    output. `n_probabilities` is how many probabilities that layer gives, None if it gives others.
    """

    image_shape: tuple[int | None, int | None, int | None]
    layers: tuple[str, ...]
    axes: tuple[int | None, ...] = ()
    end: str = ""
    n_probabilities: int | None = None

    def axes_of(self, layer: str | None) -> int | None:
        """Return how many axes the output of a layer has, or that of the model."""
        return dict(zip(self.layers, self.axes, strict=True)).get(layer or self.end)


def facts_of(path: str) -> ModelFacts:
    """Return the facts of a model file.

    Raises
    ------
    UnavailableError
        If the file is not there.
    ComponentError
        If it is no whole Keras model, brings code of its own, or does not take images.
    """
    file = existing_model(path)
    state = file.stat()
    return _facts_of(file, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=16)
def _facts_of(path: Path, size: int, modified: int) -> ModelFacts:
    config = _config_of(path)
    foreign = foreign_classes(config)
    if foreign:
        raise ComponentError(
            f"{NAME}: a model must consist of Keras's own layers. {path} brings code of its own "
            f"({', '.join(foreign)}), which is not run. Save it without, or read features with an "
            "extractor of your own."
        )
    shape = next(_image_shapes(config), None)
    if shape is None:
        raise ComponentError(
            f"{NAME}: a model must take images (height, width, n_channels). {path} does not say "
            "so of its input. Save it after it has been built."
        )
    architecture = config.get("config", {})
    if isinstance(architecture, list):  # Keras of old wrote the layers of a Sequential like this.
        architecture = {"layers": architecture}
    n_inputs = _n_inputs(architecture.get("input_layers", []))
    if n_inputs > 1:
        raise ComponentError(
            f"{NAME}: a model must have one input. {path} has {n_inputs}. Save the part of it that "
            "takes the images."
        )
    layers = architecture.get("layers", [])
    try:
        names = tuple(str(layer["config"]["name"]) for layer in layers)
        axes = tuple(_axes_of(layer) for layer in layers)
        end = _end(architecture, names)
        n_probabilities = _n_probabilities(layers[names.index(end)]) if end in names else None
        return ModelFacts(shape, names, axes, end, n_probabilities)
    except (KeyError, TypeError) as error:
        raise ComponentError(
            f"{NAME}: {path} describes its layers in a way that this version does not know. Load "
            "and save it with the installed Keras, as `model.save('model.keras')`."
        ) from error


def _axes_of(layer: dict[str, Any]) -> int | None:
    """Return how many axes the output of a layer has, if its description tells."""
    kind = layer.get("class_name")
    if kind in _ROWS:
        return 2
    if kind in _MAPS:
        return 4
    taken = (layer.get("build_config") or {}).get("input_shape")
    return len(taken) if kind in _AS_TAKEN and isinstance(taken, list) else None


def _n_probabilities(layer: dict[str, Any]) -> int | None:
    """Return how many probabilities a layer gives, None if its description does not say so."""
    inner = layer["config"]
    units = inner.get("units")
    is_known = layer.get("class_name") == "Dense" and isinstance(units, int)
    return units if is_known and inner.get("activation") in PROBABILITIES else None


def _end(architecture: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return the layer that gives the one output; "" where there are several."""
    outputs = architecture.get("output_layers")
    if not outputs:  # The layers of a Sequential follow each other.
        return names[-1] if names else ""
    if isinstance(outputs, list) and isinstance(outputs[0], list):
        outputs = outputs[0] if len(outputs) == 1 else [""]
    return str(outputs[0]) if isinstance(outputs, list) else ""


def _n_inputs(written: Any) -> int:
    """Count the inputs, each written as [layer, node, tensor]; a single one may stand alone."""
    if isinstance(written, dict):
        return len(written)
    return len(written) if written and isinstance(written[0], list) else 1


def _config_of(path: Path) -> dict[str, Any]:
    """Return the architecture that is written in a model file."""
    config: Any = None
    try:
        if path.suffix.lower() == ".keras":
            config = archived_config(path)
        elif path.suffix.lower() in (".h5", ".hdf5"):
            config = _config_in_hdf5(path)
    except DAMAGE:
        pass  # Cut, encrypted, or compressed in a way that nobody knows.
    if not isinstance(config, dict):
        raise ComponentError(
            f"{NAME}: params.path must be a whole Keras model (.keras or .h5). Got {path}, which "
            "is damaged, something else, or weights only (they go into a network's `weights`)."
        )
    return config


def _config_in_hdf5(path: Path) -> Any:
    import h5py

    with h5py.File(path, "r") as file:
        text = file.attrs.get("model_config")
    return None if text is None else json.loads(text)


def _image_shapes(config: dict[str, Any]) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Give the shapes of images that inputs are declared with, the model's own first."""
    for node in mappings(config):
        shape = node.get("batch_shape") or node.get("batch_input_shape")
        if isinstance(shape, list) and len(shape) == 4:
            yield shape[1], shape[2], shape[3]
