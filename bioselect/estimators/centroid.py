"""The class whose mean is nearest."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data


class CentroidClassifier(ClassifierMixin, BaseEstimator):
    """Nearest centroid by Euclidean distance, with probabilities that agree with it.

    scikit-learn's `NearestCentroid` predicts by one distance and gives probabilities by another
    (features divided by their spread within classes), so that its most probable class need not be
    the predicted one; it also warns of, or refuses, features that are constant.

    The probabilities are those of equally common, round Gaussian clouds whose variance is the
    mean squared distance of the training images to their own centroid: a softmax of
    ``-distance**2 / (2 * spread)``.

    Attributes
    ----------
    classes_ : np.ndarray
        Sorted labels.
    centroids_ : np.ndarray
        float64 ``(n_classes, n_features)``.
    spread_ : float
        Above 0.

    Examples
    --------
    >>> rows, labels = np.array([[0.0], [2.0], [9.0], [11.0]]), np.array([0, 0, 1, 1])
    >>> CentroidClassifier().fit(rows, labels).predict(np.array([[5.0], [6.0]]))
    array([0, 1])
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> CentroidClassifier:
        """Learn from ``(n_images, n_features)`` and ``(n_images,)`` labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, places = np.unique(y, return_inverse=True)
        self.centroids_ = np.stack(
            [X[places == place].mean(axis=0) for place in range(len(self.classes_))]
        )
        spread = float(np.mean(np.sum((X - self.centroids_[places]) ** 2, axis=1)))
        # All images of each class alike: any positive number then orders the classes rightly.
        self.spread_ = spread if spread > 0 else 1.0
        return self

    def _half_squared_distances(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        columns = [((X - centroid) ** 2).sum(axis=1) for centroid in self.centroids_]
        return np.stack(columns, axis=1) / (2.0 * self.spread_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the label of the nearest centroid, the first one in a tie."""
        nearest = self._half_squared_distances(X).argmin(axis=1)
        return np.asarray(self.classes_[nearest])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``; rows sum to 1."""
        exponents = -self._half_squared_distances(X)
        powers = np.exp(exponents - exponents.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
