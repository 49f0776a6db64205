"""A regressor behind the scaling of its features, and behind the choice among them."""

from __future__ import annotations

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.best_columns import BestColumns


def scaled(model: BaseEstimator, select: int | None) -> Pipeline:
    """Return a model that gets features of mean 0 and deviation 1.

    Parameters
    ----------
    model : estimator
        Not fitted.
    select : int or None
        It gets so many features only, those that go best with the target; None: all.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> list(scaled(LinearRegression(), 4).named_steps)
    ['scale', 'select', 'model']
    """
    return behind(StandardScaler(), model, select)


def behind(scaler: BaseEstimator, model: BaseEstimator, select: int | None) -> Pipeline:
    """Return a model behind another scaler; see :func:`scaled`."""
    chosen = [] if select is None else [("select", BestColumns(select))]
    return Pipeline([("scale", scaler), *chosen, ("model", model)])
