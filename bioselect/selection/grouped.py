"""Is a difference between candidates real, when images come in groups (patients, plates, ...).

Images of one group resemble each other, so a study knows as much as it has groups. Each group
counts twice: it is tested, and it trains the models that test the others. The corrected resampled t
takes the spread between folds for both, which is too little: with 20 or 60 donors it calls equal
candidates different in 7 to 17 % of all pairs (up to 19 % for kNN) at a nominal 5 %. What was tried
besides (`benchmarks/grouped_corrections.py`, 27 scenarios of 120 draws): degrees of freedom counted
in groups, sign flips over groups, a jackknife over groups (each is left out of the out-of-fold
predictions in turn; the scores move by their standard error), also with a variance raised by 5/4 as
for shared training images, or the larger of both. All are above 10 % somewhere, because models
trained on few donors differ more than the donors tested can show.

What keeps its level is the **sum of both variances**, jackknife over groups and corrected spread
between folds, with degrees of freedom from the effective number of groups: 0.4 to 6.5 %. It is
bioselect's own, and conservative for classifiers that are stable.

References
----------
C. Nadeau, Y. Bengio. Inference for the generalization error. Machine Learning 52, 2003.
J. MacKinnon, M. Nielsen, M. Webb. Cluster-robust inference: a guide to empirical practice. Journal
of Econometrics 232, 2023 (the jackknife over clusters, and clusters of unequal size).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_label_sets, is_values
from bioselect.metrics.base import Metric
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.resampled_scores import choose_scorer
from bioselect.selection.significance import (
    DECIMALS,
    Omnibus,
    greenhouse_geisser,
    without_margins,
)

#: More groups than this are left out several at a time.
MAXIMUM_PARTS = 200


def effective_groups(class_indices: np.ndarray, units: np.ndarray) -> float:
    """Return how many groups of equal size would tell as much as these.

    Groups count by their share of the images, averaged over the classes: one of 60 images beside
    ten of one is hardly more than one group. Where groups hold one class each, as few as the
    smallest class has decide (degrees of freedom after Welch and Satterthwaite). Of labels the one
    counts whose images lie in the fewest groups: each label is looked at as two classes. Where
    images have values, all are of one class.

    Parameters
    ----------
    class_indices, units : arrays of shape (n_images,)
        True class and group of each image.

    Returns
    -------
    float
        At least 2, at most the number of groups.

    Examples
    --------
    >>> round(effective_groups(np.tile([0, 1], 30), np.repeat(np.arange(20), 3)), 6)
    20.0
    >>> classes, groups = np.repeat([0, 1], [10, 50]), np.repeat(np.arange(15), 4)
    >>> round(effective_groups(classes, groups), 1)  # 3 groups of the first class, 13 of the other
    3.6
    """
    if is_label_sets(class_indices):
        return min(effective_groups(column, units) for column in class_indices.T)
    numbers, of_image = np.unique(units, return_inverse=True)
    if is_values(class_indices):
        class_indices = np.zeros(len(units), dtype=np.int64)
    classes, of_class = np.unique(class_indices, return_inverse=True)
    images = np.zeros((len(numbers), len(classes)))
    np.add.at(images, (of_image, of_class), 1.0)
    shares = images / images.sum(axis=0) / len(classes)
    share = shares.sum(axis=1)
    overall = 1.0 / float(np.sum(share**2)) - 1.0
    variances = np.sum(shares**2, axis=0)
    of_classes = np.maximum(shares.sum(axis=0) ** 2 / variances - 1.0, 1e-9)
    welch = float(variances.sum() ** 2 / np.sum(variances**2 / of_classes))
    return 1.0 + max(1.0, min(overall, welch))


@dataclass(frozen=True, eq=False)
class GroupedErrors:
    """How far scores may be off because of which groups were collected.

    `deviations` is (n_parts + n_rounds, n_entrants): how much the score of each entrant moves when
    a group is left out, and how far each fold is from the mean, scaled so that the squares add up
    to the variance of the score; NaN for entrants that were not looked at. `n_effective` is that of
    :func:`effective_groups`.
    """

    deviations: np.ndarray
    n_groups: int
    n_effective: float

    @property
    def df(self) -> float:
        """Degrees of freedom of the errors."""
        return self.n_effective - 1.0

    def of(self, index: int) -> float:
        """Return the standard error of the score of an entrant."""
        return _root_of_squares(self.deviations[:, index])

    def of_difference(self, first: int, second: int) -> float:
        """Return the standard error of the difference of two entrants."""
        return _root_of_squares(self.deviations[:, first] - self.deviations[:, second])

    def covariance(self, indices: Sequence[int]) -> np.ndarray:
        """Return the covariance of the scores of some entrants, ``(n, n)``."""
        chosen = self.deviations[:, list(indices)]
        # Not as a product of matrices, whose last bits depend on the number of threads.
        products: np.ndarray = (chosen[:, :, None] * chosen[:, None, :]).sum(axis=0)
        return products


def _root_of_squares(values: np.ndarray) -> float:
    return math.sqrt(float(np.sum(values * values)))


def leave_out_groups(
    out_of_fold: OutOfFold,
    metric: Metric,
    scores: np.ndarray,
    indices: Sequence[int],
    n_eff: float,
) -> GroupedErrors:
    """Leave out one group after the other and look how the scores move; add the spread of folds.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Predictions of all entrants.
    metric : Metric
        The deciding metric. Where a part leaves it without a value, that part tells nothing.
    scores : array of shape (n_entrants, n_rounds)
        Score of each fold.
    indices : sequence of int
        The entrants to look at; all of them have predictions and scores of every fold.
    n_eff : float
        Independent rounds that the folds are worth.

    Raises
    ------
    ValueError
        If there are fewer than 2 groups.
    """
    classes, units = out_of_fold.class_indices, out_of_fold.units
    numbers, of_image = np.unique(units, return_inverse=True)
    if len(numbers) < 2:
        raise ValueError(f"at least 2 groups are needed. Got {len(numbers)}.")
    n_parts = min(len(numbers), MAXIMUM_PARTS)
    left_in = (of_image % n_parts)[None, :] != np.arange(n_parts)[:, None]
    chosen = list(indices)
    scorer, _ = choose_scorer(out_of_fold.of(chosen), metric, n_parts)
    without = np.round(scorer.score_all(left_in.astype(np.float64)), DECIMALS)
    without = without[np.isfinite(without).all(axis=1)]
    of_groups = _centred(without) * math.sqrt((n_parts - 1) / max(1, len(without)))
    of_folds = np.round(np.asarray(scores, dtype=np.float64)[chosen].T, DECIMALS)
    of_folds = _centred(of_folds) / math.sqrt((len(of_folds) - 1) * n_eff)
    deviations = np.full((len(of_groups) + len(of_folds), len(out_of_fold.probabilities)), np.nan)
    deviations[:, chosen] = np.vstack([of_groups, of_folds])
    return GroupedErrors(deviations, len(numbers), effective_groups(classes, units))


def _centred(table: np.ndarray) -> np.ndarray:
    """Take the mean out of each column; a column of one value becomes zero exactly."""
    if not len(table):
        return table
    constant = (table == table[0]).all(axis=0)
    centred: np.ndarray = table - table.mean(axis=0)
    centred[:, constant] = 0.0
    return centred


def grouped_omnibus(
    means: Sequence[float] | np.ndarray, errors: GroupedErrors, indices: Sequence[int]
) -> Omnibus:
    """Test whether any of several candidates differs, over groups.

    The F of :func:`bioselect.selection.significance.corrected_omnibus`, with the covariance of the
    scores taken from the groups. For two candidates it is the square of t.

    Parameters
    ----------
    means : array of shape (n_candidates,)
        Their scores, at least 2.
    errors : GroupedErrors
        From :func:`leave_out_groups`.
    indices : sequence of int
        Which entrants of `errors` they are.
    """
    from scipy.special import fdtrc

    values = np.asarray(means, dtype=np.float64)
    covariance = without_margins(errors.covariance(indices))
    between = float(np.sum((values - values.mean()) ** 2))
    residual = float(np.trace(covariance))
    epsilon = greenhouse_geisser(covariance)
    df_between = epsilon * (len(values) - 1)
    df_residual = df_between * errors.df
    nothing = 1e-20
    if between <= nothing:
        return Omnibus(0.0, df_between, df_residual, 1.0, epsilon)
    if residual <= nothing:
        return Omnibus(math.inf, df_between, df_residual, 0.0, epsilon)
    statistic = between / residual
    return Omnibus(
        statistic,
        df_between,
        df_residual,
        float(fdtrc(df_between, df_residual, statistic)),
        epsilon,
    )
