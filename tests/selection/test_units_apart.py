"""Parts of predictions divide no unit, and together they are all."""

from dataclasses import dataclass

import numpy as np

from bioselect.selection.units_apart import UnitsApart


@dataclass(frozen=True, eq=False)
class Said(UnitsApart):
    table: np.ndarray
    units: np.ndarray


def test_parts_divide_no_unit():
    units = np.array([5, 3, 5, 8, 8, 8, 1, 3, 2, 9])
    said = Said(np.arange(20).reshape(10, 2), units)
    parts = list(said.parts(3, seed=4))
    assert (sum(part.astype(int) for part in parts) == 1).all()
    for part in parts:
        assert not set(units[part]) & set(units[~part])
        assert len(np.unique(units[part])) == 2
        assert (said.part(part).table == said.table[part]).all()
    assert said.weights[units == 8].tolist() == [1 / 3] * 3
