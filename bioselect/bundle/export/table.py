"""An estimator as operations: what `responses.class_probabilities` says of it, in ONNX.

Everything is computed in float64, as in bioselect; the operators that ONNX Runtime has for
float32 alone (those of trees) are told in their modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeRegressor

from bioselect.bundle.export import kernels, neighbours, sums, trees
from bioselect.bundle.export.arithmetic import of_two
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.steps import columns_taken, step_added, untranslatable
from bioselect.data.targets import BORDER
from bioselect.estimators.averaged_views import AveragedViews
from bioselect.estimators.averaging import AveragedModels
from bioselect.estimators.balanced_naive_bayes import BalancedNaiveBayes
from bioselect.estimators.centroid import CentroidClassifier
from bioselect.estimators.dense_network import DenseNetwork
from bioselect.estimators.discriminant import ShrunkenDiscriminant
from bioselect.estimators.fitted_pipeline import FittedPipeline
from bioselect.estimators.gaussian_process import GaussianProcess
from bioselect.estimators.label_sets import LabelSetClassifier
from bioselect.estimators.logistic import SpanLogisticRegression
from bioselect.estimators.partial_least_squares import PartialLeastSquares
from bioselect.estimators.resampling import ResampledPipeline
from bioselect.estimators.support_vectors import SteadySVR
from bioselect.estimators.threshold import ThresholdedClassifier
from bioselect.estimators.threshold_rule import ThresholdRule

Translation = Callable[[Graph, Any, str], str]


def table_added(graph: Graph, estimator: Any, rows: str, n_columns: int) -> str:
    """Add a fitted estimator and return its float64 ``(n_images, n_columns)``.

    Parameters
    ----------
    graph : Graph
        To add to.
    estimator : object
        As `responses.class_probabilities` takes it.
    rows : str
        float64 ``(n_images, n_features)``.
    n_columns : int
        How many classes or labels the study has; 1 for a number.

    Raises
    ------
    ComponentError
        If a part of it cannot be written as operations.
    """
    if type(estimator) in (Pipeline, FittedPipeline, ResampledPipeline):
        for _, step in estimator.steps[:-1]:
            rows = step_added(graph, step, rows)
        return table_added(graph, estimator.steps[-1][1], rows, n_columns)
    if type(estimator) in AROUND:
        return AROUND[type(estimator)](graph, estimator, rows, n_columns)
    if type(estimator) not in ALONE:
        raise untranslatable(estimator)
    found = ALONE[type(estimator)](graph, estimator, rows)
    return found if n_columns == 1 else _placed(graph, estimator, found, n_columns)


def has_steps(estimator: Any) -> bool:
    """Tell whether what it says jumps where a number passes a border.

    There, rounding decides: two programs may differ on one image in thousands.
    """
    if hasattr(estimator, "steps"):
        return has_steps(estimator.steps[-1][1])
    if isinstance(estimator, AveragedModels | AveragedViews):
        return any(has_steps(model) for model in estimator.members())
    if isinstance(estimator, LabelSetClassifier):
        return estimator.chain or any(has_steps(model) for model in estimator.models_)
    if isinstance(estimator, ThresholdedClassifier):
        return has_steps(estimator.estimator_)
    if isinstance(estimator, TransformedTargetRegressor):
        return has_steps(estimator.regressor_)
    return type(estimator) in JUMPING


def _placed(graph: Graph, estimator: Any, found: str, n_columns: int) -> str:
    """Return a column for each class of the study, 0 for those that it was not trained on."""
    seen = np.asarray(estimator.classes_).astype(np.int64)
    if seen.tolist() == list(range(n_columns)):
        return found
    places = np.zeros((len(seen), n_columns))
    places[np.arange(len(seen)), seen] = 1.0
    return graph.add("MatMul", found, graph.constant(places))


def _averaged(graph: Graph, model: AveragedModels, rows: str, n_columns: int) -> str:
    tables = [
        table_added(graph, one, columns_taken(graph, rows, columns), n_columns)
        for one, columns in zip(model.models, model.columns, strict=True)
    ]
    return _mean(graph, tables)


def _averaged_looks(graph: Graph, model: AveragedViews, rows: str, n_columns: int) -> str:
    looks = graph.add_several("Split", model.n_looks, rows, axis=1)
    return _mean(graph, [table_added(graph, model.model, one, n_columns) for one in looks])


def _mean(graph: Graph, tables: Sequence[str]) -> str:
    """Return the mean, added up in its order: ONNX Runtime has `Mean` for float32 alone."""
    added = tables[0]
    for one in tables[1:]:
        added = graph.add("Add", added, one)
    return graph.add("Div", added, graph.constant(np.float64(len(tables))))


def _label_sets(graph: Graph, model: LabelSetClassifier, rows: str, n_columns: int) -> str:
    """Return the probability of each label; in a chain each also sees the labels before it."""
    columns: list[str] = []
    given = rows
    for one in model.models_:
        column = columns_taken(graph, table_added(graph, one, given, 2), np.array([1]))
        columns.append(column)
        if model.chain:
            has = graph.cast(is_said(graph, column), np.float64)
            given = graph.add("Concat", given, has, axis=1)
    return graph.add("Concat", *columns, axis=1)


def is_said(graph: Graph, probabilities: str) -> str:
    """Return which labels an image has: those above one half."""
    return graph.add("Greater", probabilities, graph.constant(np.float64(BORDER)))


def _moved(graph: Graph, model: ThresholdedClassifier, rows: str, n_columns: int) -> str:
    """Return probabilities whose one half is where the border was."""
    table = table_added(graph, model.estimator_, rows, 2)
    if model.log_odds_ == 0.0:
        return table
    place = ThresholdRule.of(model.rule).place
    first, second = (
        graph.add("Log", columns_taken(graph, table, np.array([one]))) for one in (0, 1)
    )
    # As log odds of the second class, whichever of the two is the positive one.
    border = model.log_odds_ if place == 1 else -model.log_odds_
    odds = graph.add("Sub", second, first)
    return of_two(graph, graph.add("Sub", odds, graph.constant(np.float64(border))))


def _of_scaled_target(
    graph: Graph, model: TransformedTargetRegressor, rows: str, n_columns: int
) -> str:
    found = table_added(graph, model.regressor_, rows, n_columns)
    scaler = model.transformer_
    larger = graph.add("Mul", found, graph.constant(scaler.scale_))
    return graph.add("Add", larger, graph.constant(scaler.mean_))


#: Estimators that hold others.
AROUND: Mapping[type, Callable[[Graph, Any, str, int], str]] = {
    AveragedModels: _averaged,
    AveragedViews: _averaged_looks,
    LabelSetClassifier: _label_sets,
    ThresholdedClassifier: _moved,
    TransformedTargetRegressor: _of_scaled_target,
}
#: All others, each with the columns of the classes that it has seen.
ALONE: Mapping[type, Translation] = {
    BalancedNaiveBayes: sums.naive_bayes,
    CentroidClassifier: sums.nearest_centroid,
    DecisionTreeRegressor: trees.tree,
    DenseNetwork: sums.dense_network,
    DummyClassifier: sums.always_the_same,
    DummyRegressor: sums.always_the_same,
    ElasticNet: sums.linear_regressor,
    ExtraTreesClassifier: trees.forest,
    ExtraTreesRegressor: trees.forest,
    GaussianNB: sums.naive_bayes,
    GaussianProcess: kernels.gaussian_process,
    HistGradientBoostingClassifier: trees.boosted_classifier,
    HistGradientBoostingRegressor: trees.boosted_regressor,
    HuberRegressor: sums.linear_regressor,
    KNeighborsClassifier: neighbours.neighbour_classifier,
    KNeighborsRegressor: neighbours.neighbour_regressor,
    Lasso: sums.linear_regressor,
    LinearRegression: sums.linear_regressor,
    LogisticRegression: sums.linear_classifier,
    MLPClassifier: sums.perceptron,
    PartialLeastSquares: sums.linear_regressor,
    RandomForestClassifier: trees.forest,
    RandomForestRegressor: trees.forest,
    Ridge: sums.linear_regressor,
    ShrunkenDiscriminant: sums.linear_classifier,
    SpanLogisticRegression: sums.linear_classifier,
    SteadySVR: kernels.support_vector_regressor,
    SVC: kernels.support_vector_classifier,
    SVR: kernels.support_vector_regressor,
}
#: Those whose answer jumps where a feature passes a border; machines of three and more classes
#: count the pairs that a class wins.
JUMPING = frozenset(
    {
        DecisionTreeRegressor,
        ExtraTreesClassifier,
        ExtraTreesRegressor,
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
        KNeighborsClassifier,
        KNeighborsRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
        SVC,
    }
)
