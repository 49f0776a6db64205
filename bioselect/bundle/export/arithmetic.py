"""What several estimators are made of: sums, softmax, squared distances, one column as two."""

from __future__ import annotations

import numpy as np

from bioselect.bundle.export.graph import Graph


def weighted_sums(graph: Graph, rows: str, weights: np.ndarray, offsets: np.ndarray) -> str:
    """Return ``rows @ weights + offsets``; weights are ``(n_features, n_sums)``."""
    sums = graph.add("MatMul", rows, graph.constant(np.asarray(weights, dtype=np.float64)))
    return graph.add("Add", sums, graph.constant(np.asarray(offsets, dtype=np.float64)))


def softmax(graph: Graph, scores: str) -> str:
    """Return positive rows that sum to 1."""
    return graph.add("Softmax", scores, axis=1)


def of_two(graph: Graph, log_odds: str) -> str:
    """Return the probabilities of two classes for one column: the log odds of the second."""
    return graph.add(
        "Concat",
        graph.add("Sigmoid", graph.add("Neg", log_odds)),
        graph.add("Sigmoid", log_odds),
        axis=1,
    )


def from_scores(graph: Graph, scores: str, n_scores: int) -> str:
    """Return probabilities for scores: of one column the log odds of the second of two classes."""
    return of_two(graph, scores) if n_scores == 1 else softmax(graph, scores)


def total(graph: Graph, values: str) -> str:
    """Return the sum of each row, as one column."""
    return graph.add("ReduceSum", values, graph.constant(np.array([1])), keepdims=1)


def squared_distances(graph: Graph, rows: str, others: np.ndarray) -> str:
    """Return the squared Euclidean distances to some other rows, ``(n_images, n_others)``.

    From inner products: in float64 they are right to about seven digits of the distance even where
    it is a millionth of the length of the rows.
    """
    own = total(graph, graph.add("Mul", rows, rows))
    products = graph.add("MatMul", rows, graph.constant(-2.0 * others.T))
    lengths = graph.constant((others**2).sum(axis=1))
    squares = graph.add("Add", graph.add("Add", products, own), lengths)
    return graph.add("Max", squares, graph.constant(np.float64(0.0)))


def repeated(graph: Graph, rows: str, values: np.ndarray) -> str:
    """Return the same ``(n_columns,)`` numbers for every image."""
    n_images = graph.add("Gather", graph.add("Shape", rows), graph.constant(np.array([0])), axis=0)
    shape = graph.add("Concat", n_images, graph.constant(np.array([len(values)])), axis=0)
    return graph.add("Expand", graph.constant(np.asarray(values, dtype=np.float64)), shape)
