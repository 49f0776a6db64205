"""Gaussian process regression whose smoothness and noise the training images decide."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, RegressorMixin

#: Length scales that are tried, times the square root of the number of features: scaled rows are
#: so far apart.
LENGTHS = tuple(0.1 * 10.0 ** (place / 4) for place in range(13))
#: Variances of the noise that are tried, of the variance that the rows explain.
NOISES = tuple(10.0 ** (place / 4) for place in range(-24, 13))


class GaussianProcess(RegressorMixin, BaseEstimator):
    """A Gaussian process with one length scale and independent noise, around the mean.

    Of all pairs of length scale and noise on a grid, that with the highest marginal likelihood is
    taken; the variance is the likeliest for each pair. There is so no local optimum to get stuck
    in, and the result does not depend on the units of the target.

    Parameters
    ----------
    kernel : {"rbf", "matern"}
        Squared exponential, or Matern of 3/2.

    Attributes
    ----------
    length_scale_, noise_ : float
        Of the best pair.
    rows_ : np.ndarray
        float64 ``(n_images, n_features)``, the training rows.
    weights_ : np.ndarray
        float64 ``(n_images,)``, of each training row.
    mean_ : float
        What is predicted far from all of them.

    References
    ----------
    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1 and
    equation 5.8.

    Examples
    --------
    >>> rows = np.linspace(0, 6, 30)[:, None]
    >>> model = GaussianProcess().fit(rows, 7.0 + np.sin(rows[:, 0]))
    >>> model.predict(np.array([[1.5], [1000.0]])).round(2)
    array([8., 7.])
    """

    def __init__(self, kernel: str = "rbf") -> None:
        self.kernel = kernel

    def fit(self, X: np.ndarray, y: np.ndarray) -> GaussianProcess:
        """Learn from ``(n_images, n_features)`` rows and ``(n_images,)`` numbers."""
        self.n_features_in_ = X.shape[1]
        self.rows_ = np.array(X, dtype=np.float64)
        self.mean_ = float(np.mean(y))
        apart = np.asarray(y, dtype=np.float64) - self.mean_
        self.length_scale_, self.noise_ = float(np.sqrt(X.shape[1])), NOISES[-1]
        self.weights_ = np.zeros(len(X))
        largest = np.abs(apart).max()
        if not largest > 0:
            return self
        best = -np.inf
        distances = cdist(self.rows_, self.rows_)
        for factor in LENGTHS:
            length = float(factor * np.sqrt(X.shape[1]))
            likelihood, noise, weights = _likeliest_noise(
                _covariance(self.kernel, distances, length), apart / largest
            )
            if likelihood > best:
                best, self.length_scale_, self.noise_ = likelihood, length, noise
                self.weights_ = weights * largest
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images,)``."""
        distances = cdist(np.asarray(X, dtype=np.float64), self.rows_)
        numbers: np.ndarray = (
            _covariance(self.kernel, distances, self.length_scale_) @ self.weights_ + self.mean_
        )
        return numbers


def _covariance(kernel: str, distances: np.ndarray, length: float) -> np.ndarray:
    scaled = distances / length
    if kernel == "matern":
        scaled *= np.sqrt(3.0)
        smooth: np.ndarray = (1.0 + scaled) * np.exp(-scaled)
        return smooth
    very_smooth: np.ndarray = np.exp(-0.5 * scaled**2)
    return very_smooth


def _likeliest_noise(covariance: np.ndarray, apart: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return the highest log likelihood (less a constant), its noise and the weights of the rows.

    With the eigenvalues of the covariance, each noise costs no more than a sum.
    """
    values, vectors = eigh(covariance)
    turned = vectors.T @ apart
    noises = np.array(NOISES)[:, None]
    spread = np.maximum(values, 0.0)[None] + noises
    # The likeliest variance of the process: the mean of what is left of each eigenvector.
    variance = (turned**2 / spread).mean(axis=1)
    likelihoods = -0.5 * len(apart) * np.log(variance) - 0.5 * np.log(spread).sum(axis=1)
    best = int(likelihoods.argmax())
    weights = vectors @ (turned / spread[best])
    return float(likelihoods[best]), NOISES[best], weights
