"""The smallest difference that a study of this size can normally see."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.selection.families import ScoreTable
from bioselect.selection.outcome import OutOfFold

#: With 5 folds and 10 repeats, the corrected t-test at 5 % sees a difference of 3.25 standard
#: errors of "the two disagree on this image" in 80 of 100 studies (measured by simulation).
FACTOR = 3.25

#: What Holm's adjustment over about 10 pairs costs.
SEVERAL_FACTOR = 1.3


def smallest_visible(variance: float, several: bool) -> float:
    """Return the difference that is normally seen (80 % power).

    Parameters
    ----------
    variance : float
        Share of images on which two candidates disagree, over the number of images.
    several : bool
        Whether more than one pair is compared.

    Examples
    --------
    >>> round(smallest_visible(0.15 / 500, several=False), 3)
    0.056
    """
    return FACTOR * math.sqrt(variance) * (SEVERAL_FACTOR if several else 1.0)


def disagreement(out_of_fold: OutOfFold, first: int, second: int, by_class: bool = False) -> float:
    """Return the share of images on which two candidates disagree, over the number of images.

    With `by_class`, the same for a score that averages over the classes: the mean over classes of
    share over number, over the number of classes. Averaged over repeats.
    """
    one, other = out_of_fold.probabilities[first], out_of_fold.probabilities[second]
    if one is None or other is None:
        raise ValueError("a candidate without predictions cannot be compared.")
    differs = (one.argmax(axis=2) != other.argmax(axis=2)).mean(axis=0)
    if not by_class:
        return float(differs.mean() / len(differs))
    classes = [out_of_fold.class_indices == c for c in np.unique(out_of_fold.class_indices)]
    parts = [float(differs[members].mean() / members.sum()) for members in classes]
    return float(np.sum(parts) / len(classes) ** 2)


def visible_difference(
    table: ScoreTable, candidates: Sequence[int], out_of_fold: OutOfFold, metric: Metric
) -> float | None:
    """Return the smallest difference that these data normally show, in units of the metric.

    It is measured between the first two of `candidates`, which stand from best to worst.
    Accuracies are judged by how often the two disagree; grouped images count as many as there
    are groups. Other metrics are judged by the corrected standard error of the difference. None
    when there is one candidate, or when the two never disagree.
    """
    if len(candidates) < 2:
        return None
    first, second = candidates[0], candidates[1]
    several = len(candidates) > 2
    if metric.name in ("accuracy", "balanced_accuracy"):
        by_class = metric.name == "balanced_accuracy"
        variance = disagreement(out_of_fold, first, second, by_class)
        images_per_unit = table.context.n_images / table.context.n_units
        value = smallest_visible(variance * images_per_unit, several)
    else:
        from scipy.special import stdtrit

        result = table.compare(first, second)
        quantiles = float(stdtrit(result.df, 0.975) + stdtrit(result.df, 0.8))
        value = quantiles * result.standard_error * (SEVERAL_FACTOR if several else 1.0)
    return value if value > 0 else None
