"""Which classes an image may be of: all of those that cannot be ruled out, nine times in ten, say.

Prediction sets are numbers only, so that they can stand in a model's manifest. They are fitted by
:mod:`bioselect.selection.conformal_sets`, where their guarantee is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Between the names of a set in one cell.
SEPARATOR = " | "


@dataclass(frozen=True)
class PredictionSets:
    """How probable a class must be to stand in the set of an image.

    The class that is predicted stands in every set, so that none is empty.

    Attributes
    ----------
    level : float
        Between 0 and 1: how often the set is to hold the true class, 0.9 for nine times in ten.
    borders : tuple of float
        For each class: from this probability on it stands in the set of an image that is predicted
        to be of another class. 1 for a class that is there only where it is predicted.
    """

    level: float
    borders: tuple[float, ...]

    def holds(self, table: np.ndarray) -> np.ndarray:
        """Tell which classes stand in the sets, bool ``(n_images, n_classes)``.

        Parameters
        ----------
        table : np.ndarray
            Probabilities ``(n_images, n_classes)`` as the model gives them, calibrated.

        Examples
        --------
        >>> sets = PredictionSets(0.9, (0.2, 1.0))
        >>> sets.holds(np.array([[0.3, 0.7], [0.1, 0.9], [0.6, 0.4]]))
        array([[ True,  True],
               [False,  True],
               [ True, False]])
        """
        found: np.ndarray = table >= np.array(self.borders)
        found[np.arange(len(table)), table.argmax(axis=1)] = True
        return found

    def names(self, probabilities: np.ndarray, class_names: Sequence[str]) -> tuple[str, ...]:
        """Return the classes in the set of one image, the most probable first.

        Examples
        --------
        >>> sets = PredictionSets(0.9, (0.2, 0.2, 0.2))
        >>> sets.names(np.array([0.3, 0.1, 0.6]), ["flat", "round", "spiky"])
        ('spiky', 'flat')
        """
        inside = self.holds(probabilities[None])[0]
        order = np.argsort(-probabilities, kind="stable")
        return tuple(class_names[place] for place in order.tolist() if inside[place])

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {"level": self.level, "borders": list(self.borders)}

    @classmethod
    def from_dict(cls, written: dict[str, Any]) -> PredictionSets:
        """Make it from what :meth:`as_dict` returned.

        Raises
        ------
        ValueError
            If a number is none or out of its range.

        Examples
        --------
        >>> sets = PredictionSets(0.9, (0.2, 1.0))
        >>> PredictionSets.from_dict(sets.as_dict()) == sets
        True
        """
        level, borders = float(written["level"]), tuple(map(float, written["borders"]))
        if not 0 < level < 1:
            raise ValueError(f"level must be between 0 and 1. Got {level}.")
        if not borders or not all(0 <= border <= 1 for border in borders):
            raise ValueError(f"borders must be numbers between 0 and 1. Got {list(borders)}.")
        return cls(level, borders)


def set_text(names: Sequence[str]) -> str:
    """Return the names of a set as one cell; those that hold what separates them are quoted.

    Examples
    --------
    >>> set_text(["round", "spiky"])
    'round | spiky'
    >>> set_text(["a|b", "c"]), set_text(['6" pot', "c"])
    ('"a|b" | c', '"6"" pot" | c')
    """
    return SEPARATOR.join(_quoted(name) for name in names)


def _quoted(name: str) -> str:
    if not any(mark in name for mark in '|"') and name == name.strip():
        return name
    return '"{}"'.format(name.replace('"', '""'))
