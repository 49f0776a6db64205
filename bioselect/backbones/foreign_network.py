"""A network that came from another program's file: OpenVINO runs it, and a bundle carries it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioselect.backbones.compiled_files import CompiledFiles
from bioselect.backbones.engines import (
    KERAS,
    OPENVINO,
    Engine,
    installed_version,
    resolve_engine,
    restored_engine,
)
from bioselect.backbones.foreign_input import reason_of
from bioselect.backbones.network import Network
from bioselect.backbones.per_channel import PerChannel
from bioselect.exceptions import BundleError, ComponentError, UnavailableError


class ForeignNetwork(Network):
    """A network that a file of another program holds; `load` reads and compiles it.

    What is run is always the two files that a bundle carries, so that a model has the same bits
    before it is saved and after. They are not kept in the user's cache: the model's own file is
    read as fast.

    Parameters
    ----------
    name : str
        What to call the component in an error.
    write : callable
        Writes the network from one image to one row into a folder, as `write_network` does.
    image_shape, mode, facts, engine, folder
        As for :class:`Network`; `write` is not called for a network of a bundle.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Path], None],
        image_shape: tuple[int, int, int],
        mode: str | PerChannel,
        facts: Mapping[str, Any],
        engine: Engine,
        folder: Path | None = None,
    ) -> None:
        super().__init__(image_shape, mode, facts, engine, folder)
        self.name = name
        self.write = write
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    def load(self) -> None:
        """Make the network ready; done once.

        Raises
        ------
        ComponentError, BundleError
            If OpenVINO cannot run it.
        """
        if self.runner is not None:
            return
        if self.folder is not None:
            self.files = CompiledFiles(self.folder)
        elif self.files is None:
            self.compile()
        assert self.files is not None
        try:
            self.runner = self.opened(self.files)
        except Exception as error:  # OpenVINO raises whatever an operation happens to cause.
            if self.folder is not None:
                raise BundleError(
                    f"{self.folder}: the network cannot be opened ({reason_of(error)}). Install "
                    "the versions named in the manifest of the model."
                ) from error
            raise ComponentError(
                f"{self.name}: OpenVINO must know every operation of the model. Got "
                f"{type(error).__name__}: {reason_of(error)}. Export it without."
            ) from error

    def compile(self, bundle: Path | None = None) -> None:
        """Write the two files where they are run from, and into a bundle."""
        temporary = tempfile.TemporaryDirectory(prefix="bioselect-")
        self.write(Path(temporary.name))
        self._temporary, self.files = temporary, CompiledFiles(Path(temporary.name))
        if bundle is not None:
            self.files.copy(self.kept, bundle)


def foreign_engine(name: str, place: str, kind: str, runtime: str, precision: str) -> Engine:
    """Return the engine for a file of another program: OpenVINO reads them all, Keras none.

    Parameters
    ----------
    name, place, kind : str
        The component, the file and its kind, for errors.
    runtime, precision : str
        As they were written.

    Raises
    ------
    ComponentError
        If Keras was asked for.
    UnavailableError
        If OpenVINO is not installed, or the processor has no bf16 where that was asked for.
    """
    if runtime == KERAS:
        raise ComponentError(
            f"{name}: params.runtime keras is for Keras files (.keras, .h5). Got {place} ({kind}), "
            "which OpenVINO runs. Leave runtime out."
        )
    _check_installed(name, place, kind)
    runtime = OPENVINO if runtime == "auto" else runtime
    return replace(resolve_engine(name, runtime, precision), defined_by=kind)


def engine_of_foreign_bundle(saved: Mapping[str, Any], name: str, folder: Path) -> Engine:
    """Return the engine that a bundle was made with, if this machine has it."""
    engine = restored_engine(saved)
    _check_installed(name, str(folder), engine.defined_by)
    return replace(resolve_engine(name, OPENVINO, engine.precision), defined_by=engine.defined_by)


def _check_installed(name: str, place: str, kind: str) -> None:
    if not installed_version(OPENVINO):
        raise UnavailableError(
            f"{name}: {place} ({kind}) needs the package openvino, which is not installed. Install "
            "it with `pip install openvino`."
        )
