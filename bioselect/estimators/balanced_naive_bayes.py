"""Gaussian naive Bayes for classes that count alike, however many images they have."""

from __future__ import annotations

import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.class_weight import compute_sample_weight


class BalancedNaiveBayes(GaussianNB):
    """Gaussian naive Bayes to which every class is as likely beforehand.

    Images are weighted so that each class weighs as much as any other. Means and variances are
    those inside a class, where all images weigh alike, so that only the priors differ from
    scikit-learn's: they are all the same.

    Examples
    --------
    >>> rows, places = np.array([[0.0], [1.0], [2.0], [4.0], [5.0]]), np.array([0, 0, 0, 1, 1])
    >>> BalancedNaiveBayes().fit(rows, places).class_prior_
    array([0.5, 0.5])
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> BalancedNaiveBayes:
        """Learn from ``(n_images, n_features)`` rows and ``(n_images,)`` labels."""
        super().fit(X, y, sample_weight=compute_sample_weight("balanced", y))
        return self
