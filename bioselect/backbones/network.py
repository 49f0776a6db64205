"""A network that is only run: what all have in common, whoever defined them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.compiled_files import DAMAGE, GRAPH_FILE, WEIGHTS_FILE, CompiledFiles
from bioselect.backbones.engines import OPENVINO, Engine
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.backbones.openvino_runner import OpenVinoRunner, read_network
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.saving import write_description
from bioselect.exceptions import BundleError
from bioselect.storage import digest_of, explained_storage_errors

#: What networks that can be joined may differ in: where they end.
_OF_THE_END = ("layer", "output", "pooling")
#: What OpenVINO runs.
COMPILED = (GRAPH_FILE, WEIGHTS_FILE)


class Network(ABC):
    """From images to rows, behind one engine; the constructor stores, `load` makes it ready.

    Parameters
    ----------
    image_shape : tuple of int
        (height, width, n_channels) of the images that it takes.
    mode : str or PerChannel
        How pixels are scaled before, see `preprocessing.preprocess`.
    facts : mapping
        What tells the network from all others, in JSON's types.
    engine : Engine
        What computes it.
    folder : Path, optional
        Of a model bundle, if it comes from one.
    """

    #: The files that a bundle takes.
    kept: tuple[str, ...] = COMPILED

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        mode: str | PerChannel,
        facts: Mapping[str, Any],
        engine: Engine,
        folder: Path | None = None,
    ) -> None:
        self.image_shape = image_shape
        self.mode = mode
        self.facts = facts
        self.engine = engine
        self.folder = folder
        #: What `load` makes: that which computes, and the files of a compiled network.
        self.runner: FixedBatchRunner | OpenVinoRunner | None = None
        self.files: CompiledFiles | None = None

    @abstractmethod
    def load(self) -> None:
        """Make the network ready; done once."""

    @abstractmethod
    def compile(self, bundle: Path | None = None) -> None:
        """Make the files of the network where it does not come from a bundle.

        Those that a bundle takes are also written into `bundle`.
        """

    def rows(self, images: Sequence[np.ndarray], n_jobs: int | None = None) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1]."""
        self.load()
        assert self.runner is not None
        return self.runner.rows(images, self.mode, n_jobs)

    @property
    def trunk(self) -> str | None:
        """What networks have in common that differ in layer, output and pooling only.

        None where Keras computes: only compiled networks can be joined.
        """
        if self.engine.runtime != OPENVINO:
            return None
        facts = {name: fact for name, fact in self.facts.items() if name not in _OF_THE_END}
        return digest_of([facts, list(self.image_shape), str(self.mode), self.engine.as_dict()])

    def read(self) -> Any:
        """Return the compiled network as OpenVINO reads it, to be joined with others."""
        self.load()
        assert self.files is not None
        return read_network(self.files.read(GRAPH_FILE), self.files.read(WEIGHTS_FILE))

    def save(self, folder: Path, description: Mapping[str, Any]) -> None:
        """Write the network into a model bundle, with what must be known to use it."""
        self.load()
        folder = Path(folder)
        write_description(folder, {**description, **self.engine.as_dict()})
        assert self.files is not None
        try:
            self.files.copy(self.kept, folder)
        except DAMAGE as error:
            if self.folder is not None:
                raise BundleError(
                    f"{self.folder}: the network can only be saved again while its bundle lies "
                    f"there unpacked and whole ({error}). Unpack the bundle, and open that."
                ) from error
            # Of the cache or the folder for temporary files, which others tidy up.
            with explained_storage_errors(folder):
                self.compile(bundle=folder)

    def opened(self, files: CompiledFiles) -> OpenVinoRunner:
        """Return what computes a compiled network."""
        return self.runner_of(files.read(GRAPH_FILE), files.read(WEIGHTS_FILE))

    def runner_of(self, graph: bytes, weights: bytes) -> OpenVinoRunner:
        """Return what computes a compiled network, given the contents of its two files."""
        return OpenVinoRunner(graph, weights, self.image_shape, self.engine.precision)
