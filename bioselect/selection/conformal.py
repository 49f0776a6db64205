"""How far from a predicted number the truth may lie: intervals from out-of-fold errors.

The model that is exported is one, trained on all images. Around what it predicts lies a quantile of
the errors that its candidate made on images that it was not trained on, each model of a fold on its
own test part. Groups count, and not images: each group has the same weight, shared by its images
and repeats, and one group more, the new one, is thought of whose errors are beyond all others (the
hierarchical conformal quantile of Lee, Barber and Willett). Where every image stands for itself,
that is the ceil((n + 1) * level)-th smallest error of n.

What is guaranteed
    With errors of a model that has nothing to do with them (split conformal), such intervals hold
    the truth of an image of a new group at least as often as `level` says, whatever the
    distribution is. Here no image is set aside for that: the errors come from the models of the
    folds, the prediction from the model of all images. That is the jackknife, by folds. It holds
    the level asymptotically where the models of the folds predict nearly what the model of all
    does (Steinberger and Leeb), and mostly more than that, as they know fewer images; but for a
    model that jumps when an image more is learnt nothing is guaranteed. CV+ would guarantee
    1 - 2 (1 - level) there, at the price of carrying the model of every fold (Barber and others).
    That the candidate was chosen, because its errors were small, is in no theorem.
    `benchmarks/interval_coverage.py` measures all of it.

It holds on average over images of new groups like those of the study; not for every kind of image,
and not for images from elsewhere.

References
----------
Barber, Candès, Ramdas, Tibshirani (2021), "Predictive inference with the jackknife+", Annals of
Statistics 49, 486-507. Steinberger, Leeb (2023), "Conditional predictive inference for stable
algorithms", Annals of Statistics 51, 290-311. Lee, Barber, Willett (2023), "Distribution-free
inference with hierarchical data", arXiv:2306.06342. Lei, G'Sell, Rinaldo, Tibshirani, Wasserman
(2018), "Distribution-free predictive inference for regression", JASA 113, 1094-1111 (scaled
errors).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bioselect.estimators.prediction_interval import (
    CONSTANT,
    SCALED,
    ErrorScale,
    PredictionInterval,
)
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.units_apart import UnitsApart

#: No scale of errors is below this share of their mean.
LEAST_SCALE = 0.25

#: Sums of many weights are compared with the level to within this.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class PredictedNumbers(UnitsApart):
    """Predictions for images that were not trained on, float ``(n,)``, with truth and unit of each.

    An image that was predicted in several repeats is there as often.
    """

    predicted: np.ndarray
    true: np.ndarray
    units: np.ndarray

    @classmethod
    def of(cls, out_of_fold: OutOfFold, index: int) -> PredictedNumbers:
        """Return those of one candidate that did not fail."""
        table = out_of_fold.probabilities[index]
        if table is None:
            raise ValueError(f"candidate {index} must have predictions. Got none: it failed.")
        repeats, images = np.nonzero(np.isfinite(table[..., 0]))
        return cls(
            table[repeats, images, 0], out_of_fold.class_indices[images], out_of_fold.units[images]
        )


def units_needed(level: float) -> int:
    """Return the fewest independent images or groups from which intervals can be made.

    Examples
    --------
    >>> units_needed(0.9), units_needed(0.95), units_needed(0.5)
    (9, 19, 1)
    """
    return math.ceil(level / (1 - level) - ROUNDING)


def conformal_quantile(errors: np.ndarray, units: np.ndarray, level: float) -> float:
    """Return the size of error that a new unit stays within as often as `level` says.

    The n units of the study and the new one have the same weight 1 / (n + 1), each divided among
    its errors; the new one's are taken for infinite.

    Parameters
    ----------
    errors : np.ndarray
        float ``(n,)``, at least 0.
    units : np.ndarray
        int ``(n,)``.
    level : float
        Between 0 and 1.

    Returns
    -------
    float
        Infinite where there are fewer than :func:`units_needed` units.

    Examples
    --------
    >>> conformal_quantile(np.arange(1.0, 20.0), np.arange(19), 0.9)  # the 18th of 19
    18.0
    """
    _, places, counts = np.unique(units, return_inverse=True, return_counts=True)
    weights = 1.0 / (counts[places] * (len(counts) + 1))
    order = np.argsort(errors, kind="stable")
    reached = np.flatnonzero(np.cumsum(weights[order]) >= level - ROUNDING)
    return float(errors[order[reached[0]]]) if len(reached) else math.inf


def fit_interval(numbers: PredictedNumbers, level: float, method: str) -> PredictionInterval | None:
    """Return the interval that predictions give; None where the units are too few for the level.

    Parameters
    ----------
    numbers : PredictedNumbers
        Out-of-fold predictions.
    level : float
        Between 0 and 1.
    method : {"constant", "scaled"}
        `scaled`: a line through the sizes of the errors over the predicted number comes first, and
        the quantile is that of the errors divided by it. Where there is no error there is no line.
    """
    if numbers.n_units < units_needed(level):
        return None
    errors = np.abs(numbers.true - numbers.predicted)
    scale = error_scale(numbers.predicted, errors, numbers.weights) if method == SCALED else None
    if scale is None:
        half_width = conformal_quantile(errors, numbers.units, level)
        return PredictionInterval(level, CONSTANT, half_width)
    relative = errors / scale.of(numbers.predicted)
    half_width = conformal_quantile(relative, numbers.units, level)
    return PredictionInterval(level, SCALED, half_width, scale)


def error_scale(
    predicted: np.ndarray, errors: np.ndarray, weights: np.ndarray
) -> ErrorScale | None:
    """Return a line through the sizes of errors, by weighted least squares; None without errors.

    Examples
    --------
    >>> predicted = np.array([0.0, 10.0, 20.0])
    >>> line = error_scale(predicted, np.array([1.0, 2.0, 3.0]), np.ones(3))
    >>> round(line.intercept, 6), round(line.slope, 6), round(line.floor, 6)
    (1.0, 0.1, 0.5)
    """
    share = weights / weights.sum()
    mean_error = float((share * errors).sum())
    if mean_error == 0:
        return None
    middle = float((share * predicted).sum())
    away = predicted - middle
    spread = float((share * away**2).sum())
    slope = float((share * away * (errors - mean_error)).sum()) / spread if spread > 0 else 0.0
    return ErrorScale(
        mean_error - slope * middle,
        slope,
        float(predicted.min()),
        float(predicted.max()),
        LEAST_SCALE * mean_error,
    )
