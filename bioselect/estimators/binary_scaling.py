"""Features brought to about one unit by powers of two, which no tree notices."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class BinaryScaler(TransformerMixin, BaseEstimator):
    """Divides each feature by the power of two that brings its range into [1, 2).

    scikit-learn's trees pass over features whose range is below 1e-7, as molar concentrations and
    moments of images have. To divide by a power of two is exact, so that otherwise the trees, their
    ties and their predictions are, to the last bit, those that grow on the features as they are.

    Attributes
    ----------
    exponents_ : np.ndarray
        int64 ``(n_features,)``; 0 for a constant feature.

    Examples
    --------
    >>> BinaryScaler().fit_transform(np.array([[0.0, 7.0], [6.0, 7.0], [1.0, 7.0]]))
    array([[0.  , 7.  ],
           [1.5 , 7.  ],
           [0.25, 7.  ]])
    """

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> BinaryScaler:
        """Learn the ranges of ``(n_images, n_features)`` rows."""
        with np.errstate(over="ignore"):  # Halved first, the range of any two numbers is finite.
            half_ranges = np.max(X, axis=0) / 2 - np.min(X, axis=0) / 2
        exponents = np.frexp(half_ranges)[1].astype(np.int64)
        self.exponents_ = np.where(half_ranges > 0, exponents, 0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return float64 rows, scaled."""
        scaled: np.ndarray = np.ldexp(np.asarray(X, dtype=np.float64), -self.exponents_)
        return scaled
