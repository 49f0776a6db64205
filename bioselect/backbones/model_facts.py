"""What a Keras model file says of itself, read without Keras: its input, its layers, its code."""

from __future__ import annotations

import functools
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.model_kinds import NAME, existing_model
from bioselect.exceptions import ComponentError


@dataclass(frozen=True)
class ModelFacts:
    """What a model file says of itself, read without Keras.

    `image_shape` is (height, width, n_channels), None where the model takes any; `layers` are the
    names of its layers in order.
    """

    image_shape: tuple[int | None, int | None, int | None]
    layers: tuple[str, ...]


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
        return ModelFacts(shape, tuple(str(layer["config"]["name"]) for layer in layers))
    except (KeyError, TypeError) as error:
        raise ComponentError(
            f"{NAME}: {path} describes its layers in a way that this version does not know. Load "
            "and save it with the installed Keras, as `model.save('model.keras')`."
        ) from error


def _n_inputs(written: Any) -> int:
    """Count the inputs, each written as [layer, node, tensor]; a single one may stand alone."""
    if isinstance(written, dict):
        return len(written)
    return len(written) if written and isinstance(written[0], list) else 1


def _config_of(path: Path) -> dict[str, Any]:
    """Return the architecture that is written in a model file."""
    text = None
    try:
        if path.suffix == ".keras" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if "config.json" in archive.namelist():
                    text = archive.read("config.json").decode("utf-8")
        elif path.suffix in (".h5", ".hdf5"):
            text = _config_in_hdf5(path)
        config: Any = None if text is None else json.loads(text)
    except (ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        config = None  # Damaged, encrypted, or compressed in a way that nobody knows.
    if not isinstance(config, dict):
        raise ComponentError(
            f"{NAME}: params.path must be a whole Keras model (.keras or .h5). Got {path}, which "
            "is damaged, something else, or weights only (they go into a network's `weights`)."
        )
    return config


def _config_in_hdf5(path: Path) -> str | None:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            text = file.attrs.get("model_config")
    except OSError:
        return None
    return text.decode("utf-8") if isinstance(text, bytes) else text


def _mappings(node: Any) -> Iterator[dict[str, Any]]:
    """Give every mapping inside a configuration, from the outside in."""
    if isinstance(node, dict):
        yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in inner:
        yield from _mappings(value)


def foreign_classes(config: Any, own: tuple[str, ...] = ("keras", "builtins")) -> list[str]:
    """Return the classes in a configuration that are not of the packages `own`, or that hold code.

    Examples
    --------
    >>> foreign_classes({"class_name": "Twice", "module": "mylab"})
    ['mylab.Twice']
    """
    return sorted({name for node in _mappings(config) if (name := _foreign_class(node, own))})


def _foreign_class(node: dict[str, Any], own: tuple[str, ...]) -> str | None:
    name = node.get("class_name")
    if name in ("Lambda", "__lambda__"):
        return "Lambda"
    module = node.get("module")
    if name and module and module.split(".")[0] not in own:
        return f"{module}.{name}"
    registered = node.get("registered_name")
    return registered if name and registered and module is None and ">" in registered else None


def _image_shapes(config: dict[str, Any]) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Give the shapes of images that inputs are declared with, the model's own first."""
    for node in _mappings(config):
        shape = node.get("batch_shape") or node.get("batch_input_shape")
        if isinstance(shape, list) and len(shape) == 4:
            yield shape[1], shape[2], shape[3]
