"""Steps that are fitted already, as one estimator that takes what the first of them takes."""

from __future__ import annotations

from sklearn.pipeline import Pipeline


class FittedPipeline(Pipeline):
    """A pipeline of scikit-learn whose steps are known to be fitted.

    scikit-learn's own asks its last step, which a classifier of anybody's cannot answer: it needs
    nothing but `fit` and `predict` here.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> class AboveMean:
    ...     def fit(self, X, y): ...
    ...     def predict(self, X):
    ...         return (X[:, 0] > 0).astype(int)
    >>> rows = np.array([[1.0], [2.0], [6.0]])
    >>> FittedPipeline([("a", StandardScaler().fit(rows)), ("b", AboveMean())]).predict(rows)
    array([0, 0, 1])
    """

    def __sklearn_is_fitted__(self) -> bool:
        """Say so."""
        return True
