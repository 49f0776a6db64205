"""Features brought to about one unit by powers of two, which no tree notices."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

#: Trees see 24 binary digits. Where the range is smaller than this part of the numbers, fewer than
#: nine of them differ, and the lowest number is taken off first.
NARROW = 2.0**-16


class BinaryScaler(TransformerMixin, BaseEstimator):
    """Divides each feature by the power of two that brings its range into [1, 2).

    scikit-learn's trees pass over features whose range is below 1e-7, as molar concentrations and
    moments of images have. To divide by a power of two is exact, so that otherwise the trees, their
    ties and their predictions are, to the last bit, those that grow on the features as they are.

    Attributes
    ----------
    offsets_ : np.ndarray
        float64 ``(n_features,)``, taken off first; 0 but for features that are nearly constant.
    exponents_ : np.ndarray
        int64 ``(n_features,)``; 0 for a constant feature.

    Examples
    --------
    >>> BinaryScaler().fit_transform(np.array([[0.0, 7.0], [6.0, 7.0], [1.0, 7.0]]))
    array([[0.  , 0.  ],
           [1.5 , 0.  ],
           [0.25, 0.  ]])
    """

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> BinaryScaler:
        """Learn the ranges of ``(n_images, n_features)`` rows."""
        lowest, highest = np.min(X, axis=0), np.max(X, axis=0)
        # Halved first, the range of any two numbers is finite.
        half_ranges = highest / 2 - lowest / 2
        size = np.maximum(np.abs(lowest), np.abs(highest))
        self.offsets_ = np.where(2 * half_ranges < NARROW * size, lowest, 0.0)
        self.exponents_ = np.where(half_ranges > 0, np.frexp(half_ranges)[1], 0).astype(np.int64)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return float64 rows, scaled."""
        rows = np.asarray(X, dtype=np.float64) - self.offsets_
        scaled: np.ndarray = np.ldexp(rows, -self.exponents_)
        return scaled
