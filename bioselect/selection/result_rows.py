"""What a study says besides its ranking: tests, and numbers that describe; plain frozen rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DescriptiveRow:
    """One row of `descriptive.csv`: a number that describes a family and decides nothing.

    `candidate` and `against` are empty where the number is about the whole family; of a pair,
    positive differences mean that `candidate` is better. `value` is None where nothing varies.
    """

    stage: int
    family: str
    candidate: str
    against: str
    quantity: str
    value: float | None
    note: str


@dataclass(frozen=True)
class TestRow:
    """One test of a study, for `study.json`."""

    __test__ = False  # the name would make pytest collect it

    stage: int
    family: str
    name: str
    statistic: float | None
    p: float | None
    p_adjusted: float | None
    decision: str
