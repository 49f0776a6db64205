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

import numpy as np

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
from bioselect.backbones.openvino_runner import OpenVinoRunner, read_network
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.saving import MODEL_FILE, write_description, write_model
from bioselect.exceptions import BundleError, UnavailableError
from bioselect.storage import atomic_write_bytes, digest_of, explained_storage_errors


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


class FrozenNetwork:
    """A network behind one engine; the constructor stores, `load` builds or opens.

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
        self.definition = definition
        self.engine = engine
        self.folder = folder
        self.notes: dict[str, Any] = {}
        self.runner: FixedBatchRunner | OpenVinoRunner | None = None
        self._files: CompiledFiles | None = None

    def rows(self, images: np.ndarray, n_jobs: int | None = None) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1]."""
        self.load()
        assert self.runner is not None
        return self.runner.rows(images, self.definition.mode, n_jobs)

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

    @property
    def trunk(self) -> str | None:
        """What networks have in common that differ in layer and pooling only.

        None where Keras computes: only compiled networks can be joined.
        """
        if self.engine.runtime != OPENVINO:
            return None
        own = {"layer", "pooling"}
        facts = {name: fact for name, fact in self.definition.facts.items() if name not in own}
        return digest_of(
            [
                facts,
                list(self.definition.image_shape),
                self.definition.mode,
                self.engine.as_dict(),
            ]
        )

    def read(self) -> Any:
        """Return the compiled network as OpenVINO reads it, to be joined with others."""
        self.load()
        assert self._files is not None
        return read_network(self._files.read(GRAPH_FILE), self._files.read(WEIGHTS_FILE))

    def save(self, folder: Path, description: Mapping[str, Any]) -> None:
        """Write the network into a model bundle: as Keras has it, and compiled if it is."""
        self.load()
        folder = Path(folder)
        write_description(folder, {**description, **self.engine.as_dict()})
        if isinstance(self.runner, FixedBatchRunner):
            self.definition.write(folder, self.runner.model)
            return
        assert self._files is not None
        try:
            self._files.copy(self._saved_files(), folder)
        except DAMAGE as error:
            if self.folder is not None:
                raise BundleError(
                    f"{self.folder}: the network can only be saved again while its bundle lies "
                    f"there unpacked and whole ({error}). Unpack the bundle, and open that."
                ) from error
            with explained_storage_errors(folder):
                self._compile(bundle=folder)

    def _load_keras(self) -> None:
        model = self.definition.build()
        self.notes = self.definition.notes(model)
        shape = self.definition.image_shape
        self.runner = FixedBatchRunner(model, shape, self.definition.batch_size(model))

    def _open_bundle(self, folder: Path) -> None:
        self._files = CompiledFiles(folder)
        try:
            self.runner = self._opened(self._files)
        except Exception as error:  # A version of OpenVINO that does not read this file any more.
            if self.engine.precision != F32:
                raise BundleError(
                    f"{folder}: the compiled network cannot be opened ({_one_line(error)}). "
                    "Install the versions named in the manifest of the model."
                ) from error
            self.engine = _by_keras(self.engine, f"it cannot be opened ({_one_line(error)})")
            self._load_keras()

    def _open_or_compile(self) -> None:
        self._files = self._cached()
        if self._files.exist():
            try:
                self.notes = self._files.notes()
                self.runner = self._opened(self._files)
                return
            except DAMAGE as error:
                warnings.warn(
                    f"{self._files.place}: the compiled network is damaged ({_one_line(error)}). "
                    "It is compiled again.",
                    stacklevel=2,
                )
        self._compile()

    def _compile(self, bundle: Path | None = None) -> None:
        """Build the network, compile it, and keep the files for later programs and in a bundle."""
        definition = self.definition
        model = definition.build()
        graph, weights = compile_model(
            model, definition.image_shape, definition.mode, definition.name
        )
        self.notes = definition.notes(model)
        self._files = self._cached()
        # Nothing is left of it, also where nothing can be kept: networks have gigabytes.
        with tempfile.TemporaryDirectory(prefix="bioselect-") as temporary:
            folder = Path(temporary)
            definition.write(folder, model)
            atomic_write_bytes(folder / GRAPH_FILE, graph)
            atomic_write_bytes(folder / WEIGHTS_FILE, weights)
            atomic_write_bytes(folder / NOTES_FILE, json.dumps(self.notes).encode())
            keep(folder, self._files)
            if bundle is not None:
                CompiledFiles(folder).copy(self._saved_files(), bundle)
        self.runner = self._runner_of(graph, weights)

    def _saved_files(self) -> tuple[str, ...]:
        return (*self.definition.files, GRAPH_FILE, WEIGHTS_FILE)

    def _cached(self) -> CompiledFiles:
        facts = {
            **self.definition.facts,
            "image_shape": list(self.definition.image_shape),
            "images_per_request": 1,
            "defined_by": self.engine.defined_by,
            "openvino": installed_version(OPENVINO),
        }
        return cached_files(self.definition.name, facts)

    def _opened(self, files: CompiledFiles) -> OpenVinoRunner:
        return self._runner_of(files.read(GRAPH_FILE), files.read(WEIGHTS_FILE))

    def _runner_of(self, graph: bytes, weights: bytes) -> OpenVinoRunner:
        shape, precision = self.definition.image_shape, self.engine.precision
        return OpenVinoRunner(graph, weights, shape, precision)


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
