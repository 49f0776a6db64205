"""Columns of rows that are looked at together: one of a table, or all of an extractor.

What a row of an extractor holds has mostly no names that say anything to a person, and neighbours
in it know much of one another. So all of it is one block, and each column of a table is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Columns whose correlation is above this, or below its negative, tell nearly the same.
CLOSE = 0.9


@dataclass(frozen=True)
class Block:
    """Places of columns that are permuted together, and what they are called.

    `members` are the names of the blocks that it is made of, where it is made of several.
    """

    name: str
    columns: tuple[int, ...]
    members: tuple[str, ...] = ()


def close_blocks(X: np.ndarray, blocks: Sequence[Block], close: float = CLOSE) -> list[Block]:
    """Return the blocks of one column that are correlated with one another, each lot as one block.

    A model that has one of them does without the other: permuted alone, each seems to matter
    little. Two belong together too where both are close to a third.

    Parameters
    ----------
    X : np.ndarray
        float ``(n_images, n_columns)``; NaN where a value is missing, and the rows where either of
        two is missing are left out for them.
    blocks : sequence of Block
        Those of several columns are in no lot.
    close : float
        From this absolute correlation (Pearson's) on two are close.

    Examples
    --------
    >>> X = np.array([[1.0, 2.1, 5.0], [2.0, 3.9, 1.0], [3.0, 6.0, 4.0]])
    >>> lots = close_blocks(X, [Block(name, (place,)) for place, name in enumerate("abc")])
    >>> [(lot.name, lot.columns, lot.members) for lot in lots]
    [('a + b', (0, 1), ('a', 'b'))]
    """
    single = [block for block in blocks if len(block.columns) == 1]
    found = np.abs(correlations(X[:, [block.columns[0] for block in single]])) > close
    lots, left = [], list(range(len(single)))
    while left:
        lot, waiting = [], [left.pop(0)]
        while waiting:
            place = waiting.pop()
            lot.append(place)
            near = [other for other in left if found[place, other]]
            left = [other for other in left if other not in near]
            waiting += near
        if len(lot) > 1:
            lots.append(_together([single[place] for place in sorted(lot)]))
    return lots


def _together(blocks: Sequence[Block]) -> Block:
    names = tuple(block.name for block in blocks)
    return Block(" + ".join(names), tuple(block.columns[0] for block in blocks), names)


def correlations(X: np.ndarray) -> np.ndarray:
    """Return Pearson's correlations of columns, over the rows where both are there.

    0 where one of the two is constant there, or less than three rows have both.

    Examples
    --------
    >>> correlations(np.array([[1.0, 3.0], [2.0, 1.0], [np.nan, 9.0], [3.0, -1.0]]))[0, 1].round(9)
    np.float64(-1.0)
    """
    present = np.isfinite(X).astype(np.float64)
    # About the middle of each column, so that large numbers lose nothing.
    apart = np.where(present > 0, X - _means(X, present), 0.0)
    n = present.T @ present
    sums = apart.T @ present
    squares = (apart**2).T @ present
    products = apart.T @ apart
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products - sums * sums.T / n
        variances = squares - sums**2 / n
        found = covariance / np.sqrt(variances * variances.T)
    usable = (n >= 3) & (variances > 1e-12 * squares) & (variances > 1e-12 * squares).T
    return np.clip(np.where(usable & np.isfinite(found), found, 0.0), -1.0, 1.0)


def _means(X: np.ndarray, present: np.ndarray) -> np.ndarray:
    sums = np.where(present > 0, X, 0.0).sum(axis=0)
    means: np.ndarray = sums / np.maximum(present.sum(axis=0), 1.0)
    return means
