"""Which classes an image may be of: sets of classes from out-of-fold probabilities.

The model that is exported is one, trained on all images. A class stands in the set of a new image
where it is the predicted one, or at least as probable as it was in enough of the images that are
of it while the model was not trained on them, by the probabilities of the folds, calibrated as the
model's are. Each class has a border of its own, so that a rare class is held as often as a common
one (Mondrian, or class-conditional, conformal prediction; the score is that of least ambiguous
sets, 1 less the probability of the true class, and 0 where that was predicted). Groups count, and
not images: each group with images of a class has the same weight, shared by these images and
repeats, and one group more, the new one, is thought of in which the class is never found (the
hierarchical conformal quantile of Lee, Barber and Willett).

Classes with too few units
    A level of 0.9 needs 9 units. Classes with fewer share one border, made from the images of all
    of them; where these are still too few, the class with the next fewest units joins them, until
    there are enough. With two classes, the border is then that of all images.

What is guaranteed
    With probabilities of a model that has nothing to do with these images (split conformal), sets
    hold the true class of an image of a class, of a new group, at least as often as `level` says;
    of classes that share a border, on average over their images. Here no image is set aside for
    that, as with the intervals of predicted numbers (:mod:`bioselect.selection.conformal`): the
    probabilities come from the models of the folds, the prediction from the model of all images.
    That holds the level where these predict nearly the same, and mostly more, as the folds know
    fewer images. That calibration was fitted to the same images, and the candidate chosen by them,
    is in no theorem. `benchmarks/prediction_sets.py` measures all of it.

It holds on average over images of new groups like those of the study; not for every kind of image,
and not for images from elsewhere.

The predicted class always stands in the set. That costs nothing where models are often wrong, and
where they are right more often than `level` asks, all sets are that class alone.

References
----------
Sadinle, Lei, Wasserman (2019), "Least ambiguous set-valued classifiers with bounded error levels",
JASA 114, 223-234. Vovk (2012), "Conditional validity of inductive conformal predictors", ACML,
475-490. Ding, Angelopoulos, Bates, Jordan, Tibshirani (2023), "Class-conditional conformal
prediction with many classes", NeurIPS 36 (classes that share a border). Lee, Barber, Willett
(2023), "Distribution-free inference with hierarchical data", arXiv:2306.06342.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.estimators.calibration import Calibration
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.selection.conformal import conformal_quantile, units_needed
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.units_apart import UnitsApart


@dataclass(frozen=True, eq=False)
class PredictedClasses(UnitsApart):
    """Probabilities for images that were not trained on, ``(n, n_classes)``, with truth and unit.

    An image that was predicted in several repeats is there as often.
    """

    table: np.ndarray
    true: np.ndarray
    units: np.ndarray

    @classmethod
    def of(cls, out_of_fold: OutOfFold, index: int, calibration: Calibration) -> PredictedClasses:
        """Return those of one candidate that did not fail, calibrated."""
        table = out_of_fold.probabilities[index]
        if table is None:
            raise ValueError(f"candidate {index} must have predictions. Got none: it failed.")
        repeats, images = np.nonzero(np.isfinite(table).all(axis=2))
        return cls(
            calibration.applied_to(table[repeats, images]),
            out_of_fold.class_indices[images],
            out_of_fold.units[images],
        )

    @property
    def n_classes(self) -> int:
        """How many classes the model knows."""
        return int(self.table.shape[1])


@dataclass(frozen=True)
class FittedSets:
    """Prediction sets, and which classes share a border because they have too few units."""

    sets: PredictionSets
    shared: tuple[int, ...] = ()


def fit_sets(predicted: PredictedClasses, level: float) -> FittedSets | None:
    """Return the sets that predictions give; None where all units are too few for the level.

    Parameters
    ----------
    predicted : PredictedClasses
        Out-of-fold predictions.
    level : float
        Between 0 and 1.

    Examples
    --------
    Nine images of class 0 were predicted to be it with 0.6, but for one that got 0.3, and nine of
    class 1 were all predicted to be that. For the level 0.9 the worst of nine counts:

    >>> of_first = np.array([0.6] * 8 + [0.3] + [0.2] * 9)
    >>> table = np.column_stack([of_first, 1 - of_first])
    >>> found = fit_sets(PredictedClasses(table, np.repeat([0, 1], 9), np.arange(18)), 0.9)
    >>> found.sets.borders, found.shared
    ((0.3, 1.0), ())
    """
    if predicted.n_units < units_needed(level):
        return None
    shared = _sharing(predicted, level)
    # As probable as can be where it was predicted: it stands in the set then, whatever the border.
    of_true = predicted.table[np.arange(len(predicted.true)), predicted.true]
    reached = np.where(predicted.table.argmax(axis=1) == predicted.true, 1.0, of_true)
    borders = []
    for place in range(predicted.n_classes):
        inside = np.isin(predicted.true, shared if place in shared else [place])
        borders.append(-conformal_quantile(-reached[inside], predicted.units[inside], level))
    return FittedSets(PredictionSets(level, tuple(borders)), shared)


def _sharing(predicted: PredictedClasses, level: float) -> tuple[int, ...]:
    """Return the classes that share a border; none where each has enough units for its own."""
    needed = units_needed(level)
    places = range(predicted.n_classes)
    counts = [len(np.unique(predicted.units[predicted.true == place])) for place in places]
    order = sorted(places, key=lambda place: (counts[place], place))
    n_shared = sum(count < needed for count in counts)
    while n_shared:
        chosen = order[:n_shared]
        if len(np.unique(predicted.units[np.isin(predicted.true, chosen)])) >= needed:
            return tuple(sorted(chosen))
        n_shared += 1
    return ()
