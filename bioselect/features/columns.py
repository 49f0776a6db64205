"""Columns of a table as the rows of candidates: filled in and written out anew in every fold.

What is missing is filled with the median of the training rows, and each category becomes a column
of 0 and 1. A category that is not known, or nothing, is 0 in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable
from bioselect.features.learning import Features, Learning
from bioselect.registry import ComponentSpec, identity
from bioselect.storage import digest_of

#: Stands for the extractor where the columns of a table are learnt from.
COLUMNS = ComponentSpec("columns")
#: Raised whenever what is learnt from columns changes: journals then do their work again.
COLUMNS_VERSION = 2


@dataclass(frozen=True)
class ColumnLearning(Learning):
    """How the step of columns is made; they stand behind `n_before` numbers of an image.

    `inner` is what is learnt from these, if anything is.
    """

    columns: tuple[Column, ...] = ()
    n_before: int = 0
    inner: Learning | None = None

    def step(self, seed: int) -> Any:
        """Return the step, not fitted."""
        own = column_step(self.columns)
        if not self.n_before:
            return own
        from sklearn.compose import ColumnTransformer

        edge = self.n_before
        first = "passthrough" if self.inner is None else self.inner.step(seed)
        return ColumnTransformer(
            [
                ("image", first, slice(0, edge)),
                ("columns", own, slice(edge, edge + len(self.columns))),
            ]
        )


def column_step(columns: Sequence[Column]) -> Any:
    """Return what fills in numbers and writes out categories, not fitted.

    Examples
    --------
    >>> column_step([Column("sex", ("f", "m")), Column("age")]).n_categories
    [2, 0]
    """
    from bioselect.features.column_step import NUMBERS, ColumnStep

    return ColumnStep([len(one.categories) if one.categories else NUMBERS for one in columns])


def output_names(columns: Sequence[Column]) -> list[str]:
    """Return what the numbers of a row are called after the step, in their order.

    Examples
    --------
    >>> output_names([Column("sex", ("f", "m")), Column("age")])
    ['sex=f', 'sex=m', 'age']
    """
    return [
        f"{one.name}={category}" if one.categories else one.name
        for one in columns
        for category in one.categories or ("",)
    ]


def column_learning(
    columns: Sequence[Column], n_before: int = 0, inner: Learning | None = None
) -> ColumnLearning:
    """Return how the step is made for columns behind `n_before` numbers of an image."""
    own = [[one.name, one.categories] for one in columns]
    facts = [COLUMNS_VERSION, own, n_before, None if inner is None else inner.key]
    widths = (n_before, len(columns)) if n_before else (len(columns),)
    base_dir: Path | None = None if inner is None else inner.base_dir
    return ColumnLearning(
        COLUMNS, widths, digest_of(facts), base_dir, tuple(columns), n_before, inner
    )


def column_features(table: FeatureTable) -> Features:
    """Return what the candidates of a table are tried on."""
    return Features(COLUMNS, table.rows, column_learning(table.columns))


def with_columns(features: Features, table: FeatureTable) -> Features:
    """Return the rows of an extractor with the columns of a table behind them."""
    rows = np.hstack([np.asarray(features.rows, dtype=np.float64), table.rows])
    learning = column_learning(table.columns, features.rows.shape[1], features.learning)
    return replace(features, rows=rows, learning=learning)


def row_identity(spec: ComponentSpec, base_dir: Path | None) -> dict[str, Any]:
    """Return what tells where rows come from from others of its name; of columns they say it."""
    return {} if spec == COLUMNS else identity("extractor", spec.name, base_dir)


class ColumnRows:
    """Stands where an extractor does, with what is asked of one: its cost and its identity.

    Examples
    --------
    >>> ColumnRows((Column("age"),)).operations()
    1.0
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)

    def operations(self) -> float:
        """Return the cost of a row, one for each column: next to nothing."""
        return float(len(self.columns))

    def identity(self) -> dict[str, Any]:
        """Return what tells these columns from others."""
        return {
            "version": COLUMNS_VERSION,
            "columns": [
                [one.name, None if one.is_numeric else list(one.categories or ())]
                for one in self.columns
            ],
        }
