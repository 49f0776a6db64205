"""The nearest training images, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.bundle.export.arithmetic import squared_distances, total
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.steps import untranslatable


def neighbour_classifier(graph: Graph, model: Any, rows: str) -> str:
    """The shares of the classes among the nearest, each as its weight says."""
    says = np.eye(len(model.classes_))[np.ravel(model._y)]
    return _mean_of_nearest(graph, model, rows, says)


def neighbour_regressor(graph: Graph, model: Any, rows: str) -> str:
    """The mean of the nearest, each as its weight says."""
    return _mean_of_nearest(graph, model, rows, np.reshape(model._y, (-1, 1)).astype(np.float64))


def _mean_of_nearest(graph: Graph, model: Any, rows: str, says: np.ndarray) -> str:
    distances = _distances(graph, model, rows)
    count = graph.constant(np.array([model.n_neighbors]))
    near, places = graph.add_several("TopK", 2, distances, count, axis=1, largest=0, sorted=1)
    said = graph.add("Gather", graph.constant(says), places, axis=0)
    weights = _weights(graph, model, near)
    column = graph.add("Unsqueeze", weights, graph.constant(np.array([2])))
    added = graph.add(
        "ReduceSum",
        graph.add("Mul", said, column),
        graph.constant(np.array([1])),
        keepdims=0,
    )
    return graph.add("Div", added, total(graph, weights))


def _weights(graph: Graph, model: Any, near: str) -> str:
    """Return how much each of the nearest counts: alike, or one over its distance.

    Where one is the image itself, nothing but such ones count.
    """
    if model.weights == "uniform":
        zero = graph.constant(np.float64(0))
        return graph.add("Add", graph.add("Mul", near, zero), graph.constant(np.float64(1)))
    if model.weights != "distance":
        raise untranslatable(model)
    zero = graph.constant(np.float64(0))
    same = graph.cast(graph.add("Equal", near, zero), np.float64)
    any_same = graph.add("Greater", total(graph, same), zero)
    apart = graph.add("Add", near, same)
    return graph.add("Where", any_same, same, graph.add("Reciprocal", apart))


def _distances(graph: Graph, model: Any, rows: str) -> str:
    """Return ``(n_images, n_training_images)`` distances."""
    known = np.asarray(model._fit_X, dtype=np.float64)
    if model.metric == "euclidean":
        return graph.add("Sqrt", squared_distances(graph, rows, known))
    if model.metric == "cosine":
        lengths = np.sqrt((known**2).sum(axis=1, keepdims=True))
        directions = known / np.where(lengths > 0, lengths, 1.0)
        own = graph.add("Sqrt", total(graph, graph.add("Mul", rows, rows)))
        own = graph.add("Max", own, graph.constant(np.float64(np.finfo(np.float64).tiny)))
        alike = graph.add("MatMul", graph.add("Div", rows, own), graph.constant(directions.T))
        apart = graph.add("Sub", graph.constant(np.float64(1)), alike)
        return graph.add("Max", apart, graph.constant(np.float64(0)))
    if model.metric == "manhattan":
        return _sums_of_differences(graph, rows, known)
    raise untranslatable(model)


def _sums_of_differences(graph: Graph, rows: str, known: np.ndarray) -> str:
    """Return Manhattan distances, one training image after the other: all at once take memory."""
    helper, onnx = graph.helper, graph.onnx
    kind = onnx.TensorProto.DOUBLE
    images = graph.add("Identity", rows)
    body = helper.make_graph(
        [
            helper.make_node("Sub", [images, "one"], ["apart"]),
            helper.make_node("ReduceL1", ["apart"], ["distance"], axes=[1], keepdims=0),
        ],
        "distances",
        [helper.make_tensor_value_info("one", kind, [known.shape[1]])],
        [helper.make_tensor_value_info("distance", kind, [None])],
    )
    found = graph.add("Scan", graph.constant(known), body=body, num_scan_inputs=1)
    return graph.add("Transpose", found, perm=[1, 0])
