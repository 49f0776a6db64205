"""What fitted models say themselves of columns: their coefficients, or what splits of trees gain.

Coefficients are those of columns in standard units (one deviation of the training rows): how far
the prediction moves with one deviation more. What trees gain in purity adds up to 1 over all
columns; it comes from the training rows and favours columns with many different values, which is
why :mod:`bioselect.explain.permutation` stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.explain.blocks import Block

COEFFICIENT = "coefficient"
IMPURITY = "impurity"


@dataclass(frozen=True, eq=False)
class Native:
    """What a model says of each column: `kind`, and float64 ``(n_columns,)`` values."""

    kind: str
    values: np.ndarray

    def of_blocks(self, blocks: Sequence[Block]) -> np.ndarray:
        """Return a value for each block: gains add up, of coefficients a block has only its own.

        NaN for the coefficients of a block of several columns, which cannot be added.

        Examples
        --------
        >>> blocks = [Block("a", (0,)), Block("rows", (1, 2))]
        >>> Native("impurity", np.array([0.5, 0.3, 0.2])).of_blocks(blocks)
        array([0.5, 0.5])
        """
        if self.kind == IMPURITY:
            return np.array([self.values[list(block.columns)].sum() for block in blocks])
        return np.array(
            [
                self.values[block.columns[0]] if len(block.columns) == 1 else np.nan
                for block in blocks
            ]
        )


def native_importances(estimator: Any) -> Native | None:
    """Return what a fitted estimator says of its columns; None if it says nothing.

    Parameters
    ----------
    estimator : object
        A model, or a pipeline of `scale`, perhaps `select`, and `model`.

    Returns
    -------
    Native or None
        Of several classes, coefficients are the mean of the absolute ones. 0 for columns that a
        selection left out. None for models without either, and for coefficients of columns that
        were not brought to standard units.

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
    found = _of_model(model, is_scaled=hasattr(steps.get("scale"), "scale_"))
    if found is None:
        return None
    chosen: Any = steps.get("select")
    if not hasattr(chosen, "columns_"):
        return found
    values = np.zeros(chosen.n_features_in_)
    values[chosen.columns_] = found.values
    return Native(found.kind, values)


def _of_model(model: Any, is_scaled: bool) -> Native | None:
    gained = getattr(model, "feature_importances_", None)
    if gained is not None:
        return Native(IMPURITY, np.asarray(gained, dtype=np.float64))
    weights = getattr(model, "coef_", None)
    if weights is None or not is_scaled:
        return None
    table = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    values = table[0] if len(table) == 1 else np.abs(table).mean(axis=0)
    return Native(COEFFICIENT, values)
