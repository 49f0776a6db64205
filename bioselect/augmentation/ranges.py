"""A range that a step draws from: two numbers, the lowest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bioselect.component import Parameter
from bioselect.parameter_values import is_finite_number


@dataclass(frozen=True)
class RangeWithin:
    """The rule of a range: two numbers in order, between two limits.

    Examples
    --------
    >>> rule = RangeWithin(0.5, 2.0)
    >>> rule([0.8, 1.25])
    >>> rule([1.25, 0.8])
    'must be two numbers from 0.5 to 2, the lowest first. Got [1.25, 0.8].'
    """

    minimum: float
    maximum: float

    def __call__(self, value: Any) -> str | None:
        """Return what is wrong with a value, or None."""
        written = list(value) if isinstance(value, list | tuple) else value
        is_pair = (
            isinstance(written, list) and len(written) == 2 and all(map(is_finite_number, written))
        )
        if is_pair and self.minimum <= written[0] <= written[1] <= self.maximum:
            return None
        return (
            f"must be two numbers from {self.minimum:g} to {self.maximum:g}, the lowest first. "
            f"Got {written!r}."
        )


def range_parameter(
    name: str, default: tuple[float, float], minimum: float, maximum: float, summary: str
) -> Parameter:
    """Return the parameter of a step that holds a range ``[lowest, highest]``."""
    rule = RangeWithin(minimum, maximum)
    return Parameter(name, default, ("list",), summary=summary, check=rule)
