"""Trees: forests, whose leaves are averaged, and boosted ones, whose leaves are added.

Borders and leaves are float64, in which ONNX Runtime then adds up: in float32 the sum would depend
on which trees a core has, and with it the class that a tied vote is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bioselect.bundle.export.arithmetic import from_scores
from bioselect.bundle.export.graph import ML, Graph


def tree(graph: Graph, model: Any, rows: str) -> str:
    """One tree."""
    return _forest(graph, [model.tree_], rows)


def forest(graph: Graph, model: Any, rows: str) -> str:
    """Many trees: the mean of what their leaves say."""
    return _forest(graph, [one.tree_ for one in model.estimators_], rows)


def boosted_classifier(graph: Graph, model: Any, rows: str) -> str:
    """The sums of the trees of each class as scores; of two classes as the log odds."""
    scores = _boosted(graph, model, rows)
    return from_scores(graph, scores, model.n_trees_per_iteration_)


def boosted_regressor(graph: Graph, model: Any, rows: str) -> str:
    """The sum of all trees."""
    return _boosted(graph, model, rows)


def _forest(graph: Graph, trees: list[Any], rows: str) -> str:
    found = _Nodes()
    for number, one in enumerate(trees):
        is_leaf = one.children_left < 0
        found.add(
            number, one.feature, one.threshold, one.children_left,
            one.children_right, is_leaf, np.zeros(len(is_leaf), dtype=bool),
        )  # fmt: skip
        for place in np.flatnonzero(is_leaf):
            for column, value in enumerate(np.ravel(one.value[place])):
                found.say(number, int(place), column, value / len(trees))
    n_columns = int(trees[0].value.shape[2])
    # scikit-learn's trees compare float32 with float64.
    rounded = graph.cast(graph.cast(rows, np.float32), np.float64)
    return _ensemble(graph, found, rounded, n_columns)


def _boosted(graph: Graph, model: Any, rows: str) -> str:
    found = _Nodes()
    for number, (column, nodes) in enumerate(_boosted_trees(model)):
        is_leaf = nodes["is_leaf"].astype(bool)
        found.add(
            number, nodes["feature_idx"], nodes["num_threshold"], nodes["left"], nodes["right"],
            is_leaf, nodes["missing_go_to_left"].astype(bool),
        )  # fmt: skip
        for place in np.flatnonzero(is_leaf):
            found.say(number, int(place), column, nodes["value"][place])
    sums = _ensemble(graph, found, rows, model.n_trees_per_iteration_)
    return graph.add("Add", sums, graph.constant(np.ravel(model._baseline_prediction)))


def _boosted_trees(model: Any) -> Iterator[tuple[int, np.ndarray]]:
    for of_step in model._predictors:
        for column, one in enumerate(of_step):
            yield column, one.nodes


class _Nodes:
    """The nodes of all trees as the lists that ONNX has of them."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Any]] = {}

    def add(
        self,
        tree: int,
        features: np.ndarray,
        borders: np.ndarray,
        left: np.ndarray,
        right: np.ndarray,
        is_leaf: np.ndarray,
        missing_left: np.ndarray,
    ) -> None:
        """Add the nodes of a tree; what a leaf divides by is of no importance."""
        n_nodes = len(features)
        self._extend("nodes_treeids", [tree] * n_nodes)
        self._extend("nodes_nodeids", range(n_nodes))
        self._extend("nodes_featureids", np.where(is_leaf, 0, features))
        self._extend("nodes_modes", ["LEAF" if one else "BRANCH_LEQ" for one in is_leaf])
        self._extend("nodes_values", np.where(is_leaf, 0.0, borders))
        self._extend("nodes_truenodeids", np.where(is_leaf, 0, left))
        self._extend("nodes_falsenodeids", np.where(is_leaf, 0, right))
        self._extend("nodes_missing_value_tracks_true", np.where(is_leaf, 0, missing_left))

    def say(self, tree: int, node: int, column: int, value: float) -> None:
        """Add what a leaf says of a class."""
        self._extend("target_treeids", [tree])
        self._extend("target_nodeids", [node])
        self._extend("target_ids", [column])
        self._extend("target_weights", [float(value)])

    def _extend(self, name: str, values: Any) -> None:
        plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
        self.lists.setdefault(name, []).extend(plain)


def _ensemble(graph: Graph, nodes: _Nodes, rows: str, n_columns: int) -> str:
    """Add all trees as one operation, which rounds its sums to float32; return float64."""
    lists = dict(nodes.lists)
    for name in ("nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids",
                 "nodes_missing_value_tracks_true"):  # fmt: skip
        lists[name] = [int(one) for one in lists[name]]
    array = graph.onnx.numpy_helper.from_array
    for name in ("nodes_values", "target_weights"):
        values = np.array(lists.pop(name), dtype=np.float64)
        lists[f"{name}_as_tensor"] = array(values, name)
    found = graph.add(
        "TreeEnsembleRegressor",
        rows,
        domain=ML,
        n_targets=n_columns,
        aggregate_function="SUM",
        post_transform="NONE",
        **lists,
    )
    return graph.cast(found, np.float64)
