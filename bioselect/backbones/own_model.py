"""A model that the user brings: what all kinds of files and presets have in common."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bioselect.backbones.engines import Engine
from bioselect.backbones.model_options import ModelOptions
from bioselect.backbones.network import Network
from bioselect.backbones.row import as_size
from bioselect.backbones.saving import read_description
from bioselect.exceptions import BundleError, ComponentError

#: (height, width, n_channels), None where a model takes any.
SaidShape = tuple[int | None, int | None, int | None]
_NEEDED = {"scale", "input_size", "n_channels", "weights", "operations"}


class OwnModel(ABC):
    """The same face as `Backbone`; the constructor stores, `load` makes the model ready.

    Parameters
    ----------
    place : str
        The file, folder or name that was written; of no importance after `from_folder`.
    options : ModelOptions
        The other parameters.
    """

    #: The name of the component, for errors.
    name: ClassVar[str]

    def __init__(self, place: str, options: ModelOptions | None = None) -> None:
        self.place = place
        self.options = options or ModelOptions()
        self._saved: dict[str, Any] | None = None
        self._folder: Path | None = None
        self._network: Network | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to open the model for itself, with this engine."""
        options = self.options
        if self._saved is None:
            options = replace(options, runtime=self.engine.runtime)
        return {**self.__dict__, "_network": None, "options": options}

    @abstractmethod
    def said_shape(self) -> SaidShape:
        """Return what the model's own files say of the images that it takes."""

    @abstractmethod
    def content(self) -> str:
        """Return a SHA-256 of the model's own files."""

    @abstractmethod
    def counted_operations(self) -> float:
        """Return the operations per image, infinite where they cannot be known."""

    @abstractmethod
    def made_network(self) -> Network:
        """Return the network behind, from the model's own files or from `_folder`."""

    @abstractmethod
    def check_files(self) -> None:
        """Find out, before any work, whether the model can be used as it was written."""

    def remark(self) -> str:
        """Return what a user should know of the model before it is used, or nothing."""
        return ""

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the images that it takes."""
        if self._saved is not None:
            height, width = self._saved["input_size"]
            return int(height), int(width)
        height, width, _ = self._said_once
        return chosen_size(self.name, self.place, (height, width), self.options)

    @property
    def n_channels(self) -> int:
        """How many channels the images have; 3 where the model leaves it open."""
        if self._saved is not None:
            return int(self._saved["n_channels"])
        return self._said_once[2] or 3

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of the images that it takes."""
        return (*self.input_size, self.n_channels)

    @property
    def operations(self) -> float:
        """Operations per image; infinite where nobody knows, so that they win no tie."""
        if self._saved is not None:
            known = self._saved["operations"]
            return float("inf") if known is None else float(known)
        return self.counted_operations()

    @property
    def network(self) -> Network:
        """The network behind; nothing is loaded before it is needed."""
        if self._network is None:
            self._network = self.made_network()
        return self._network

    @property
    def engine(self) -> Engine:
        """What computes the model here."""
        return self.network.engine

    def check(self) -> None:
        """Find out, before any work, whether the model can be used.

        Raises
        ------
        UnavailableError
            If something needed is not there.
        ComponentError
            If it is no such model, or a parameter does not fit it.
        """
        if self._saved is None:
            self.check_files()
            _ = self.network  # Decides on a size and an engine, or says why it cannot.

    def identity(self) -> str:
        """Return what tells the model from others: a SHA-256 of its files, as they first were."""
        return self._identity

    @functools.cached_property
    def _identity(self) -> str:
        return self.content() if self._saved is None else str(self._saved["weights"])

    @functools.cached_property
    def _said_once(self) -> SaidShape:
        return self.said_shape()

    @contextmanager
    def unchanged_files(self) -> Iterator[None]:
        """Make sure that what is read inside is the model whose identity is told.

        Raises
        ------
        ComponentError
            If its files are others by now: rows would be kept under the name of another model.
        """
        told = self.identity()
        yield
        if self._saved is None and self.content() != told:
            raise ComponentError(
                f"{self.name}: a model must stay as it is while it is used. {self.place} was "
                f"written anew (SHA-256 {self.content()[:8]}, before {told[:8]}). Start again."
            )

    def load(self) -> None:
        """Make the model ready; done once, when features are first asked for."""
        self.network.load()

    def features(self, images: Sequence[np.ndarray], n_jobs: int | None = None) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1].

        `n_jobs` is how many cores compute, where OpenVINO does; the rows do not depend on it.
        """
        return self.network.rows(images, n_jobs)

    def save(self, folder: Path) -> None:
        """Write the model into a bundle, without the scaling of pixels, and its notes."""
        operations = self.operations
        description = {
            "architecture": self.name,
            "layer": self.options.layer,
            "output": self.options.output,
            "pooling": self.options.pooling,
            "scale": self.options.scale,
            "mean": _plain(self.options.mean),
            "std": _plain(self.options.std),
            "input_size": list(self.input_size),
            "n_channels": self.n_channels,
            "weights": self.identity(),
            "operations": None if operations == float("inf") else operations,
        }
        self.network.save(folder, description)

    @classmethod
    def from_folder(cls, folder: Path) -> OwnModel:
        """Return the model that `save` wrote; its own files are not needed.

        Raises
        ------
        BundleError
            If the notes are missing or damaged.
        """
        saved = read_description(folder)
        missing = _NEEDED - set(saved)
        if missing:
            raise BundleError(
                f"{folder}: the notes of the network lack {', '.join(sorted(missing))}. Take "
                "another copy of the model."
            )
        written = ("layer", "output", "pooling", "scale", "mean", "std")
        options = {name: saved[name] for name in written if name in saved}
        model = cls("", ModelOptions(**options))
        model._saved = saved
        model._folder = Path(folder)
        return model


def _plain(written: Sequence[float] | float | None) -> list[float] | float | None:
    return list(written) if isinstance(written, Sequence) else written


def chosen_size(
    name: str, place: str, said: tuple[int | None, int | None], options: ModelOptions
) -> tuple[int, int]:
    """Return (height, width) out of what a model says and what was written.

    Raises
    ------
    ComponentError
        If neither says it, or they contradict each other.

    Examples
    --------
    >>> chosen_size("model_file", "uni.onnx", (None, None), ModelOptions(input_size=224))
    (224, 224)
    """
    height, width = said
    if options.input_size is None:
        if height is None or width is None:
            raise ComponentError(
                f"{name}: params.input_size must be given, because {place} takes images "
                "of any size. Write the size that it was trained with, for example 224."
            )
        return height, width
    written = options.input_size
    chosen = as_size(name, written if isinstance(written, int) else tuple(written))
    if height not in (None, chosen[0]) or width not in (None, chosen[1]):
        raise ComponentError(
            f"{name}: params.input_size must be [{height}, {width}], which {place} was "
            f"made for. Got {written if isinstance(written, int) else list(written)}. Leave it out."
        )
    return chosen
