"""What fitted models say themselves of columns: their coefficients, or what splits of trees gain.

Coefficients are those of columns in standard units (one deviation of the training rows): how far
the prediction moves with one deviation more. A column of categories is several numbers to a model,
one for each category, and what each of their coefficients is depends on the others and on the
penalty: a constant can be moved between them. What does not depend on it is how far the column
moves predictions altogether: the standard deviation, over the training rows, of what the categories
add to them. For a column of numbers the same figure is the absolute value of its coefficient, so
both can be compared; of categories it has no sign.

What trees gain in purity adds up to 1 over all columns, and over the categories of one; it comes
from the training rows and favours columns with many different values, which is why
:mod:`bioselect.explain.permutation` stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

COEFFICIENT = "coefficient"
#: Of the categories of one column: how far they move predictions altogether.
SPREAD = "coefficient_spread"
IMPURITY = "impurity"


@dataclass(frozen=True, eq=False)
class Native:
    """What a model says of each number that it gets.

    Attributes
    ----------
    kind : {"coefficient", "impurity"}
        What it is.
    weights : np.ndarray
        float64 ``(n_answers, n_numbers)``: a row for each class, one for numbers and of trees.
    means, scales : np.ndarray or None
        Of coefficients: float64 ``(n_numbers,)``, what the numbers were less and divided by.
    """

    kind: str
    weights: np.ndarray
    means: np.ndarray | None = None
    scales: np.ndarray | None = None

    @property
    def values(self) -> np.ndarray:
        """One value for each number; of several classes the mean of the absolute ones."""
        found: np.ndarray = np.abs(self.weights).mean(axis=0)
        return self.weights[0] if len(self.weights) == 1 else found

    def of_columns(self, widths: Sequence[int]) -> np.ndarray:
        """Return a value for each column of a table, float64 ``(n_columns,)``.

        Parameters
        ----------
        widths : sequence of int
            How many numbers each column is, in their order: one, or one for each category. They are
            the last of all numbers; before them stand those of an image, if any.

        Examples
        --------
        >>> Native("impurity", np.array([[0.5, 0.3, 0.2]])).of_columns([1, 2])
        array([0.5, 0.5])

        A model that adds 1 for one category and 4 for the other, of which there are equally many:

        >>> half = np.array([0.5, 0.5])  # their shares, and their deviations
        >>> said = Native("coefficient", np.array([[1.0, 4.0]]) * half, half, half)
        >>> said.of_columns([2])
        array([1.5])
        """
        ends = self.weights.shape[1] - sum(widths) + np.cumsum(widths)
        return np.array(
            [
                self._of_column(slice(end - width, end))
                for end, width in zip(ends, widths, strict=True)
            ]
        )

    def _of_column(self, own: slice) -> float:
        if self.kind == IMPURITY:
            return float(self.weights[0, own].sum())
        if own.stop - own.start == 1 or self.means is None or self.scales is None:
            return float(self.values[own].item())
        # Each row has one category or none, so shares are all that its deviation takes.
        added = self.weights[:, own] / self.scales[own]
        shares = self.means[own]
        variances = (added**2) @ shares - (added @ shares) ** 2
        return float(np.sqrt(np.maximum(variances, 0.0)).mean())


def native_importances(estimator: Any) -> Native | None:
    """Return what a fitted estimator says of its columns; None if it says nothing.

    Parameters
    ----------
    estimator : object
        A model, or a pipeline of `scale`, perhaps `select`, and `model`.

    Returns
    -------
    Native or None
        0 for columns that a selection left out. None for models without either, and for
        coefficients of columns that were not brought to standard units. Where the target was scaled
        too, coefficients are in its own units.

    Examples
    --------
    >>> from bioselect.estimators.creation import create_regressor
    >>> from bioselect.registry import ComponentSpec
    >>> X = np.array([[1.0, 0.0], [3.0, 1.0], [1.0, 1.0], [3.0, 0.0]])
    >>> fitted = create_regressor(ComponentSpec("linear"), 0).fit(X, 2 * X[:, 0])
    >>> native_importances(fitted).values.round(6) + 0.0  # the deviation of the first is 1
    array([2., 0.])
    """
    steps = dict(getattr(estimator, "steps", [("model", estimator)]))
    model = list(steps.values())[-1]
    gained = getattr(model, "feature_importances_", None)
    if gained is not None:
        return Native(IMPURITY, _whole(gained, steps.get("select")))
    weights, (means, scales) = _coefficients(model), _standard(steps.get("scale"))
    if weights is None or scales is None:
        return None
    return Native(COEFFICIENT, _whole(weights, steps.get("select")), means, scales)


def _coefficients(model: Any) -> Any:
    """Return the coefficients of a model, in the units of its target; None without any."""
    target, inner = getattr(model, "transformer_", None), getattr(model, "regressor_", None)
    if target is None or inner is None:
        return getattr(model, "coef_", None)
    found, (_, units) = getattr(inner, "coef_", None), _standard(target)
    return None if found is None or units is None else np.asarray(found) * units


def _standard(scaler: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return means and deviations, None of what brings nothing to standard units."""
    means, deviations = getattr(scaler, "mean_", None), getattr(scaler, "scale_", None)
    return (None, None) if means is None else (means, deviations)


def _whole(said: Any, chosen: Any) -> np.ndarray:
    """Return what was said as a table, with 0 for the columns that a selection left out."""
    table = np.atleast_2d(np.asarray(said, dtype=np.float64))
    if not hasattr(chosen, "columns_"):
        return table
    weights = np.zeros((len(table), chosen.n_features_in_))
    weights[:, chosen.columns_] = table
    return weights
