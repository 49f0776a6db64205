"""What a prediction costs, declared: the same on every machine, so that it may decide a tie.

Counted are arithmetic operations and comparisons for one image whose features are known; a
multiplication and an addition are two. Sizes that depend on the data (support vectors, depth of
trees) are taken at what they can be at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.regressor_cost import regressor_operations


@dataclass(frozen=True)
class _Size:
    n_features: int
    n_classes: int
    n_train: int


def prediction_operations(
    name: str,
    n_features: int,
    n_classes: int,
    n_train: int,
    params: Mapping[str, Any] | None = None,
) -> float:
    """Return the declared operations of one prediction.

    Parameters
    ----------
    name : str
        Of a classifier; with `n_classes` 1 of a regressor. One that is not built in is taken to
        compare the image with every training image, as the most expensive of the built-in ones do.
    n_features, n_classes, n_train : int
        Sizes, each at least 1.
    params : mapping, optional
        Parameters that differ from the defaults.

    Examples
    --------
    >>> prediction_operations("logistic_regression", n_features=10, n_classes=3, n_train=100)
    80.0
    >>> prediction_operations("knn", n_features=10, n_classes=3, n_train=100)
    3020.0
    """
    size = _Size(n_features, n_classes, n_train)
    if n_classes == 1:
        found = regressor_operations(name, n_features, n_train, params or {})
        return float(_scaling(size) + _every_image(size, {})) if found is None else found
    if name not in COUNTS:
        return float(_scaling(size) + _every_image(size, {}))
    defaults = {parameter.name: parameter.default for parameter in CLASSIFIERS[name].parameters}
    return float(COUNTS[name](size, {**defaults, **(params or {})}))


def _scaling(size: _Size) -> float:
    return 2 * size.n_features


def _linear(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + 2 * size.n_features * size.n_classes


def _every_image(size: _Size, params: Mapping[str, Any]) -> float:
    # Difference, square and sum of each feature of each training image.
    return 3 * size.n_features * size.n_train


def _neighbours(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + _every_image(size, params)


def _support_vectors(size: _Size, params: Mapping[str, Any]) -> float:
    # The kernel with every image (all may be support vectors), then each in n_classes - 1 sums.
    sums = 2 * size.n_train * max(1, size.n_classes - 1)
    return _scaling(size) + _every_image(size, params) + sums


def _gaussians(size: _Size, params: Mapping[str, Any]) -> float:
    # Difference, square, division by the variance and sum, per feature and class.
    return _scaling(size) + 4 * size.n_features * size.n_classes


def _centroids(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + 3 * size.n_features * size.n_classes


def _depth(n_leaves: float) -> float:
    """Return the comparisons on the way to a leaf of a tree with equally deep leaves."""
    return math.ceil(math.log2(max(2.0, n_leaves)))


def _forest(size: _Size, params: Mapping[str, Any]) -> float:
    depth = _depth(size.n_train / params["min_samples_leaf"])
    if params["max_depth"] is not None:
        depth = min(depth, params["max_depth"])
    return float(params["n_estimators"] * (depth + size.n_classes))


def _boosting(size: _Size, params: Mapping[str, Any]) -> float:
    first = 0.0
    if params["components"] is not None:
        first = _scaling(size)
        if size.n_features > params["components"]:
            first += 2 * size.n_features * params["components"]
    n_trees = params["n_estimators"] * (1 if size.n_classes == 2 else size.n_classes)
    return float(first + n_trees * (_depth(params["max_leaf_nodes"]) + 1))


def _network(size: _Size, params: Mapping[str, Any]) -> float:
    return float(_scaling(size) + 2 * params["hidden"] * (size.n_features + size.n_classes))


def _constant(size: _Size, params: Mapping[str, Any]) -> float:
    return size.n_classes


COUNTS: Mapping[str, Callable[[_Size, Mapping[str, Any]], float]] = {
    "logistic_regression": _linear,
    "linear_svm": _support_vectors,
    "svm": _support_vectors,
    "knn": _neighbours,
    "lda": _linear,
    "naive_bayes": _gaussians,
    "random_forest": _forest,
    "extra_trees": _forest,
    "gradient_boosting": _boosting,
    "mlp": _network,
    "nearest_centroid": _centroids,
    "dummy": _constant,
}
