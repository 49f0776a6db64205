"""A fitted model that looks at an image and at views of it, and says what it says on average."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.estimators.averaging import Averaged, mean_of_tables
from bioselect.estimators.responses import class_probabilities


class AveragedViews(Averaged):
    """The mean over the equal parts of a row, each given to the same model.

    Parameters
    ----------
    model : object
        A fitted classifier on class places, or a regressor.
    n_looks : int
        How many rows stand side by side: of the image, and of each view.
    n_classes : int
        Of the whole study; 1 of a regressor, whose numbers are averaged.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> model = KNeighborsClassifier(1).fit(np.array([[0.0], [9.0]]), np.array([0, 1]))
    >>> AveragedViews(model, 2, 2).predict_proba(np.array([[1.0, 8.0], [1.0, 2.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """

    def __init__(self, model: Any, n_looks: int, n_classes: int) -> None:
        self.model = model
        self.n_looks = n_looks
        self.n_classes = n_classes

    def members(self) -> tuple[Any, ...]:
        """Return the model, which looks at everything."""
        return (self.model,)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class with the highest mean, or the mean number."""
        if self.n_classes > 1:
            return super().predict(X)
        numbers: np.ndarray = self.predict_proba(X)[:, 0]
        return numbers

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``; of a regressor its one column."""
        looks = np.split(X, self.n_looks, axis=1)
        return mean_of_tables(
            [
                class_probabilities(self.model, np.ascontiguousarray(look), self.n_classes)
                for look in looks
            ]
        )
