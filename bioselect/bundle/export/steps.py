"""What comes before an estimator in its pipeline, as operations on float64 rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from bioselect.bundle.export.graph import Graph
from bioselect.estimators.best_columns import BestColumns
from bioselect.estimators.binary_scaling import BinaryScaler
from bioselect.estimators.rotation import PrincipalRotation
from bioselect.exceptions import ComponentError
from bioselect.features.column_step import NUMBERS, ColumnStep
from bioselect.features.visual_words.vocabulary import VisualWords


def step_added(graph: Graph, step: Any, rows: str) -> str:
    """Add a fitted transformer and return the rows that it gives.

    Raises
    ------
    ComponentError
        If there are no operations of ONNX for it.
    """
    if isinstance(step, str) and step == "passthrough":
        return rows
    if type(step) not in STEPS:
        raise untranslatable(step)
    return STEPS[type(step)](graph, step, rows)


def untranslatable(part: Any) -> ComponentError:
    """Return the error for a part of an estimator that no operations are known for."""
    name = type(part).__name__
    why = _WHY.get(type(part), "it is none of those that come with bioselect")
    return ComponentError(
        f"export: {name} cannot be written as operations of ONNX: {why}. Export a model without "
        "it, or go on predicting with bioselect."
    )


def columns_taken(graph: Graph, rows: str, places: np.ndarray) -> str:
    """Return some columns of rows, in an order."""
    chosen = graph.constant(np.asarray(places, dtype=np.int64))
    return graph.add("Gather", rows, chosen, axis=1)


def _scaled(graph: Graph, step: StandardScaler, rows: str) -> str:
    if step.mean_ is not None and step.with_mean:
        rows = graph.add("Sub", rows, graph.constant(step.mean_))
    if step.scale_ is not None:
        rows = graph.add("Div", rows, graph.constant(step.scale_))
    return rows


def _divided(graph: Graph, step: BinaryScaler, rows: str) -> str:
    apart = graph.add("Sub", rows, graph.constant(step.offsets_))
    return graph.add("Mul", apart, graph.constant(np.ldexp(1.0, -step.exponents_)))


def _rotated(graph: Graph, step: PrincipalRotation, rows: str) -> str:
    if step.components_ is None:
        return rows
    apart = graph.add("Sub", rows, graph.constant(step.mean_))
    return graph.add("MatMul", apart, graph.constant(step.components_.T))


def _chosen(graph: Graph, step: BestColumns, rows: str) -> str:
    return columns_taken(graph, rows, step.columns_)


def _same(graph: Graph, step: FunctionTransformer, rows: str) -> str:
    if step.func is not None:
        raise untranslatable(step)
    return rows


def _side_by_side(graph: Graph, step: ColumnTransformer, rows: str) -> str:
    """Each part of the rows through a step of its own."""
    every = np.arange(step.n_features_in_)
    parts = [
        step_added(graph, own, columns_taken(graph, rows, every[columns]))
        for _, own, columns in step.transformers_
        if not (isinstance(own, str) and own == "drop")
    ]
    return parts[0] if len(parts) == 1 else graph.add("Concat", *parts, axis=1)


def _filled(graph: Graph, step: ColumnStep, rows: str) -> str:
    """Numbers that are missing become medians, categories columns of 0 and 1."""
    parts = []
    for place, count in enumerate(step.n_categories):
        column = columns_taken(graph, rows, np.array([place]))
        if count == NUMBERS:
            missing = graph.add("IsNaN", column)
            median = graph.constant(np.array([step.medians_[place]]))
            parts.append(graph.add("Where", missing, median, column))
        else:
            codes = graph.constant(np.arange(count, dtype=np.float64))
            parts.append(graph.cast(graph.add("Equal", column, codes), np.float64))
    return graph.add("Concat", *parts, axis=1)


STEPS: Mapping[type, Callable[[Graph, Any, str], str]] = {
    BestColumns: _chosen,
    BinaryScaler: _divided,
    ColumnStep: _filled,
    ColumnTransformer: _side_by_side,
    FunctionTransformer: _same,
    PrincipalRotation: _rotated,
    StandardScaler: _scaled,
}
_WHY = {
    VisualWords: "it counts local descriptors, of which every image has another number",
}
