"""Many correlated features turned into few uncorrelated ones, learnt inside the fold."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted, validate_data


class PrincipalRotation(TransformerMixin, BaseEstimator):
    """Keep the principal components of highest variance; leave few features as they are.

    scikit-learn's `PCA` refuses more components than there are images or features; this takes as
    many as there are. At most `max_components` features pass unchanged, since a rotation would
    only blur them for trees, which look at one feature at a time.

    Parameters
    ----------
    max_components : int
        At least 1.

    Attributes
    ----------
    mean_ : np.ndarray
        float64 ``(n_features,)``; zeros if the features pass unchanged.
    components_ : np.ndarray or None
        float64 ``(n_components, n_features)``, rows of length 1 at right angles; None if the
        features pass unchanged.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(10, 100))
    >>> PrincipalRotation(64).fit_transform(rows).shape
    (10, 10)
    >>> np.array_equal(PrincipalRotation(100).fit_transform(rows), rows)
    True
    """

    def __init__(self, max_components: int = 64) -> None:
        self.max_components = max_components

    def fit(self, X: np.ndarray, y: Any = None) -> PrincipalRotation:
        """Learn the components of ``(n_images, n_features)``; `y` is not looked at."""
        X = validate_data(self, X, dtype=np.float64)
        n_images, n_features = X.shape
        self.components_ = None
        self.mean_ = np.zeros(n_features)
        if n_features > self.max_components:
            # Both solvers are exact and repeat themselves bit by bit.
            solver = "covariance_eigh" if n_images >= n_features else "full"
            kept = min(self.max_components, n_images)
            found = PCA(kept, svd_solver=solver).fit(X)
            self.mean_, self.components_ = found.mean_, np.ascontiguousarray(found.components_)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_components)``."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        if self.components_ is None:
            return np.asarray(X)
        return np.asarray((X - self.mean_) @ self.components_.T)
