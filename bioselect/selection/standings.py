"""Who is ahead among candidates that have the same folds behind them, some or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.scores import score_folds
from bioselect.selection.significance import DECIMALS


def mean_scores(
    results: Mapping[Candidate, Sequence[FoldResult]], problem: Problem, metric: Metric
) -> dict[Candidate, float]:
    """Return the mean of a metric over the folds of each candidate; NaN if one has no value."""
    return {
        candidate: round(
            float(np.mean([one.score for one in score_folds(folds, problem, [metric])])), DECIMALS
        )
        for candidate, folds in results.items()
    }


def ranked(scores: Mapping[Candidate, float], metric: Metric) -> list[Candidate]:
    """Return the candidates from best to worst; ties by label, so that no order of work counts.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bioselect.registry import ComponentSpec
    >>> hog, lbp = (Candidate(ComponentSpec(name), ComponentSpec("lda")) for name in ("hog", "lbp"))
    >>> error = SimpleNamespace(higher_is_better=False)
    >>> [one.label for one in ranked({hog: 0.3, lbp: 0.2}, error)]
    ['lbp + lda', 'hog + lda']
    """
    sign = -1.0 if metric.higher_is_better else 1.0
    return sorted(scores, key=lambda one: (sign * scores[one], one.extractor.label, one.label))
