"""What a prediction of a built-in regressor costs, declared: the same on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.estimators.builtin_regressors import REGRESSORS, SELECT


@dataclass(frozen=True)
class _Size:
    """How many features there are and are used, and how many images were trained on."""

    n_features: int
    n_used: int
    n_train: int


def regressor_operations(
    name: str, n_features: int, n_train: int, params: Mapping[str, Any]
) -> float | None:
    """Return the declared operations of one prediction; None for one that is not built in.

    Examples
    --------
    >>> regressor_operations("ridge", n_features=10, n_train=100, params={"select": 4})
    28.0
    >>> regressor_operations("knn", n_features=10, n_train=100, params={})
    3020.0
    """
    if name not in COUNTS:
        return None
    given = {parameter.name: parameter.default for parameter in REGRESSORS[name].parameters}
    given |= params
    n_used = n_features if given.get(SELECT) is None else min(given[SELECT], n_features)
    return float(COUNTS[name](_Size(n_features, n_used, n_train), given))


def _scaling(size: _Size) -> float:
    return 2 * size.n_features


def _linear(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + 2 * size.n_used


def _neighbours(size: _Size, params: Mapping[str, Any]) -> float:
    # Difference, square and sum of each feature of each training image.
    return _scaling(size) + 3 * size.n_used * size.n_train


def _kernel(size: _Size, params: Mapping[str, Any]) -> float:
    # The kernel with every image (all may be support vectors), then their weighted sum.
    return _neighbours(size, params) + 2 * size.n_train


def _depth(size: _Size, params: Mapping[str, Any]) -> float:
    """Return the comparisons on the way to a leaf of a tree with equally deep leaves."""
    depth = math.ceil(math.log2(max(2.0, size.n_train / params["min_samples_leaf"])))
    return depth if params["max_depth"] is None else min(depth, params["max_depth"])


def _tree(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + _depth(size, params)


def _forest(size: _Size, params: Mapping[str, Any]) -> float:
    return _scaling(size) + float(params["n_estimators"] * (_depth(size, params) + 1))


def _boosting(size: _Size, params: Mapping[str, Any]) -> float:
    depth = math.ceil(math.log2(params["max_leaf_nodes"]))
    return float(params["n_estimators"] * (depth + 1))


def _dense(size: _Size, params: Mapping[str, Any]) -> float:
    # From the features to the first layer, from layer to layer, from the last to one number.
    between = params["width"] * (params["layers"] - 1)
    return float(_scaling(size) + 2 * params["width"] * (size.n_used + between + 1))


def _constant(size: _Size, params: Mapping[str, Any]) -> float:
    return 1.0


COUNTS: Mapping[str, Callable[[_Size, Mapping[str, Any]], float]] = {
    "linear": _linear,
    "ridge": _linear,
    "lasso": _linear,
    "elastic_net": _linear,
    "huber": _linear,
    "knn": _neighbours,
    "svr": _kernel,
    "decision_tree": _tree,
    "random_forest": _forest,
    "extra_trees": _forest,
    "gradient_boosting": _boosting,
    "pls": _linear,
    "gaussian_process": _kernel,
    "linear_network": _linear,
    "mlp_network": _dense,
    "dummy": _constant,
}
