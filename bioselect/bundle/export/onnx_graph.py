"""A model of classes, labels or numbers as one ONNX graph, as far as a graph can hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.bundle.export.calibrating import calibrated, calibrated_labels
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.keras_graph import onnx_of_keras
from bioselect.bundle.export.pieces import Given, Piece
from bioselect.bundle.export.pixels import scaled_pixels
from bioselect.bundle.export.table import is_said, table_added
from bioselect.bundle.reading import Model

PROBABILITIES, PREDICTED, VALUE = "probabilities", "predicted", "value"
#: What a graph gives in addition while it is tried: the rows that its estimator takes.
TAKEN = "rows_taken"


@dataclass(frozen=True, eq=False)
class Wholes:
    """The graphs of a model: `head` takes rows, `networks` images; a piece may be None there."""

    head: Any
    networks: Sequence[Any]


def graphs_of(model: Model, pieces: Sequence[Piece], with_predicted: bool) -> Wholes:
    """Return what is put together by :func:`joined`, each as a model of its own.

    Raises
    ------
    ComponentError
        If the estimator, or a network, cannot be written as operations.
    """
    head = _head(model, sum(piece.width for piece in pieces), with_predicted)
    networks = [
        None
        if piece.inside is None
        else onnx_of_keras(piece.inside.build(), piece.inside.image_shape, piece.name)
        for piece in pieces
    ]
    return Wholes(head, networks)


def joined(
    pieces: Sequence[Piece],
    inputs: Sequence[Given],
    wholes: Wholes,
    words: str,
    facts: dict[str, str],
    with_rows: bool = False,
) -> Any:
    """Return one `onnx.ModelProto`: pixels scaled, networks, rows side by side, estimator.

    With `with_rows` it gives the rows too, as `TAKEN`, to look where it differs.
    """
    graph = Graph()
    for one in inputs:
        graph.input(one.name, one.dtype, one.shape)
    rows = []
    for piece, network in zip(pieces, wholes.networks, strict=True):
        if piece.inside is None or network is None:
            rows.append(graph.cast(piece.input, np.float64))
            continue
        pixels = scaled_pixels(graph, piece.input, piece.inside.mode)
        (features,) = graph.inside(network, {network.graph.input[0].name: pixels})
        rows.append(graph.cast(features, np.float64))
    row = rows[0] if len(rows) == 1 else graph.add("Concat", *rows, axis=1)
    found = graph.inside(wholes.head, {"rows": row})
    for value, output in zip(found, wholes.head.graph.output, strict=True):
        shape = [one.dim_value for one in output.type.tensor_type.shape.dim[1:]]
        kind = graph.helper.tensor_dtype_to_np_dtype(output.type.tensor_type.elem_type)
        graph.output(output.name, value, shape, kind)
    if with_rows:
        graph.output(TAKEN, row, [sum(piece.width for piece in pieces)], np.float64)
    return graph.model(words, facts)


def _head(model: Model, width: int, with_predicted: bool) -> Any:
    """Return the estimator with its calibration, from float64 rows to what the model says."""
    manifest = model.manifest
    n_columns = len(model.class_names) if model.number is None else 1
    graph = Graph()
    table = rows = graph.input("rows", np.float64, [width])
    if manifest.network is None:
        table = table_added(graph, model.estimator, rows, n_columns)
    if model.number is not None:
        graph.output(VALUE, graph.cast(table, np.float32), [1])
        return graph.model()
    is_labels = manifest.labels is not None
    calibrate = calibrated_labels if is_labels else calibrated
    found = calibrate(graph, model.calibration, table, n_columns)
    graph.output(PROBABILITIES, graph.cast(found, np.float32), [n_columns])
    if with_predicted:
        # Of the probabilities before they are calibrated, which keeps the class, and before they
        # are rounded.
        if is_labels:
            said = graph.cast(is_said(graph, table), np.int64)
            graph.output(PREDICTED, said, [n_columns], np.int64)
        else:
            highest = graph.add("ArgMax", table, axis=1, keepdims=0)
            graph.output(PREDICTED, highest, [], np.int64)
    return graph.model()
