"""Estimators that compare a row with those of training images by a kernel."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
from sklearn.svm import SVC

from bioselect.bundle.export.arithmetic import from_scores, squared_distances, weighted_sums
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.steps import untranslatable
from bioselect.estimators.gaussian_process import GaussianProcess


def support_vector_classifier(graph: Graph, model: SVC, rows: str) -> str:
    """Softmax of the decision values of scikit-learn, one class against the others."""
    compared = _compared(graph, model, rows)
    n_classes = len(model.classes_)
    if n_classes == 2:
        sums = weighted_sums(graph, compared, model.dual_coef_.T, model.intercept_)
        return from_scores(graph, sums, 1)
    sums = weighted_sums(graph, compared, _of_pairs(model), model.intercept_)
    return from_scores(graph, _one_against_rest(graph, sums, n_classes), n_classes)


def support_vector_regressor(graph: Graph, model: Any, rows: str) -> str:
    """A sum over the support vectors."""
    compared = _compared(graph, model, rows)
    return weighted_sums(graph, compared, model.dual_coef_.T, model.intercept_)


def gaussian_process(graph: Graph, model: GaussianProcess, rows: str) -> str:
    """A sum over the training rows."""
    squares = squared_distances(graph, rows, model.rows_)
    scale = 1.0 / model.length_scale_
    if model.kernel == "matern":
        distances = graph.add("Sqrt", squares)
        scaled = graph.add("Mul", distances, graph.constant(np.float64(np.sqrt(3.0) * scale)))
        rising = graph.add("Add", scaled, graph.constant(np.float64(1.0)))
        alike = graph.add("Mul", rising, graph.add("Exp", graph.add("Neg", scaled)))
    else:
        halved = graph.add("Mul", squares, graph.constant(np.float64(-0.5 * scale**2)))
        alike = graph.add("Exp", halved)
    return weighted_sums(graph, alike, model.weights_.reshape(-1, 1), np.array([model.mean_]))


def _compared(graph: Graph, model: Any, rows: str) -> str:
    """Return the kernel of each image with each support vector."""
    vectors = np.asarray(model.support_vectors_, dtype=np.float64)
    gamma = float(model._gamma)
    if model.kernel == "rbf":
        squares = squared_distances(graph, rows, vectors)
        return graph.add("Exp", graph.add("Mul", squares, graph.constant(np.float64(-gamma))))
    products = graph.add("MatMul", rows, graph.constant(vectors.T))
    if model.kernel == "linear":
        return products
    scaled = graph.add("Mul", products, graph.constant(np.float64(gamma)))
    scaled = graph.add("Add", scaled, graph.constant(np.float64(model.coef0)))
    if model.kernel == "poly":
        return graph.add("Pow", scaled, graph.constant(np.float64(model.degree)))
    if model.kernel == "sigmoid":
        return graph.add("Tanh", scaled)
    raise untranslatable(model)


def _of_pairs(model: SVC) -> np.ndarray:
    """Return what each support vector weighs between two classes, ``(n_vectors, n_pairs)``.

    libsvm keeps, for a vector, a weight for each of the other classes in their order.
    """
    n_classes = len(model.classes_)
    ends = np.cumsum([0, *model.n_support_])
    own = [slice(first, last) for first, last in pairwise(ends)]
    pairs = list(combinations(range(n_classes), 2))
    weights = np.zeros((int(ends[-1]), len(pairs)))
    for place, (one, other) in enumerate(pairs):
        weights[own[one], place] = model.dual_coef_[other - 1, own[one]]
        weights[own[other], place] = model.dual_coef_[one, own[other]]
    return weights


def _one_against_rest(graph: Graph, sums: str, n_classes: int) -> str:
    """Return a score for each class: the pairs that it wins, and less than a half by how much."""
    pairs = list(combinations(range(n_classes), 2))
    for_first, for_second = np.zeros((2, len(pairs), n_classes))
    for place, (one, other) in enumerate(pairs):
        for_first[place, one], for_second[place, other] = 1.0, 1.0
    loses = graph.cast(graph.add("Less", sums, graph.constant(np.float64(0))), np.float64)
    # A pair won by the first class is a vote for it, otherwise for the second.
    votes = weighted_sums(graph, loses, for_second - for_first, for_first.sum(axis=0))
    surely = graph.add("MatMul", sums, graph.constant(for_first - for_second))
    sizes = graph.add("Add", graph.add("Abs", surely), graph.constant(np.float64(1)))
    bounded = graph.add("Div", surely, graph.add("Mul", sizes, graph.constant(np.float64(3))))
    return graph.add("Add", votes, bounded)
