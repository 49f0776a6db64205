"""One function for each built-in regressor: parameters and a seed -> an untrained estimator.

Each takes what its row in `builtin_regressors.py` declares, with the same defaults. Scaling, where
distances or penalties depend on the units of the features, is a step of the estimator, and so is
the choice of features (`select`), so that both are learnt inside the fold. Nothing uses more than
one process.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, HuberRegressor, Lasso, LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from bioselect.estimators.best_columns import BestColumns
from bioselect.estimators.binary_scaling import BinaryScaler
from bioselect.estimators.gaussian_process import GaussianProcess
from bioselect.estimators.partial_least_squares import PartialLeastSquares
from bioselect.estimators.scaled_pipeline import behind, scaled
from bioselect.estimators.support_vectors import SteadySVR

#: Penalties are followed to their optimum; strongly correlated features take thousands of steps.
MOST_STEPS = 50_000


def _of_scaled_target(model: BaseEstimator) -> TransformedTargetRegressor:
    """Return the model for a target of any unit: what its parameters mean depends on none."""
    return TransformedTargetRegressor(model, transformer=StandardScaler(), check_inverse=False)


def linear(select: int | None = None) -> Pipeline:
    """Return least squares; of more features than images the solution with the least weights."""
    return scaled(LinearRegression(), select)


def ridge(alpha: float = 1.0, select: int | None = None) -> Pipeline:
    """Return least squares with an L2 penalty, solved exactly."""
    return scaled(Ridge(float(alpha), solver="cholesky"), select)


def lasso(alpha: float = 0.01, select: int | None = None) -> Pipeline:
    """Return least squares with an L1 penalty."""
    # `random_state`: nothing is random, but without it NumPy's global state would be advanced.
    model = Lasso(float(alpha), max_iter=MOST_STEPS, random_state=0)
    return scaled(_of_scaled_target(model), select)


def elastic_net(alpha: float = 0.01, l1_ratio: float = 0.5, select: int | None = None) -> Pipeline:
    """Return least squares with an L1 and an L2 penalty."""
    model = ElasticNet(float(alpha), l1_ratio=float(l1_ratio), max_iter=MOST_STEPS, random_state=0)
    return scaled(_of_scaled_target(model), select)


def huber(alpha: float = 1.0, epsilon: float = 1.35, select: int | None = None) -> Pipeline:
    """Return linear regression in which far values count less, with an L2 penalty."""
    model = HuberRegressor(epsilon=float(epsilon), alpha=float(alpha), max_iter=MOST_STEPS)
    return scaled(_of_scaled_target(model), select)


def knn(
    n_neighbors: int = 5,
    weights: str = "uniform",
    metric: str = "euclidean",
    select: int | None = None,
) -> Pipeline:
    """Return the mean of the nearest training images."""
    model = KNeighborsRegressor(n_neighbors, weights=weights, metric=metric, algorithm="brute")
    return scaled(model, select)


def svr(
    C: float = 1.0,
    epsilon: float = 0.1,
    kernel: str = "rbf",
    gamma: float | str = "scale",
    degree: int = 3,
    select: int | None = None,
) -> Pipeline:
    """Return support vector regression with a kernel."""
    model = SteadySVR(
        C=float(C),
        epsilon=float(epsilon),
        kernel=kernel,
        gamma=gamma,
        degree=degree,
        cache_size=500,
    )
    return scaled(_of_scaled_target(model), select)


def decision_tree(
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = 1.0,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return one tree; the seed decides between splits that are equally good."""
    tree = DecisionTreeRegressor(
        max_depth=max_depth,
        min_samples_leaf=min_samples_leaf,
        max_features=_share(max_features),
        random_state=seed,
    )
    return behind(BinaryScaler(), tree, select)


def random_forest(
    n_estimators: int = 200,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = 1.0,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return a random forest, the same that grows on features that are not scaled."""
    grown = (n_estimators, max_depth, min_samples_leaf, max_features)
    return _forest(RandomForestRegressor, grown, select, seed)


def extra_trees(
    n_estimators: int = 200,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = 1.0,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return extremely randomised trees, the same that grow on features that are not scaled."""
    grown = (n_estimators, max_depth, min_samples_leaf, max_features)
    return _forest(ExtraTreesRegressor, grown, select, seed)


def _forest(
    kind: type[BaseEstimator],
    grown: tuple[int, int | None, int, float | str],
    select: int | None,
    seed: int,
) -> Pipeline:
    """Return many trees; `grown` is how many, how deep, how many images in a leaf, features."""
    n_estimators, max_depth, min_samples_leaf, max_features = grown
    forest = kind(
        n_estimators,
        max_depth=max_depth,
        min_samples_leaf=min_samples_leaf,
        max_features=_share(max_features),
        n_jobs=1,
        random_state=seed,
    )
    return behind(BinaryScaler(), forest, select)


def _share(max_features: float | str) -> float | str:
    # A whole 1 would mean one feature to scikit-learn; here a number is always a share.
    return max_features if isinstance(max_features, str) else float(max_features)


def gradient_boosting(
    n_estimators: int = 100,
    learning_rate: float = 0.1,
    max_leaf_nodes: int = 8,
    min_samples_leaf: int = 5,
    bins: int = 64,
    select: int | None = None,
    seed: int = 0,
) -> HistGradientBoostingRegressor | Pipeline:
    """Return boosted shallow trees; they look at the order of values only, so nothing is scaled."""
    model = HistGradientBoostingRegressor(
        max_iter=n_estimators,
        learning_rate=float(learning_rate),
        max_leaf_nodes=max_leaf_nodes,
        min_samples_leaf=min_samples_leaf,
        max_bins=bins,
        early_stopping=False,
        random_state=seed,
    )
    return (
        model if select is None else Pipeline([("select", BestColumns(select)), ("model", model)])
    )


def pls(n_components: int = 4, select: int | None = None) -> Pipeline:
    """Return partial least squares."""
    return scaled(PartialLeastSquares(n_components), select)


def gaussian_process(kernel: str = "rbf", select: int | None = None) -> Pipeline:
    """Return a Gaussian process with the smoothness and the noise that are likeliest."""
    return scaled(GaussianProcess(kernel), select)


def dummy(strategy: str = "mean") -> DummyRegressor:
    """Return what predicts one number for every image: the floor of every table."""
    return DummyRegressor(strategy=strategy)
