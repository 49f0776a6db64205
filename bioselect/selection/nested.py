"""What to expect of the best of many: nested cross-validation, the choice repeated in every fold.

In each outer fold all candidates are compared again on inner folds of its training images. The one
that is best there is scored on the test images of the outer fold, which had no part in the choice.
Its predictions on them exist already: the study has trained it on the same training images.

References
----------
S. Varma, R. Simon. Bias in error estimation when using cross-validation for model selection. BMC
Bioinformatics 7, 2006.
G. Cawley, N. Talbot. On over-fitting in model selection and subsequent selection bias in
performance evaluation. Journal of Machine Learning Research 11, 2010.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan
from bioselect.metrics.base import Metric
from bioselect.selection.cross_validation import Problem
from bioselect.selection.fitting import derived_seed
from bioselect.selection.honest import HonestEstimate, bbc_cv
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.phrases import wrapped

#: Why there is no estimate, where it is so.
NOBODY_LEFT = (
    "in the training images of one test round every combination failed on some inner fold "
    "(honest: bbc needs none)"
)

#: The folds of so many repeats are outer folds. With 5 folds that is 10 x 5 inner ones, about as
#: many fits as a study of 5 folds x 10 repeats has itself.
NESTED_REPEATS = 2


@dataclass(frozen=True, eq=False)
class OuterFold:
    """A fold of the study and how its training images are divided again.

    The places of `inner` count within `fold.train`.
    """

    fold: Fold
    inner: SplitPlan


def n_outer_repeats(plan: SplitPlan) -> int:
    """Return how many repeats of a plan give outer folds."""
    return min(NESTED_REPEATS, plan.n_repeats)


def inner_problem(problem: Problem, outer: OuterFold) -> Problem:
    """Return the problem that the candidates are compared on again."""
    fold = outer.fold
    return replace(
        problem,
        class_indices=problem.class_indices[fold.train],
        units=problem.units[fold.train],
        plan=outer.inner,
        seed=derived_seed(problem.seed, fold.repeat, fold.index),
    )


def nested_estimate(
    out_of_fold: OutOfFold, inner_scores: np.ndarray, metric: Metric, seed: int
) -> HonestEstimate:
    """Score what was chosen in every outer fold on the images that the fold tests.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Predictions of all candidates, in the order in which ties are broken, with `folds`.
    inner_scores : array of shape (n_candidates, n_repeats, n_folds)
        Mean score of each candidate on the inner folds of each outer fold; NaN where it failed.
    metric : Metric
        The deciding metric.
    seed : int
        Of the draws of units that give the interval, as in `bbc_cv`.

    Returns
    -------
    HonestEstimate
        Without a value, and with the reason in `reduced`, where no candidate went through in one of
        the outer folds.
    """
    if out_of_fold.folds is None:
        raise ValueError("out_of_fold must say which fold tested each image.")
    sign = -1.0 if metric.direction == "lower" else 1.0
    ordered = np.where(np.isfinite(inner_scores), sign * inner_scores, -np.inf)
    if np.isneginf(ordered.max(axis=0)).any():
        return HonestEstimate(None, None, None, 0, 0, reduced=NOBODY_LEFT)
    chosen = np.round(ordered, 12).argmax(axis=0)
    n_repeats = chosen.shape[0]
    folds = out_of_fold.folds[:n_repeats]
    predictions = np.empty((n_repeats, len(out_of_fold.class_indices), out_of_fold.n_classes))
    for (repeat, fold), candidate in np.ndenumerate(chosen):
        table = out_of_fold.probabilities[candidate]
        if table is None:
            raise ValueError("candidates without predictions must be left out first.")
        tested = folds[repeat] == fold
        predictions[repeat, tested] = table[repeat, tested]
    # One candidate: the draws choose nothing, they only score it on the units left out.
    only = replace(out_of_fold, probabilities=(predictions,), folds=folds)
    return bbc_cv(only, metric, seed)


def nested_in_words(outer: tuple[OuterFold, ...], n_candidates: int) -> str:
    """Say how the expected score was found, for the summary of a study."""
    combinations = "combination" if n_candidates == 1 else "combinations"
    return wrapped(
        f"How the expected score was found: by nested cross-validation. In each of {len(outer)} "
        f"test rounds the whole choice among the {n_candidates} {combinations} was made again, by "
        f"{outer[0].inner.n_folds} inner folds of its training images; what was chosen there was "
        "tested on images that had no part in the choice."
    )
