"""Partial least squares of one target, kept as the weights that it comes to."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cross_decomposition import PLSRegression


class PartialLeastSquares(RegressorMixin, BaseEstimator):
    """scikit-learn's PLS regression (NIPALS), for rows with any number of features.

    Parameters
    ----------
    n_components : int
        Directions; at most as many as there are features, or images less one.

    Attributes
    ----------
    coef_ : np.ndarray
        float64 ``(n_features,)``.
    intercept_ : float
        What is predicted for a row of zeros.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [3.0]])
    >>> PartialLeastSquares(4).fit(rows, 2 * rows[:, 0]).predict(rows).round(6)
    array([0., 2., 6.])
    """

    def __init__(self, n_components: int = 4) -> None:
        self.n_components = n_components

    def fit(self, X: np.ndarray, y: np.ndarray) -> PartialLeastSquares:
        """Learn from ``(n_images, n_features)`` rows and ``(n_images,)`` numbers."""
        self.n_features_in_ = X.shape[1]
        n_components = max(1, min(self.n_components, X.shape[1], len(X) - 1))
        if not np.ptp(y) > 0 or not np.ptp(X, axis=0).any():
            self.coef_, self.intercept_ = np.zeros(X.shape[1]), float(np.mean(y))
            return self
        model = PLSRegression(n_components, scale=False).fit(X, y)
        self.coef_ = np.ascontiguousarray(model.coef_[0], dtype=np.float64)
        self.intercept_ = float(np.mean(y) - np.mean(X, axis=0) @ self.coef_)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images,)``."""
        numbers: np.ndarray = X @ self.coef_ + self.intercept_
        return numbers
