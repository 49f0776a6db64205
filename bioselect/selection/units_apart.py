"""Predictions whose units (groups, or images that stand for themselves) count and stay whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from bioselect.data.plain_folds import draw_plain_folds

Own = TypeVar("Own", bound="UnitsApart")

#: How often sets and intervals hold the truth, where nobody says otherwise.
DEFAULT_LEVEL = 0.9
#: Parts of the units on which is measured what the other parts gave.
N_PARTS = 5


class UnitsApart:
    """What a frozen dataclass of arrays ``(n, ...)`` has besides, one of which is `units`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Said(UnitsApart):
    ...     numbers: np.ndarray
    ...     units: np.ndarray
    >>> said = Said(np.array([3.0, 4.0, 5.0]), np.array([7, 7, 9]))
    >>> said.n_units, said.weights, said.part(said.units == 7).numbers
    (2, array([0.5, 0.5, 1. ]), array([3., 4.]))
    >>> sorted(said.numbers[inside].tolist() for inside in said.parts(2, seed=0))
    [[3.0, 4.0], [5.0]]
    """

    units: np.ndarray

    @property
    def n_units(self) -> int:
        """How many independent images or groups there are."""
        return len(np.unique(self.units))

    @property
    def weights(self) -> np.ndarray:
        """How much each counts: those of a unit together 1."""
        _, places, counts = np.unique(self.units, return_inverse=True, return_counts=True)
        shares: np.ndarray = 1.0 / counts[places]
        return shares

    def part(self: Own, inside: np.ndarray) -> Own:
        """Return a part, bool ``(n,)``."""
        arrays = {one.name: getattr(self, one.name)[inside] for one in fields(self)}  # type: ignore[arg-type]
        return replace(self, **arrays)  # type: ignore[type-var]

    def parts(self, n_parts: int, seed: int) -> Iterator[np.ndarray]:
        """Yield parts that divide no unit, bool ``(n,)`` each; everything is in one of them."""
        _, places = np.unique(self.units, return_inverse=True)
        for fold in draw_plain_folds(np.arange(self.n_units), n_parts, 1, seed).folds:
            yield np.isin(places, fold.test)
