"""The prediction sets of an exported model, and how they do on units they were not made from.

The units are divided into five parts, and each part is measured with the sets that the other four
give, the calibration of the probabilities being that of all; where four parts are too few for the
level, each unit is measured with the sets that all others give. What is kept is then made from all
of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.estimators.prediction_set import PredictionSets
from bioselect.selection.conformal import units_needed
from bioselect.selection.conformal_sets import PredictedClasses, fit_sets
from bioselect.selection.units_apart import DEFAULT_LEVEL, N_PARTS

#: Levels that are measured besides the one of the model, for whoever wonders about another.
OTHER_LEVELS = (0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class MeasuredSets:
    """How sets did on units that they were not made from; each unit counts the same.

    Attributes
    ----------
    coverage : float
        How often the set held the true class.
    of_classes : tuple of float or None
        The same for the images of each class; None of a class without any.
    mean_size : float
        How many classes stood in a set.
    single : float
        How often that was one class.
    right_if_single : float or None
        How often the prediction was right then; None where no set was one class.
    right : float
        How often it was right at all.
    """

    coverage: float
    of_classes: tuple[float | None, ...]
    mean_size: float
    single: float
    right_if_single: float | None
    right: float


@dataclass(frozen=True)
class ModelSets:
    """The prediction sets of an exported model.

    Attributes
    ----------
    sets : PredictionSets or None
        None where there are too few units for the level.
    shared : tuple of int
        Places of the classes that share a border, because they have too few units.
    measured : MeasuredSets or None
        On units that they were not made from; None where there are too few for that.
    level : float
        How often the set is to hold the true class.
    n_units : int
        Independent images or groups that it rests on.
    n_needed : int
        So many are needed for this level, and of each class for a border of its own.
    by_level : tuple of (float, MeasuredSets)
        `measured`, and the same for other levels that could be measured, ascending.
    """

    sets: PredictionSets | None
    shared: tuple[int, ...]
    measured: MeasuredSets | None
    level: float
    n_units: int
    n_needed: int
    by_level: tuple[tuple[float, MeasuredSets], ...] = ()


def model_sets(predicted: PredictedClasses, seed: int, level: float = DEFAULT_LEVEL) -> ModelSets:
    """Fit and measure the prediction sets of an exported model.

    Parameters
    ----------
    predicted : PredictedClasses
        Out-of-fold predictions of its candidate.
    seed : int
        Of the division into parts on which sets are measured.
    level : float
        Between 0 and 1.
    """
    needed = units_needed(level)
    fitted = fit_sets(predicted, level)
    if fitted is None:
        return ModelSets(None, (), None, level, predicted.n_units, needed)
    by_level = {}
    for one in sorted({level, *OTHER_LEVELS}):
        held = held_out_sets(predicted, one, seed)
        if held is not None:
            by_level[one] = measured(predicted, held)
    return ModelSets(
        fitted.sets,
        fitted.shared,
        by_level.get(level),
        level,
        predicted.n_units,
        needed,
        tuple(by_level.items()),
    )


def held_out_sets(predicted: PredictedClasses, level: float, seed: int) -> np.ndarray | None:
    """Return the set of each prediction by what the other parts of the units give.

    Returns
    -------
    np.ndarray or None
        bool ``(n, n_classes)``; None where all others but one are too few for the level.
    """
    n_units, needed = predicted.n_units, units_needed(level)
    n_parts = N_PARTS if n_units - -(-n_units // N_PARTS) >= needed else n_units
    if n_units - 1 < needed:
        return None
    found = np.zeros(predicted.table.shape, dtype=bool)
    for inside in predicted.parts(n_parts, seed):
        fitted = fit_sets(predicted.part(~inside), level)
        if fitted is None:
            return None
        found[inside] = fitted.sets.holds(predicted.table[inside])
    return found


def measured(predicted: PredictedClasses, sets: np.ndarray) -> MeasuredSets:
    """Return how sets bool ``(n, n_classes)`` do on the predictions that they belong to.

    Examples
    --------
    Three images, the second of class 1 and all predicted to be of class 0; one has both in its set:

    >>> table = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2]])
    >>> predicted = PredictedClasses(table, np.array([0, 1, 0]), np.arange(3))
    >>> found = measured(predicted, np.array([[True, False], [True, True], [True, False]]))
    >>> found.coverage, round(found.mean_size, 3), found.right_if_single, round(found.right, 3)
    (1.0, 1.333, 1.0, 0.667)
    """
    held = sets[np.arange(len(predicted.true)), predicted.true]
    single = sets.sum(axis=1) == 1
    right = predicted.table.argmax(axis=1) == predicted.true
    weights = predicted.weights
    of_classes = []
    for place in range(predicted.n_classes):
        own = predicted.true == place
        # Within a class each unit that has images of it counts the same.
        of_classes.append(_mean(held[own], predicted.part(own).weights))
    return MeasuredSets(
        coverage=_share(held, weights),
        of_classes=tuple(of_classes),
        mean_size=_share(sets.sum(axis=1), weights),
        single=_share(single, weights),
        right_if_single=_mean(right[single], weights[single]),
        right=_share(right, weights),
    )


def _share(values: np.ndarray, weights: np.ndarray) -> float:
    return float((weights * values).sum() / weights.sum())


def _mean(values: np.ndarray, weights: np.ndarray) -> float | None:
    return _share(values, weights) if len(values) else None
