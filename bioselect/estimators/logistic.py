"""Logistic regression trained to its optimum, in as few dimensions as the images span."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import qr
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import validate_data


class SpanLogisticRegression(LogisticRegression):
    """scikit-learn's logistic regression; with more features than images it is trained quicker.

    The penalty is on the length of the coefficients, so the best ones lie in the space that the
    training images span. They are sought in coordinates of that space (an exact rotation by QR)
    and turned back; parameters, attributes and predictions are those of `LogisticRegression`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(20, 100))
    >>> SpanLogisticRegression().fit(rows, np.arange(20) % 3).coef_.shape
    (3, 100)
    """

    coef_: np.ndarray

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> Any:
        """Learn from ``(n_images, n_features)`` and ``(n_images,)`` labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        n_images, n_features = X.shape
        if n_features <= n_images:
            return super().fit(X, y, sample_weight)
        directions, coordinates = qr(X.T, mode="economic")
        super().fit(coordinates.T, y, sample_weight)
        self.coef_ = self.coef_ @ directions.T
        self.n_features_in_ = n_features
        return self
