"""Support vector regression that leaves NumPy's global random state alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVR


class SteadySVR(SVR):
    """scikit-learn's SVR, in which nothing is random.

    It draws a seed for libsvm all the same, from a state that it has no parameter for.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [2.0]])
    >>> model = SteadySVR(kernel="linear", epsilon=0.5, C=100.0).fit(rows, rows[:, 0])
    >>> model.predict(rows).round(6)
    array([0.5, 1. , 1.5])
    """

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> SteadySVR:
        """Learn from ``(n_images, n_features)`` rows, or a kernel, and ``(n_images,)`` numbers."""
        self.random_state = 0
        super().fit(X, y, sample_weight)
        return self
