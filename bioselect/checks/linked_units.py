"""Which pairs of images join independent units into one, without joining all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def linked_units(
    units: np.ndarray, pairs: Sequence[tuple[int, int]], most: int
) -> list[bool | None]:
    """Return of each pair whether it joins two units; None if others before it did that.

    Parameters
    ----------
    units : np.ndarray
        int ``(n_images,)``: the unit of each image.
    pairs : sequence of tuple of int
        Places of two images. False is for pairs in one unit, and for those that, with the others,
        would join more than `most` units into one: of these, none is joined.
    most : int
        As many units may become one.

    Examples
    --------
    >>> linked_units(np.arange(5), [(0, 1), (1, 2), (0, 2)], most=3)
    [True, True, None]
    >>> linked_units(np.arange(5), [(0, 1), (1, 2), (0, 2)], most=2)
    [False, False, None]
    """
    parents = {unit: unit for unit in units.tolist()}

    def root(unit: int) -> int:
        while parents[unit] != unit:
            parents[unit] = parents[parents[unit]]
            unit = parents[unit]
        return unit

    joins: list[bool | None] = []
    for first, second in pairs:
        one, other = int(units[first]), int(units[second])
        is_new = root(one) != root(other)
        joins.append(True if is_new else False if one == other else None)
        parents[root(other)] = root(one)
    n_joined = Counter(root(unit) for unit in parents)
    return [
        join and n_joined[root(int(units[first]))] <= most if join else join
        for join, (first, _) in zip(joins, pairs, strict=True)
    ]
