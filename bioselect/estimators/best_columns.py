"""The features that go best with what is to be predicted, found on the training images."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class BestColumns(TransformerMixin, BaseEstimator):
    """Keeps the `k` features with the highest absolute correlation with the target.

    Their order stays. Of equal correlations the first feature is taken; a constant feature has
    none. Rows with at most `k` features stay as they are.

    Parameters
    ----------
    k : int
        How many, at least 1.

    Attributes
    ----------
    columns_ : np.ndarray
        int64, places of the features that are kept, ascending.
    n_features_in_ : int
        How many there were.

    Examples
    --------
    >>> rows = np.array([[1.0, 0.0, 9.0], [2.0, 5.0, 9.0], [3.0, 1.0, 9.0]])
    >>> BestColumns(1).fit(rows, np.array([10.0, 20.0, 30.0])).columns_
    array([0])
    """

    def __init__(self, k: int) -> None:
        self.k = k

    def fit(self, X: np.ndarray, y: np.ndarray) -> BestColumns:
        """Learn from ``(n_images, n_features)`` rows and ``(n_images,)`` numbers."""
        self.n_features_in_ = X.shape[1]
        strengths = np.round(correlation_strengths(X, y), 12)
        strongest = np.argsort(-strengths, kind="stable")[: self.k]
        self.columns_ = np.sort(strongest).astype(np.int64)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the rows with these features only."""
        kept: np.ndarray = np.ascontiguousarray(X[:, self.columns_])
        return kept


def correlation_strengths(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the absolute correlation of each column with numbers; 0 where either is constant.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 5.0], [3.0, 0.0, 5.0]])
    >>> correlation_strengths(rows, np.array([1.0, 2.0, 3.0])).round(6)
    array([1., 1., 0.])
    """
    apart, own = X - X.mean(axis=0), y - y.mean()
    # The largest of each first made 1: squares of tiny or huge numbers would leave the range.
    largest, own_largest = np.abs(apart).max(axis=0), np.abs(own).max()
    varies = np.ptp(X, axis=0) > 0
    if not np.ptp(y) > 0:
        return np.zeros(X.shape[1])
    apart = apart / np.where(varies, largest, 1.0)
    own = own / own_largest
    lengths = np.sqrt((apart**2).sum(axis=0)) * np.sqrt((own**2).sum())
    strengths: np.ndarray = np.abs(
        np.divide(own @ apart, lengths, out=np.zeros(X.shape[1]), where=varies)
    )
    return strengths
