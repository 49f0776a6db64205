"""Several fitted models as one: the mean of their probabilities, each of its own columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from bioselect.data.targets import predicted_sets
from bioselect.estimators.responses import (
    SOURCES,
    class_probabilities,
    gives_label_sets,
    probability_source,
)


class Averaged(ClassifierMixin, BaseEstimator):
    """What all averages of fitted models have in common; they have `members` and `n_classes`."""

    n_classes: int

    def members(self) -> Sequence[Any]:
        """Return the models that are asked."""
        raise NotImplementedError

    @property
    def gives_label_sets(self) -> bool:
        """Whether each label has a probability of its own; see `responses.gives_label_sets`."""
        return all(gives_label_sets(model) for model in self.members())

    def source(self) -> str:
        """Return where the probabilities of labels come from: of several, the least sure way."""
        sources = {probability_source(model) for model in self.members()}
        return max(sources, key=SOURCES.index)

    @property
    def classes_(self) -> np.ndarray:
        """The places of the classes."""
        return np.arange(self.n_classes)

    def __sklearn_is_fitted__(self) -> bool:
        """Say so: the models are."""
        return True

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class with the highest mean, of several the first; of labels 0 and 1.

        Of regressors (`n_classes` is 1) the mean number.
        """
        if self.n_classes == 1 and not self.gives_label_sets:
            numbers: np.ndarray = self.predict_proba(X)[:, 0]
            return numbers
        if self.gives_label_sets:
            return predicted_sets(self.predict_proba(X)).astype(np.int8)
        best: np.ndarray = self.predict_proba(X).argmax(axis=1)
        return best


class AveragedModels(Averaged):
    """What several trained models say on average.

    Parameters
    ----------
    models : sequence
        Fitted classifiers on class places, or all of them on labels.
    columns : sequence of np.ndarray
        int, for each model the columns of a row that it takes, in its order.
    n_classes : int
        Of the whole study; or the number of labels.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> rows, places = np.array([[0.0, 9.0], [1.0, 5.0], [5.0, 8.0]]), np.array([0, 0, 1])
    >>> by = [KNeighborsClassifier(1).fit(rows[:, [column]], places) for column in (0, 1)]
    >>> both = AveragedModels(by, [np.array([0]), np.array([1])], 2)
    >>> both.predict_proba(np.array([[4.0, 6.0], [0.0, 5.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def __init__(
        self, models: Sequence[Any], columns: Sequence[np.ndarray], n_classes: int
    ) -> None:
        self.models = models
        self.columns = columns
        self.n_classes = n_classes

    def members(self) -> Sequence[Any]:
        """Return the models."""
        return self.models

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``."""
        pairs = zip(self.models, self.columns, strict=True)
        tables = [
            class_probabilities(model, np.ascontiguousarray(X[:, columns]), self.n_classes)
            for model, columns in pairs
        ]
        return mean_of_tables(tables)


def mean_of_tables(tables: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean of tables of probabilities, added up in their order.

    Examples
    --------
    >>> mean_of_tables([np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])])
    array([[0.75, 0.25]])
    """
    total = np.zeros_like(tables[0])
    for table in tables:
        total += table
    return total / len(tables)
