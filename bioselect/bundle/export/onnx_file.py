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
from bioselect.bundle.export.pieces import inputs_of, pieces_of
from bioselect.bundle.export.trial import check_graph, tried_on
from bioselect.bundle.manifest import CHECK_SAMPLE_FILE
from bioselect.bundle.reading import Model


@dataclass(frozen=True, eq=False)
class OnnxModel:
    """An ONNX model that says what a model says, with what is known of it."""

    whole: Any
    facts: dict[str, Any]
    words: str


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
    shown, columns, names = shown_images(model, folder, images, where)
    pieces = pieces_of(model, folder, np.stack(shown[:1]))
    inputs = inputs_of(pieces, model)
    wholes = graphs_of(model, pieces, with_predicted)
    facts = facts_of(model, pieces, inputs, with_predicted)
    tried = tried_on(model, pieces, shown, columns, names)
    with_rows = joined(pieces, inputs, wholes, "", {}, with_rows=True)
    found = check_graph(model, with_rows, wholes.head, pieces, tried)
    facts["checked"] = asdict(found)
    words = f"{in_words(facts)}\n{found_in_words(found, model)}"
    whole = joined(pieces, inputs, wholes, words, as_props(facts))
    return OnnxModel(whole, facts, words)


def shown_images(
    model: Model, folder: Path, images: Sequence[np.ndarray], where: Sequence[str]
) -> tuple[list[np.ndarray], np.ndarray | None, list[str]]:
    """Return what a file and a model are compared on: images, columns beside them, and names.

    The check images of the bundle, their mirror images, and those that were named. Of a model of
    columns rows; where columns are joined to images, the bundle's own alone have any.
    """
    sample = read_arrays(folder / CHECK_SAMPLE_FILE)
    check, columns = list(sample["images"]), sample.get("columns")
    if model.extractor is None:
        return check, None, ["check row"] * len(check)
    turned = [
        np.ascontiguousarray(image[::down, ::across])
        for down, across in ((-1, 1), (1, -1), (-1, -1))
        for image in check
    ]
    names = ["check image"] * (len(check) + len(turned))
    if columns is not None:
        return [*check, *turned], np.concatenate([columns] * 4), names
    return [*check, *turned, *images], None, [*names, *where]
