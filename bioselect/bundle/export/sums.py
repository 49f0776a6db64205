"""Estimators that are weighted sums of a row, one after the other: linear ones, and networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from bioselect.bundle.export.arithmetic import (
    from_scores,
    repeated,
    softmax,
    squared_distances,
    weighted_sums,
)
from bioselect.bundle.export.graph import Graph
from bioselect.estimators.centroid import CentroidClassifier
from bioselect.estimators.dense_network import DenseNetwork

#: Names of Keras and scikit-learn -> operators.
ACTIVATIONS = {"relu": "Relu", "elu": "Elu", "tanh": "Tanh", "sigmoid": "Sigmoid",
               "logistic": "Sigmoid"}  # fmt: skip


def linear_classifier(graph: Graph, model: Any, rows: str) -> str:
    """Logistic regression and discriminant analysis: `coef_` and `intercept_`."""
    scores = weighted_sums(graph, rows, model.coef_.T, model.intercept_)
    return from_scores(graph, scores, len(model.coef_))


def linear_regressor(graph: Graph, model: Any, rows: str) -> str:
    """Everything whose prediction is `coef_` times the row plus `intercept_`."""
    weights = np.asarray(model.coef_, dtype=np.float64).reshape(-1, 1)
    return weighted_sums(graph, rows, weights, np.reshape(model.intercept_, (1,)))


def nearest_centroid(graph: Graph, model: CentroidClassifier, rows: str) -> str:
    """Softmax of the squared distances to the centroids."""
    distances = squared_distances(graph, rows, model.centroids_)
    return softmax(graph, graph.add("Mul", distances, graph.constant(-0.5 / model.spread_)))


def perceptron(graph: Graph, model: MLPClassifier, rows: str) -> str:
    """scikit-learn's network: hidden layers, then log odds or scores."""
    layers = list(zip(model.coefs_, model.intercepts_, strict=True))
    for weights, offsets in layers[:-1]:
        rows = weighted_sums(graph, rows, weights, offsets)
        rows = graph.add(ACTIVATIONS[model.activation], rows)
    weights, offsets = layers[-1]
    return from_scores(graph, weighted_sums(graph, rows, weights, offsets), weights.shape[1])


def dense_network(graph: Graph, model: DenseNetwork, rows: str) -> str:
    """A network with one number as its answer, in the target's units."""
    n_layers = len(model.kernels_)
    for place, (kernel, bias) in enumerate(zip(model.kernels_, model.biases_, strict=True)):
        rows = weighted_sums(graph, rows, kernel, bias)
        if place < n_layers - 1:
            rows = activated(graph, rows, model.design["activation"])
    number = graph.add("Mul", rows, graph.constant(np.float64(model.unit_)))
    return graph.add("Add", number, graph.constant(np.float64(model.offset_)))


def activated(graph: Graph, rows: str, name: str) -> str:
    """Return what a hidden layer makes of its sums.

    ONNX Runtime has `Elu` for float32 alone, so that it is written out.
    """
    if name != "elu":
        return graph.add(ACTIVATIONS[name], rows)
    zero, one = graph.constant(np.float64(0)), graph.constant(np.float64(1))
    below = graph.add("Sub", graph.add("Exp", graph.add("Min", rows, zero)), one)
    return graph.add("Where", graph.add("Greater", rows, zero), rows, below)


def naive_bayes(graph: Graph, model: Any, rows: str) -> str:
    """Softmax of the log likelihood of each class, features taken as independent."""
    scores = []
    for mean, variance, prior in zip(model.theta_, model.var_, model.class_prior_, strict=True):
        apart = graph.add("Sub", rows, graph.constant(mean))
        squares = graph.add("Mul", apart, apart)
        with np.errstate(divide="ignore"):
            offset = np.log(prior) - 0.5 * np.log(2.0 * np.pi * variance).sum()
        weights = (-0.5 / variance).reshape(-1, 1)
        scores.append(weighted_sums(graph, squares, weights, np.array([offset])))
    return softmax(graph, graph.add("Concat", *scores, axis=1) if len(scores) > 1 else scores[0])


def always_the_same(graph: Graph, model: Any, rows: str) -> str:
    """The floor of every table: the shares of the classes, or one number."""
    values = model.class_prior_ if hasattr(model, "class_prior_") else np.ravel(model.constant_)
    return repeated(graph, rows, values)
