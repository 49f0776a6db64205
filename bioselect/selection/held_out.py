"""The test part of one split: opened once, for the candidate that was selected before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.metrics.intervals import has_width, widened_if_perfect
from bioselect.selection.bootstrap import N_DRAWS, drawn_scores
from bioselect.selection.outcome import HonestScore, OutOfFold
from bioselect.selection.reduced_words import reduced_words
from bioselect.selection.resampled_scores import evaluate_if_defined

#: What `HonestScore.method` says.
TEST_PART = "test part"
#: Of fewer independent images or groups, draws with replacement give intervals far too narrow.
FEWEST_UNITS = 10


def held_out_score(
    tested: OutOfFold, metric: Metric, seed: int, before: HonestScore, selected: str, naive: float
) -> HonestScore:
    """Return the score of the selected candidate on the test part, with a bootstrap interval.

    Of fewer than :data:`FEWEST_UNITS` independent units there is no interval, and none where all
    draws have the same score.

    Parameters
    ----------
    tested : OutOfFold
        The predictions of this one candidate on the images of the test part, one repeat.
    metric : Metric
        The deciding metric.
    seed : int
        Of the draws of units that give the interval.
    before : HonestScore
        What was known before the test part was opened.
    selected : str
        The label of the candidate.
    naive : float
        Its score on the validation part, by which it was selected.
    """
    unknown = replace(before, naive=naive, of=selected)
    [table] = tested.probabilities
    if table is None:
        return unknown
    value = evaluate_if_defined(metric, tested.class_indices, table[0])
    drawn = drawn_scores(tested, metric, seed)[:, 0]
    afforded = len(drawn)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(drawn):
        return unknown
    unknown = replace(unknown, value=float(value))
    if len(np.unique(tested.units)) < FEWEST_UNITS:
        return unknown
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975]))
    low, high = widened_if_perfect(low, high, metric, tested.class_indices, tested.units)
    ends = (low, high) if has_width(low, high) else (None, None)
    return replace(
        unknown,
        ci_low=ends[0],
        ci_high=ends[1],
        n_draws=len(drawn),
        n_repeats=1,
        reduced=reduced_words(len(drawn), (afforded, 1), (N_DRAWS, 1)),
    )
