"""One function for each built-in regressor: parameters and a seed -> an untrained estimator.

Each takes what its row in `builtin_regressors.py` declares, with the same defaults. Scaling, where
distances or penalties depend on the units of the features, is a step of the estimator, and so is
the choice of features (`select`), so that both are learnt inside the fold. Nothing uses more than
one process.
"""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.best_columns import BestColumns
from bioselect.estimators.binary_scaling import BinaryScaler


def _scaled(model: BaseEstimator, select: int | None) -> Pipeline:
    return _behind(StandardScaler(), model, select)


def _behind(scaler: BaseEstimator, model: BaseEstimator, select: int | None) -> Pipeline:
    chosen = [] if select is None else [("select", BestColumns(select))]
    return Pipeline([("scale", scaler), *chosen, ("model", model)])


def linear(select: int | None = None) -> Pipeline:
    """Return least squares; of more features than images the solution with the least weights."""
    return _scaled(LinearRegression(), select)


def ridge(alpha: float = 1.0, select: int | None = None) -> Pipeline:
    """Return least squares with an L2 penalty, solved exactly."""
    return _scaled(Ridge(float(alpha), solver="cholesky"), select)


def random_forest(
    n_estimators: int = 200,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = 1.0,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return a random forest, the same that grows on features that are not scaled."""
    forest = RandomForestRegressor(
        n_estimators,
        max_depth=max_depth,
        min_samples_leaf=min_samples_leaf,
        max_features=_share(max_features),
        n_jobs=1,
        random_state=seed,
    )
    return _behind(BinaryScaler(), forest, select)


def _share(max_features: float | str) -> float | str:
    # A whole 1 would mean one feature to scikit-learn; here a number is always a share.
    return max_features if isinstance(max_features, str) else float(max_features)


def dummy(strategy: str = "mean") -> DummyRegressor:
    """Return what predicts one number for every image: the floor of every table."""
    return DummyRegressor(strategy=strategy)
