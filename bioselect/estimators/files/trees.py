"""The nodes of decision trees: scikit-learn follows them in memory without looking where to.

A number of a child or of a feature beyond the end ends the whole process, or shows what else lies
in memory; a child that leads back to its parent never ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from bioselect.estimators.files.schema import PlainFile

#: What stands for no child.
LEAF = -1
_FIELDS = ("left_child", "right_child", "feature", "threshold")
_BOOSTED_FIELDS = ("value", "feature_idx", "left", "right", "is_leaf", "is_categorical")
_STATE = {"max_depth", "node_count", "nodes", "values"}


def check_tree(plain: PlainFile, node: Mapping[str, Any]) -> None:
    """Find out whether a tree can be made and followed, before it is made.

    Raises
    ------
    ValueError
        If it cannot, also where something that a tree has is missing.
    """
    try:
        arguments = node["__reduce__"]["args"]["content"]
        n_features, n_outputs = _number(arguments[0]), _number(arguments[2])
        n_classes = plain.array(arguments[1])
        state = node["content"]["content"]
        depth, count = _number(state["max_depth"]), _number(state["node_count"])
        nodes, values = plain.array(state["nodes"]), plain.array(state["values"])
        is_whole = len(arguments) == 3 and set(state) == _STATE
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"a tree must have nodes and values ({error!r})") from error
    _require(is_whole, "must have nodes and values alone")
    _require(n_outputs >= 1 and n_classes.shape == (n_outputs,), "must say its outputs")
    _require(n_classes.dtype.kind in "iu" and n_classes.min() >= 1, "must say its classes")
    _require(nodes.ndim == 1 and set(_FIELDS) <= set(nodes.dtype.names or ()), "must have nodes")
    _require(count == len(nodes) >= 1, f"must have as many nodes as it says, {count}")
    _require(0 <= depth < count, "must be as deep as nodes allow")
    shape = (count, n_outputs, int(n_classes.max()))
    _require(values.shape == shape and values.dtype.kind == "f", "must have a value at each node")
    _require(bool(np.isfinite(values).all()), "must have finite values")
    inner = nodes["left_child"] != LEAF
    _require(bool((nodes["right_child"][~inner] == LEAF).all()), "must have two children or none")
    _check_ways(nodes["left_child"], nodes["right_child"], nodes["feature"], inner, n_features)


def check_boosted_tree(predictor: Any, n_features: int) -> None:
    """Find out whether a tree of gradient boosting can be followed.

    Raises
    ------
    ValueError
        If it cannot.
    """
    nodes = vars(predictor).get("nodes")
    names = set(nodes.dtype.names or ()) if isinstance(nodes, np.ndarray) else set()
    _require(
        set(_BOOSTED_FIELDS) <= names and nodes.ndim == 1 and len(nodes) > 0, "must have nodes"
    )
    _require(not nodes["is_categorical"].any(), "must divide by numbers, not by categories")
    _require(bool((nodes["is_leaf"] <= 1).all()), "must have leaves or none")
    _require(bool(np.isfinite(nodes["value"]).all()), "must have finite values")
    inner = nodes["is_leaf"] == 0
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    _check_ways(left, right, nodes["feature_idx"], inner, n_features)


def _check_ways(
    left: np.ndarray, right: np.ndarray, feature: np.ndarray, inner: np.ndarray, n_features: int
) -> None:
    """Find out whether each step leads on: children stand behind their parent."""
    places = np.flatnonzero(inner)
    for child in (left[inner], right[inner]):
        leads_on = (child > places) & (child < len(inner))
        _require(bool(leads_on.all()), "must have children behind their parents")
    asked = feature[inner]
    _require(
        bool(((asked >= 0) & (asked < n_features)).all()),
        f"must ask for features below {n_features}",
    )


def _number(node: Mapping[str, Any]) -> int:
    """Return a whole number of the schema."""
    value = json.loads(node["content"])
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(f"a tree {rule}")
