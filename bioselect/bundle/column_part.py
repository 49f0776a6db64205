"""What a bundle says of the columns that its model takes: names, categories, usual values."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable

#: Between these shares of the training rows lie the usual values of a column.
USUAL = (0.01, 0.99)
N_CHECK_ROWS = 4
CHECK_SEED = 20_261_122


class ColumnFacts(BaseModel):
    """A column that a model takes.

    `categories` is null for numbers; `low` and `high` are between what most training rows had.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    categories: list[str] | None
    low: float | None = None
    high: float | None = None

    def as_column(self) -> Column:
        """Return it as rows are read by it."""
        return Column(self.name, None if self.categories is None else tuple(self.categories))


class ColumnPart(BaseModel):
    """What is said of a model that takes columns of a table.

    `target` is the column with what is predicted (null where several labels were), `id` the one
    that named rows, `group` the one that named what belongs together; `decimal` is what stands
    before the fraction of a number. `with_images` tells whether columns are joined to images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: list[ColumnFacts] = Field(min_length=1)
    decimal: Literal[".", ","] = "."
    target: str | None = None
    id: str | None = None
    group: str | None = None
    with_images: bool = False

    def as_columns(self) -> tuple[Column, ...]:
        """Return the columns in the order of a row."""
        return tuple(one.as_column() for one in self.columns)


def column_facts(table: FeatureTable) -> list[ColumnFacts]:
    """Return what is said of the columns of a training table.

    Examples
    --------
    >>> table = FeatureTable((Column("age"),), np.array([[1.0], [2.0], [np.nan]]))
    >>> column_facts(table)[0].name
    'age'
    """
    facts = []
    for column, values in zip(table.columns, table.rows.T, strict=True):
        if column.categories is not None:
            facts.append(ColumnFacts(name=column.name, categories=list(column.categories)))
            continue
        low, high = np.nanquantile(values, USUAL).tolist()
        facts.append(ColumnFacts(name=column.name, categories=None, low=low, high=high))
    return facts


def draw_check_rows(part: ColumnPart) -> np.ndarray:
    """Draw float64 ``(N_CHECK_ROWS, n_columns)`` from the usual values; one thing is missing.

    Rows of patients must not travel.
    """
    random = np.random.default_rng(CHECK_SEED)
    drawn = random.random((N_CHECK_ROWS, len(part.columns)))
    for place, one in enumerate(part.columns):
        if one.categories is not None:
            drawn[:, place] = np.floor(drawn[:, place] * len(one.categories))
        else:
            low, high = one.low or 0.0, one.high or 0.0
            drawn[:, place] = low + drawn[:, place] * (high - low)
    drawn[-1, 0] = np.nan
    return drawn
