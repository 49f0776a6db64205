"""Probabilities turned into ones that can be believed; the class with the highest one stays.

A calibration is numbers only, so that it can stand in a model's manifest. It is fitted by
:mod:`bioselect.estimators.calibration_fit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.data.targets import BORDER, predicted_sets

#: Smaller probabilities have no logarithms worth having.
SMALLEST = float(np.finfo(np.float64).tiny)

NONE = "none"
TEMPERATURE = "temperature"
SIGMOID = "sigmoid"
ISOTONIC = "isotonic"
METHODS = (TEMPERATURE, SIGMOID, ISOTONIC)


@dataclass(frozen=True)
class Calibration:
    """What becomes of a row of probabilities.

    Attributes
    ----------
    method : {"none", "temperature", "sigmoid", "isotonic"}
        `temperature`: softmax of `slope` times the logarithms of the probabilities. `sigmoid`: the
        same with one of `offsets` added for each class; of two classes that is Platt's sigmoid.
        `isotonic`: for each class (for two classes, the second only) the curve through `knots`,
        then divided by the sum.
    slope : float
        Above 0: below 1 for a classifier that is too sure.
    floor : float
        At least 0; smaller probabilities are taken for this one before logarithms are taken.
    offsets : tuple of float
        One for each class, for `sigmoid`.
    knots : tuple of (tuple of float, tuple of float)
        For `isotonic`: given probabilities, ascending, and what they mean, for each class.
    lapse : float
        In [0, 1), not for `isotonic`: how much of the result is the same for all classes, because
        somebody who is as sure as can be is wrong at times.
    """

    method: str = NONE
    slope: float = 1.0
    floor: float = 0.0
    offsets: tuple[float, ...] = ()
    knots: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...] = ()
    lapse: float = 0.0

    def applied_to(self, table: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``; the highest of each row stays the highest.

        Where calibration alone would make another class the most probable one, the class that was
        the highest and those that passed it are given their mean: the nearest probabilities that
        keep the class. It is the class that was judged in the study.

        Examples
        --------
        >>> Calibration("temperature", slope=0.5).applied_to(np.array([[0.9, 0.1]])).round(2)
        array([[0.75, 0.25]])
        """
        if self.method == NONE or len(table) == 0:
            return table
        first = table.argmax(axis=1)
        calibrated = self._curves(table) if self.method == ISOTONIC else self._softmax(table)
        return kept_on_top(calibrated, first)

    def applied_to_labels(self, table: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_labels)``: each probability as that of one of two classes.

        What was above one half, and so predicted, stays above it, and nothing else gets there.

        Examples
        --------
        >>> Calibration("temperature", slope=0.5).applied_to_labels(np.array([[0.9, 0.1]])).round(2)
        array([[0.75, 0.25]])
        """
        if self.method == NONE or len(table) == 0:
            return table
        two_classes = np.stack([1.0 - table.ravel(), table.ravel()], axis=1)
        found = self.applied_to(two_classes)[:, 1].reshape(table.shape)
        above, below = np.maximum(found, np.nextafter(BORDER, 1.0)), np.minimum(found, BORDER)
        return np.asarray(np.where(predicted_sets(table), above, below))

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "method": self.method,
            "slope": self.slope,
            "floor": self.floor,
            "lapse": self.lapse,
            "offsets": list(self.offsets),
            "knots": [[list(given), list(meant)] for given, meant in self.knots],
        }

    @classmethod
    def from_dict(cls, written: dict[str, Any]) -> Calibration:
        """Make it from what :meth:`as_dict` returned.

        Raises
        ------
        ValueError
            If the method is not known or a number is none.

        Examples
        --------
        >>> Calibration.from_dict(Calibration("sigmoid", 0.5, 0.01, (0.0, 1.0)).as_dict()).offsets
        (0.0, 1.0)
        """
        if written["method"] not in (NONE, *METHODS):
            raise ValueError(
                f"method must be one of {', '.join((NONE, *METHODS))}. Got {written['method']!r}."
            )
        return cls(
            written["method"],
            float(written["slope"]),
            float(written["floor"]),
            tuple(map(float, written["offsets"])),
            tuple(
                (tuple(map(float, given)), tuple(map(float, meant)))
                for given, meant in written["knots"]
            ),
            float(written["lapse"]),
        )

    def _softmax(self, table: np.ndarray) -> np.ndarray:
        scores = self.slope * np.log(np.maximum(table, max(self.floor, SMALLEST)))
        if self.offsets:
            scores = scores + np.array(self.offsets)
        return np.asarray((1.0 - self.lapse) * softmax(scores) + self.lapse / table.shape[1])

    def _curves(self, table: np.ndarray) -> np.ndarray:
        if len(self.knots) == 1:
            of_second = np.interp(table[:, 1], *self.knots[0])
            return np.column_stack([1.0 - of_second, of_second])
        columns = [np.interp(table[:, place], *pair) for place, pair in enumerate(self.knots)]
        found = np.column_stack(columns)
        return np.asarray(found / found.sum(axis=1, keepdims=True))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return positive rows that sum to 1.

    Examples
    --------
    >>> softmax(np.array([[0.0, np.log(3.0)]]))
    array([[0.25, 0.75]])
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def kept_on_top(table: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the nearest probabilities whose highest is that of the given class.

    Parameters
    ----------
    table : np.ndarray
        float64 ``(n_images, n_classes)``; rows sum to 1.
    first : np.ndarray
        int ``(n_images,)``.

    Examples
    --------
    >>> kept_on_top(np.array([[0.1, 0.2, 0.7]]), np.array([1])).round(3)
    array([[0.1 , 0.45, 0.45]])
    """
    found = np.array(table, dtype=np.float64)
    for row in np.flatnonzero(found.argmax(axis=1) != first):
        values, place = found[row], first[row]
        order = [int(other) for other in np.argsort(-values, kind="stable") if other != place]
        pool = [int(place)]
        mean = float(values[place])
        for other in order:
            if values[other] <= mean and len(pool) > 1:
                break
            pool.append(other)
            mean = float(values[pool].mean())
        values[pool] = mean
        values[place] = np.nextafter(mean, 2.0)
    return found
