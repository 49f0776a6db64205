"""Logistic regression trained to its optimum, from inner products where images are fewer."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import compute_class_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from bioselect.estimators.kernel_logistic import KernelSolution, solve


class SpanLogisticRegression(LogisticRegression):
    """scikit-learn's logistic regression; with more features than images it is trained quicker.

    The penalty is on the length of the coefficients, so the best ones lie in the space that the
    training images span. There they are found from the inner products of the images, to eight
    digits of the decision values, whatever `solver` and `tol` say; parameters, attributes and
    predictions are those of `LogisticRegression`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(20, 100))
    >>> SpanLogisticRegression().fit(rows, np.arange(20) % 3).coef_.shape
    (3, 100)
    """

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> Any:
        """Learn from ``(n_images, n_features)`` and ``(n_images,)`` labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        n_images, n_features = X.shape
        if n_features <= n_images:
            return super().fit(X, y, sample_weight)
        self._validate_params()
        weights = np.ones(n_images) if sample_weight is None else np.asarray(sample_weight)
        self.classes_, found = _solution(X @ X.T, y, weights, self)
        self.coef_ = found.coefficients.T @ X
        self.intercept_ = found.intercepts
        self.n_iter_ = np.array([found.n_steps], dtype=np.int32)
        return self


class GramLogisticRegression(ClassifierMixin, BaseEstimator):
    """`SpanLogisticRegression` for those who have the inner products of the images already.

    Its rows are those of a Gram matrix: inner products of images with the training images.

    Parameters
    ----------
    C, class_weight, max_iter
        As in `LogisticRegression`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(20, 100))
    >>> labels = np.arange(20) % 3
    >>> quick = GramLogisticRegression().fit(rows @ rows.T, labels).predict_proba(rows @ rows.T)
    >>> slow = SpanLogisticRegression().fit(rows, labels).predict_proba(rows)
    >>> np.allclose(quick, slow, rtol=0, atol=1e-10)
    True
    """

    def __init__(self, C: float = 1.0, class_weight: Any = None, max_iter: int = 1000) -> None:
        self.C = C
        self.class_weight = class_weight
        self.max_iter = max_iter

    def fit(self, X: np.ndarray, y: np.ndarray) -> GramLogisticRegression:
        """Learn from ``(n_images, n_images)`` inner products and ``(n_images,)`` labels."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, found = _solution(X, y, np.ones(len(y)), self)
        self.coefficients_, self.intercepts_ = found.coefficients, found.intercepts
        return self

    def _decisions(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        decisions = X @ self.coefficients_ + self.intercepts_
        if len(self.classes_) == 2:
            # Two scores of 0 and d have the sigmoid of d as their softmax.
            return np.column_stack([np.zeros(len(X)), decisions])
        return np.asarray(decisions)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the label of the highest decision value, the first one in a tie."""
        return np.asarray(self.classes_[self._decisions(X).argmax(axis=1)])

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``; rows sum to 1."""
        decisions = self._decisions(X)
        powers = np.exp(decisions - decisions.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _solution(
    gram: np.ndarray, y: np.ndarray, weights: np.ndarray, model: Any
) -> tuple[np.ndarray, KernelSolution]:
    classes, places = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            "logistic_regression needs at least 2 classes among the training images. Got 1."
        )
    of_classes = compute_class_weight(model.class_weight, classes=classes, y=y)
    found = solve(gram, places, weights * of_classes[places], model.C, model.max_iter)
    return classes, found
