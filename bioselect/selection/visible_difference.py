"""The smallest difference that a study of this size can normally see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.selection.families import ScoreTable

#: Share of studies like this one in which a difference of that size would be seen.
POWER = 0.8


def visible_difference(
    table: ScoreTable, candidates: Sequence[int], n_compared: int = 1
) -> float | None:
    """Return how far behind the best a candidate must truly be to be called so, usually.

    A candidate is clearly behind when the lead of the best exceeds the ROPE by Student's quantile
    of `gamma` (of what is made of it among so many comparisons, either way round) times the
    standard error of their differences. A true difference that is larger than this limit by the
    quantile of :data:`POWER` times the same error exceeds it in four of five studies. The standard
    error is the median of those of all rivals, as each pair has its own.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    candidates : sequence of int
        From best to worst.
    n_compared : int
        Pairs in the largest family, that is, shown in one table.

    Returns
    -------
    float or None
        In units of the metric. None when there is nothing to compare, when every difference is
        the same in all folds, and in exploratory studies, which call nothing behind.
    """
    context = table.context
    if not context.tests_are_judged:
        return None
    comparisons = [table.compare(candidates[0], rival) for rival in candidates[1:]]
    errors = [one.standard_error for one in comparisons if not one.identical]
    if not errors:
        return None
    from scipy.special import stdtrit

    needed = 1.0 - (1.0 - context.gamma) / (2 * max(1, n_compared))
    quantiles = stdtrit(comparisons[0].df, [needed, POWER])
    return context.rope + float(quantiles.sum() * np.median(errors))
