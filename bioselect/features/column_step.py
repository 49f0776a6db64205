"""Columns of a table as numbers that any estimator takes: filled in, categories written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

#: Stands for a column of numbers where others say how many categories they have.
NUMBERS = 0


class ColumnStep(TransformerMixin, BaseEstimator):
    """Fills in numbers with the median of the training rows; writes each category as 0 and 1.

    A category that is missing, or that the column does not have, is 0 in all of its columns. A
    column of which the training rows know nothing is 0, so that rows keep their length.

    Parameters
    ----------
    n_categories : sequence of int
        Of each column; `NUMBERS` for one of numbers.

    Attributes
    ----------
    medians_ : np.ndarray
        float64 ``(n_columns,)``, 0 for categories.

    Examples
    --------
    >>> step = ColumnStep([2, NUMBERS])  # sex and age
    >>> rows = np.array([[0, 30.0], [1, 50.0], [1, np.nan], [np.nan, 70.0]])
    >>> step.fit_transform(rows).tolist()
    [[1.0, 0.0, 30.0], [0.0, 1.0, 50.0], [0.0, 1.0, 50.0], [0.0, 0.0, 70.0]]
    """

    def __init__(self, n_categories: Sequence[int]) -> None:
        self.n_categories = n_categories

    def fit(self, X: np.ndarray, y: Any = None) -> ColumnStep:
        """Learn the medians of ``(n_rows, n_columns)``; NaN is what is missing."""
        self.medians_ = np.zeros(len(self.n_categories))
        for place, count in enumerate(self.n_categories):
            known = X[:, place][~np.isnan(X[:, place])]
            if count == NUMBERS and len(known):
                self.medians_[place] = np.median(known)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_rows, n_numbers)``, in the order of the columns."""
        check_is_fitted(self)
        written = []
        for place, count in enumerate(self.n_categories):
            column = np.asarray(X[:, place], dtype=np.float64)
            if count == NUMBERS:
                filled = np.where(np.isnan(column), self.medians_[place], column)
                written.append(filled[:, None])
            else:
                written.append((column[:, None] == np.arange(count)).astype(np.float64))
        rows: np.ndarray = np.hstack(written)
        return rows
