"""A model file of another program (ONNX, OpenVINO IR, LiteRT) as what gives rows of features."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.compiled_files import write_network
from bioselect.backbones.engines import Engine
from bioselect.backbones.foreign_graph import n_probabilities, rows_network
from bioselect.backbones.foreign_input import (
    chosen_output,
    image_input,
    image_shape_of,
    layout_of,
    read_network,
)
from bioselect.backbones.foreign_network import (
    ForeignNetwork,
    engine_of_foreign_bundle,
    foreign_engine,
)
from bioselect.backbones.graph_operations import operations_of
from bioselect.backbones.model_kinds import NAME, files_of, identity_of, known_kind
from bioselect.backbones.model_options import ModelOptions, check_choices, check_pixels
from bioselect.backbones.own_model import OwnModel, SaidShape, chosen_size
from bioselect.exceptions import ComponentError


class ForeignModel(OwnModel):
    """An output of a model that OpenVINO reads; nothing of it is Keras's, and nothing is code.

    Every image goes through alone, in float32, so that its row has the same bits whatever is
    beside it. Models that could not hold that are refused: quantised ones, and those that draw
    random numbers or remember images.
    """

    name = NAME

    def said_shape(self) -> SaidShape:
        """Return what the file says of the images that it takes."""
        return self._facts.said_shape

    def content(self) -> str:
        """Return a SHA-256 of the model's files."""
        return identity_of(files_of(self.place))

    def counted_operations(self) -> float:
        """Return the operations counted in the graph."""
        return self._facts.operations

    def check_files(self) -> None:
        """Read the model, without Keras, and find out whether it gives rows."""
        check_choices(NAME, self.options)
        if self.options.layer is not None:
            raise ComponentError(
                f"{NAME}: params.layer is for Keras files (.keras, .h5). Got "
                f"{self.options.layer!r} for {self.place}. Choose one of its outputs with "
                "params.output."
            )
        files_of(self.place)
        # Asked for first: without OpenVINO nothing can be read.
        self._engine()
        check_pixels(NAME, self.options, self.place, self.n_channels)

    def remark(self) -> str:
        """Say that a classifier's probabilities would be the features, and what else there is."""
        n_taken = self._facts.n_probabilities
        if n_taken is None:
            return ""
        return (
            f"{self.place} ends as a classifier: its {n_taken} "
            f"probabilit{'y is' if n_taken == 1 else 'ies are'} all that is taken as features. "
            "What comes before usually tells more: export the model without its last layers, or "
            "choose another output with params.output."
        )

    def made_network(self) -> ForeignNetwork:
        """Return the network behind."""
        engine = self._engine()
        facts = {
            "architecture": NAME,
            "layout": self.options.layout,
            "output": self.options.output,
            "pooling": self.options.pooling,
            "weights": self.identity(),
        }
        shape, mode = self.image_shape, self.options.mode(self.n_channels)
        return ForeignNetwork(NAME, self._write, shape, mode, facts, engine, self._folder)

    def _engine(self) -> Engine:
        if self._folder is not None and self._saved is not None:
            return engine_of_foreign_bundle(self._saved, NAME, self._folder)
        kind = known_kind(self.place).name
        return foreign_engine(NAME, self.place, kind, self.options.runtime, self.options.precision)

    @functools.cached_property
    def _facts(self) -> _Facts:
        files = files_of(self.place)
        states = tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
        options = self.options
        size = options.input_size
        return _facts_of(
            states, self.place, options.layout, options.output, options.pooling,
            size if size is None or isinstance(size, int) else tuple(size),
        )  # fmt: skip

    def _write(self, folder: Path) -> None:
        # Written inside too: OpenVINO may read weights no sooner.
        with self.unchanged_files():
            write_network(_read(self.place, self.options)[0], folder)


@dataclass(frozen=True)
class _Facts:
    said_shape: SaidShape
    operations: float
    n_probabilities: int | None


@functools.lru_cache(maxsize=16)
def _facts_of(
    states: tuple[Any, ...],
    place: str,
    layout: str,
    output: str | int | None,
    pooling: str | None,
    input_size: int | tuple[int, ...] | None,
) -> _Facts:
    """Read a model once in the life of the program, as long as its files are as in `states`."""
    options = ModelOptions(layout=layout, output=output, pooling=pooling, input_size=input_size)
    network, said = _read(place, options)
    return _Facts(said, operations_of(network), n_probabilities(network))


def _read(place: str, options: ModelOptions) -> tuple[Any, SaidShape]:
    """Return the network from one image to one row, and the shape that its file says."""
    path = files_of(place)[0]
    network = read_network(path, known_kind(place))
    sides = image_input(network, path)
    layout = layout_of(sides, options.layout, path)
    said = image_shape_of(sides, layout)
    output = chosen_output(network, options.output, path)
    shape = (*chosen_size(NAME, place, said[:2], options), said[2] or 3)
    return rows_network(network, shape, layout, output, options.pooling, path), said
