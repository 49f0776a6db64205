"""A network that is only run: defined by Keras, computed by the engine that was chosen.

With OpenVINO the network is compiled once and kept in the user's cache folder; after that neither
Keras nor TensorFlow is imported, not even to write a model bundle.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bioselect.backbones.compiled_files import (
    DAMAGE,
    GRAPH_FILE,
    NOTES_FILE,
    WEIGHTS_FILE,
    CompiledFiles,
    cached_files,
    keep,
)
from bioselect.backbones.compiling import compile_model
from bioselect.backbones.engines import (
    F32,
    KERAS,
    OPENVINO,
    Engine,
    check_openvino,
    installed_version,
    restored_engine,
)
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.backbones.network import COMPILED, Network
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.saving import MODEL_FILE, write_description, write_model
from bioselect.exceptions import BundleError, UnavailableError
from bioselect.storage import atomic_write_bytes


@dataclass(frozen=True)
class Definition:
    """Which network it is, and how Keras builds it.

    `mode` says how pixels are scaled before (see `preprocessing.preprocess`); `facts` tell the
    network from all others, in JSON's types; `build` returns the Keras model from images to rows;
    `batch_size` is how many images of `image_shape` Keras takes at once and `notes` what is worth
    knowing of the model without it, both asked of the built model. `write` keeps the model in
    `files` of a folder, from which `build` of the definition made from a bundle builds it again.
    """

    name: str
    image_shape: tuple[int, int, int]
    mode: str | PerChannel
    facts: Mapping[str, Any]
    build: Callable[[], Any]
    batch_size: Callable[[Any], int]
    notes: Callable[[Any], dict[str, Any]]
    write: Callable[[Path, Any], None] = write_model
    files: tuple[str, ...] = (MODEL_FILE,)


class FrozenNetwork(Network):
    """A network that Keras defines; `load` builds or opens it.

    Parameters
    ----------
    definition : Definition
        Which network.
    engine : Engine
        What computes it.
    folder : Path, optional
        Of a model bundle, if it comes from one.
    """

    def __init__(self, definition: Definition, engine: Engine, folder: Path | None = None) -> None:
        super().__init__(definition.image_shape, definition.mode, definition.facts, engine, folder)
        self.definition = definition
        self.kept = (*definition.files, *COMPILED)
        self.notes: dict[str, Any] = {}

    def is_compiled(self) -> bool:
        """Tell whether the network has been compiled on this machine before."""
        return self.engine.runtime == OPENVINO and self._cached().exist()

    def load(self) -> None:
        """Make the network ready; done once."""
        if self.runner is not None:
            return
        if self.engine.runtime == KERAS:
            self._load_keras()
        elif self.folder is not None:
            self._open_bundle(self.folder)
        else:
            self._open_or_compile()

    def save(self, folder: Path, description: Mapping[str, Any]) -> None:
        """Write the network into a model bundle: as Keras has it, and compiled if it is."""
        self.load()
        if not isinstance(self.runner, FixedBatchRunner):
            super().save(folder, description)
            return
        write_description(folder, {**description, **self.engine.as_dict()})
        self.definition.write(Path(folder), self.runner.model)

    def _load_keras(self) -> None:
        model = self.definition.build()
        self.notes = self.definition.notes(model)
        self.runner = FixedBatchRunner(model, self.image_shape, self.definition.batch_size(model))

    def _open_bundle(self, folder: Path) -> None:
        self.files = CompiledFiles(folder)
        try:
            self.runner = self.opened(self.files)
        except Exception as error:  # A version of OpenVINO that does not read this file any more.
            if self.engine.precision != F32:
                raise BundleError(
                    f"{folder}: the compiled network cannot be opened ({_one_line(error)}). "
                    "Install the versions named in the manifest of the model."
                ) from error
            self.engine = _by_keras(self.engine, f"it cannot be opened ({_one_line(error)})")
            self._load_keras()

    def _open_or_compile(self) -> None:
        self.files = self._cached()
        if self.files.exist():
            try:
                self.notes = self.files.notes()
                self.runner = self.opened(self.files)
                return
            except DAMAGE as error:
                warnings.warn(
                    f"{self.files.place}: the compiled network is damaged ({_one_line(error)}). "
                    "It is compiled again.",
                    stacklevel=2,
                )
        self.compile()

    def compile(self, bundle: Path | None = None) -> None:
        """Build the network, compile it, and keep the files for later programs and in a bundle."""
        definition = self.definition
        model = definition.build()
        graph, weights = compile_model(model, self.image_shape, self.mode, definition.name)
        self.notes = definition.notes(model)
        self.files = self._cached()
        # Nothing is left of it, also where nothing can be kept: networks have gigabytes.
        with tempfile.TemporaryDirectory(prefix="bioselect-") as temporary:
            folder = Path(temporary)
            definition.write(folder, model)
            atomic_write_bytes(folder / GRAPH_FILE, graph)
            atomic_write_bytes(folder / WEIGHTS_FILE, weights)
            atomic_write_bytes(folder / NOTES_FILE, json.dumps(self.notes).encode())
            keep(folder, self.files)
            if bundle is not None:
                CompiledFiles(folder).copy(self.kept, bundle)
        self.runner = self.runner_of(graph, weights)

    def _cached(self) -> CompiledFiles:
        facts = {
            **self.definition.facts,
            "image_shape": list(self.image_shape),
            "images_per_request": 1,
            "defined_by": self.engine.defined_by,
            "openvino": installed_version(OPENVINO),
        }
        return cached_files(self.definition.name, facts)


def engine_of_bundle(saved: Mapping[str, Any], name: str) -> Engine:
    """Return the engine for a network of a bundle: the one it was made with, or Keras.

    Keras takes over, with a word, where OpenVINO is not installed.

    Raises
    ------
    UnavailableError
        If the network was made with bf16, which only OpenVINO has, and it cannot be had here.
    """
    engine = restored_engine(saved)
    if engine.runtime != OPENVINO:
        return engine
    try:
        check_openvino(name, engine.precision)
    except UnavailableError:
        if engine.precision != F32:
            raise
        return _by_keras(engine, "openvino is not installed")
    return engine


def _by_keras(engine: Engine, why: str) -> Engine:
    warnings.warn(
        f"the network of this model is computed by Keras, which starts slowly: compiled for "
        f"OpenVINO, {why}. `pip install openvino` makes it fast.",
        stacklevel=2,
    )
    return replace(engine, runtime=KERAS)


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
