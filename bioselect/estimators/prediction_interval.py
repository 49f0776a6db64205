"""Between which values the truth of a predicted number lies, nine times in ten, say.

An interval is numbers only, so that it can stand in a model's manifest. It is fitted by
:mod:`bioselect.selection.conformal`, where its guarantee is told.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

#: As wide for every image; or following the predicted number.
CONSTANT = "constant"
SCALED = "scaled"
METHODS = (CONSTANT, SCALED)
#: A number this near to an end, as a share of half the width, lies inside.
ROUNDING = 1e-9


@dataclass(frozen=True)
class ErrorScale:
    """How large errors are for a predicted number: a line, level outside of what was seen.

    Attributes
    ----------
    intercept, slope : float
        Of the line through the sizes of the errors, over the predicted number.
    lowest, highest : float
        Predicted numbers below and above these have the scale of these.
    floor : float
        Above 0; no scale is smaller.
    """

    intercept: float
    slope: float
    lowest: float
    highest: float
    floor: float

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return the scale for each predicted number.

        Examples
        --------
        >>> ErrorScale(1.0, 0.5, 0.0, 10.0, 0.25).of(np.array([-4.0, 2.0, 30.0]))
        array([1., 2., 6.])
        """
        inside = np.clip(values, self.lowest, self.highest)
        scales: np.ndarray = np.maximum(self.intercept + self.slope * inside, self.floor)
        return scales


@dataclass(frozen=True)
class PredictionInterval:
    """What is added to a predicted number and taken from it.

    Attributes
    ----------
    level : float
        Between 0 and 1: how often the truth is to lie inside, 0.9 for nine times in ten.
    method : {"constant", "scaled"}
        `constant`: every interval is as wide. `scaled`: it follows the predicted number.
    half_width : float
        At least 0. In the units of the target; of `scaled` times the scale of errors.
    scale : ErrorScale or None
        For `scaled`.
    """

    level: float
    method: str
    half_width: float
    scale: ErrorScale | None = None

    def bounds(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper end for predicted numbers float ``(n,)``.

        Examples
        --------
        >>> low, high = PredictionInterval(0.9, "constant", 1.5).bounds(np.array([2.0, 7.0]))
        >>> low.tolist(), high.tolist()
        ([0.5, 5.5], [3.5, 8.5])
        """
        half = self.half_widths(values)
        return values - half, values + half

    def half_widths(self, values: np.ndarray) -> np.ndarray:
        """Return half the width of each interval, float ``(n,)``."""
        if self.scale is None:
            return np.full(len(values), self.half_width)
        return self.half_width * self.scale.of(values)

    def holds(self, values: np.ndarray, true: np.ndarray) -> np.ndarray:
        """Tell which true numbers lie inside, bool ``(n,)``, an end and its rounding included.

        The width is that of an error that was really made, so that a true number often lies at the
        very end, and must not fall outside by the last bit of a difference.

        Examples
        --------
        >>> PredictionInterval(0.9, "constant", 0.1).holds(np.array([0.3, 0.3]), np.array([0.2, 0]))
        array([ True, False])
        """
        half = self.half_widths(values)
        inside: np.ndarray = np.abs(true - values) - half <= ROUNDING * half
        return inside

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, written: dict[str, Any]) -> PredictionInterval:
        """Make it from what :meth:`as_dict` returned.

        Raises
        ------
        ValueError
            If the method is not known, or a number is none or out of its range.

        Examples
        --------
        >>> scaled = PredictionInterval(0.9, "scaled", 2.0, ErrorScale(1.0, 0.1, 0.0, 9.0, 0.2))
        >>> PredictionInterval.from_dict(scaled.as_dict()) == scaled
        True
        """
        method, scale = written["method"], written["scale"]
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}. Got {method!r}.")
        if (method == SCALED) != (scale is not None):
            raise ValueError(f"scale must be given for {SCALED}, and for it alone. Got {scale!r}.")
        level, half_width = float(written["level"]), float(written["half_width"])
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1. Got {level}.")
        if not (math.isfinite(half_width) and half_width >= 0):
            raise ValueError(f"half_width must be a number of at least 0. Got {half_width}.")
        return cls(level, method, half_width, None if scale is None else _scale(scale))


def _scale(written: dict[str, Any]) -> ErrorScale:
    numbers = {name: float(written[name]) for name in ErrorScale.__dataclass_fields__}
    if not all(map(math.isfinite, numbers.values())) or numbers["floor"] <= 0:
        raise ValueError(f"scale must hold numbers, and a floor above 0. Got {written}.")
    return ErrorScale(**numbers)
