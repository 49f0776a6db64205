"""A model of classes, labels or numbers written as an ONNX file, once it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.arrays import read_arrays
from bioselect.bundle.export.facts import as_props, facts_of, found_in_words, in_words
from bioselect.bundle.export.onnx_graph import graphs_of, joined
from bioselect.bundle.export.pieces import Given, Piece, inputs_of, pieces_of
from bioselect.bundle.export.trial import Found, Tried, check_graph, tried_on
from bioselect.bundle.manifest import CHECK_SAMPLE_FILE
from bioselect.bundle.reading import Model
from bioselect.storage import atomic_path, write_json


@dataclass(frozen=True, eq=False)
class OnnxModel:
    """An ONNX model that says what a model says, with what is known of it."""

    whole: Any
    facts: dict[str, Any]
    words: str
    found: Found
    tried: Tried
    pieces: Sequence[Piece]
    inputs: Sequence[Given]


def onnx_model(
    model: Model,
    folder: Path,
    images: Sequence[np.ndarray] = (),
    where: Sequence[str] = (),
    with_predicted: bool = True,
) -> OnnxModel:
    """Return a model as an ONNX graph that has been compared with it.

    Parameters
    ----------
    model : Model
        Opened.
    folder : Path
        Of its bundle, unpacked.
    images : sequence of np.ndarray
        As they were read from files, in addition to the check sample and its mirror images.
    where : sequence of str
        What to call each of them.
    with_predicted : bool
        Whether the predicted class is an output beside the probabilities.

    Raises
    ------
    ComponentError
        If the estimator or a network cannot be written as operations.
    BundleError
        If the graph does not say what the model says.
    UnavailableError
        If a package is missing.
    """
    sample = read_arrays(folder / CHECK_SAMPLE_FILE)
    shown, columns = _with_mirrored(model, sample)
    pieces = pieces_of(model, folder, sample["images"])
    inputs = inputs_of(pieces, model)
    wholes = graphs_of(model, pieces, with_predicted)
    facts = facts_of(model, pieces, inputs, with_predicted)
    if images and columns is None:
        shown = [*shown, *images]
    names = [*["check image"] * (len(shown) - len(where)), *where]
    tried = tried_on(model, pieces, shown, columns, names)
    found = check_graph(model, joined(pieces, inputs, wholes, "", {}), wholes, pieces, tried)
    facts["checked"] = asdict(found)
    words = f"{in_words(facts)}\n{found_in_words(found, model)}"
    whole = joined(pieces, inputs, wholes, words, as_props(facts))
    return OnnxModel(whole, facts, words, found, tried, pieces, inputs)


def write_onnx(path: Path, model: OnnxModel) -> Path:
    """Write an ONNX file, and beside it what is known of it as JSON; return the latter's path."""
    path = Path(path)
    with atomic_path(path) as unfinished:
        unfinished.write_bytes(model.whole.SerializeToString(deterministic=True))
    beside = path.with_suffix(".json")
    write_json(beside, model.facts)
    return beside


def _with_mirrored(
    model: Model, sample: dict[str, np.ndarray]
) -> tuple[list[np.ndarray], np.ndarray | None]:
    """Return the check images and their mirror images, and the columns of each if there are any."""
    images, columns = list(sample["images"]), sample.get("columns")
    if model.extractor is None:
        return images, None
    turned = [np.ascontiguousarray(image[::down, ::across])
              for down, across in ((-1, 1), (1, -1), (-1, -1)) for image in images]  # fmt: skip
    both = None if columns is None else np.concatenate([columns] * 4)
    return [*images, *turned], both
