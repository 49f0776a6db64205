"""What a model consists of, and which of it a graph can hold: networks, and what gives rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.engines import F32
from bioselect.backbones.per_channel import PerChannel
from bioselect.bundle.export.graph import N_IMAGES
from bioselect.bundle.export.reading_words import reading_words
from bioselect.bundle.manifest import NETWORK_FILE
from bioselect.bundle.network_model import MODE, NetworkModel
from bioselect.bundle.reading import Model
from bioselect.features.batches import prepare_native
from bioselect.features.transforming import Part, checked_transform, flat_parts
from bioselect.features.views import Views
from bioselect.networks.trained import load_network

IMAGE, ROWS, COLUMNS = "image", "rows", "columns"


@dataclass(frozen=True, eq=False)
class Inside:
    """A network that a graph holds: how Keras builds it, and how pixels are scaled before.

    `image_shape` is (height, width, n_channels).
    """

    build: Callable[[], Any]
    image_shape: tuple[int, int, int]
    mode: str | PerChannel


@dataclass(frozen=True, eq=False)
class Piece:
    """What gives some numbers of a row.

    `inside` is None where no graph can hold it, and `why_not` says why; `part` is the extractor,
    None for columns of a table, which are numbers already. `input` is the name of what the graph
    takes for it, `width` how many numbers it gives.
    """

    name: str
    input: str
    width: int
    part: Part | None = None
    inside: Inside | None = None
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Given:
    """What a graph takes: images, rows of an extractor, or columns of a table.

    `shape` is that for one image; `words` are what has to be done before, in order.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    words: Sequence[str] = ()

    @property
    def dtype(self) -> str:
        """What kind of numbers it takes: those of tables keep all their digits."""
        return "float64" if self.kind == COLUMNS else "float32"

    def facts(self) -> dict[str, Any]:
        """Return it for programs, in JSON's types."""
        facts: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "dtype": self.dtype,
            "shape": [N_IMAGES, *self.shape],
        }
        if self.kind == IMAGE:
            facts |= {"axes": "NHWC", "range": [0.0, 1.0]}
        return {**facts, "before": list(self.words)}


def pieces_of(model: Model, folder: Path, images: np.ndarray) -> list[Piece]:
    """Return what gives the numbers of a row, in their order.

    Parameters
    ----------
    model : Model
        Opened.
    folder : Path
        Of its bundle, unpacked.
    images : np.ndarray
        Some images as they were read from files, to see how long rows are; of a model of columns
        rows.
    """
    if model.extractor is None:
        return [Piece(COLUMNS, COLUMNS, model.manifest.n_features)]
    parts = flat_parts(model.extractor, model.manifest.extractor.name)
    prepared = prepare_native(images[0], model.reading, parts, "check image")
    found = []
    for part, image in zip(parts, prepared, strict=True):
        width = checked_transform(part, [image], ["check image"]).shape[1]
        inside, why_not = _inside(part, folder)
        name = part.name if model.manifest.network is None else model.manifest.estimator.name
        found.append((name, width, part, inside, why_not))
    names = _input_names([(name, inside) for name, _, _, inside, _ in found])
    pieces = [
        Piece(name, given, width, part, inside, why_not)
        for given, (name, width, part, inside, why_not) in zip(names, found, strict=True)
    ]
    if model.manifest.columns is not None:
        pieces.append(Piece(COLUMNS, COLUMNS, len(model.manifest.columns.columns)))
    return pieces


def _inside(part: Part, folder: Path) -> tuple[Inside | None, str]:
    """Return the network of a part, or None and why there is none that a graph can hold."""
    extractor = part.extractor
    if isinstance(extractor, NetworkModel):
        build = _BuildTrained(folder / NETWORK_FILE)
        return Inside(build, extractor.image_shape, MODE), ""
    if isinstance(extractor, Views):
        return None, "it draws views of an image from what the image looks like"
    network = getattr(getattr(extractor, "backbone", None), "network", None)
    if network is None:
        return None, "it is no network, and its arithmetic has no operators of ONNX"
    if not hasattr(network, "definition"):
        return None, (
            "the network came from a file of another program, of which the model keeps what "
            "OpenVINO made of it; the file itself may be ONNX"
        )
    if network.engine.precision != F32:
        return None, (
            f"it is computed with precision {network.engine.precision}, which a graph would not; "
            "trained with precision: f32 it would be inside"
        )
    return Inside(network.definition.build, network.image_shape, network.mode), ""


@dataclass(frozen=True)
class _BuildTrained:
    path: Path

    def __call__(self) -> Any:
        return load_network(self.path).model


def _input_names(pieces: Sequence[tuple[str, Inside | None]]) -> list[str]:
    """Return what each input is called: images of one size are one input.

    Examples
    --------
    >>> inside = Inside(dict, (96, 96, 3), "tf")
    >>> _input_names([("mobilenet_v2", inside), ("hog", None), ("lbp", None)])
    ['image', 'rows_hog', 'rows_lbp']
    """
    shapes = list(dict.fromkeys(one.image_shape for _, one in pieces if one is not None))
    outside = [name for name, one in pieces if one is None]
    names: list[str] = []
    for place, (name, one) in enumerate(pieces):
        if one is not None:
            size = "x".join(map(str, one.image_shape))
            names.append(IMAGE if len(shapes) == 1 else f"{IMAGE}_{size}")
        elif len(outside) == 1:
            names.append(ROWS)
        else:
            plain = "".join(sign if sign.isalnum() else "_" for sign in name)
            twice = outside.count(name) > 1
            names.append(f"{ROWS}_{plain}" + (f"_{place}" if twice else ""))
    return names


def inputs_of(pieces: Sequence[Piece], model: Model) -> list[Given]:
    """Return what the graph takes, each once, with the words on how it is made."""
    inputs: dict[str, Given] = {}
    for piece in pieces:
        if piece.inside is not None and piece.part is not None:
            demand = piece.part.traits
            words = reading_words(model.reading, demand.input_size, demand.n_channels)
            inputs[piece.input] = Given(piece.input, IMAGE, piece.inside.image_shape, words)
        elif piece.input == COLUMNS:
            words = _column_words(model)
            inputs[piece.input] = Given(piece.input, COLUMNS, (piece.width,), words)
        else:
            words = _row_words(piece, model)
            inputs[piece.input] = Given(piece.input, ROWS, (piece.width,), words)
    return list(inputs.values())


def _row_words(piece: Piece, model: Model) -> list[str]:
    demand = None if piece.part is None else piece.part.traits
    steps = (
        [] if demand is None else reading_words(model.reading, demand.input_size, demand.n_channels)
    )
    version = model.manifest.bioselect_version
    last = f"the {piece.width} numbers that the extractor {piece.name} of bioselect {version} gives"
    return [*steps, last]


def _column_words(model: Model) -> list[str]:
    part = model.manifest.columns
    if part is None:
        return []
    lines = ["numbers as they stand in the table; NaN for what is missing"]
    for one in part.columns:
        if one.categories is not None:
            codes = ", ".join(f"{name} = {place}" for place, name in enumerate(one.categories))
            lines.append(f"{one.name}: {codes}; NaN for any other")
    return [f"in this order: {', '.join(one.name for one in part.columns)}", *lines]
