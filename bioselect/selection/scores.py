"""From out-of-fold probabilities to one score per fold and metric."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.fitting import one_line


@dataclass(frozen=True)
class FoldScore:
    """One metric of one candidate on one fold; `score` is NaN when `error` says why."""

    candidate: Candidate
    repeat: int
    fold: int
    metric: str
    score: float
    error: str = ""


def score_folds(
    results: Sequence[FoldResult], problem: Problem, metrics: Sequence[Metric]
) -> list[FoldScore]:
    """Evaluate every metric on every fold.

    Parameters
    ----------
    results : sequence of FoldResult
        Of :func:`~bioselect.selection.cross_validation.cross_validate`.
    problem : Problem
        The one they were computed for.
    metrics : sequence of Metric
        Each is evaluated on the fold's test images.

    Returns
    -------
    list of FoldScore
        In the order of `results`, then of `metrics`. A failed fold, and a metric that is undefined
        on a fold, give NaN and the reason.
    """
    tests = {(fold.repeat, fold.index): fold.test for fold in problem.plan.folds}
    return [
        _fold_score(result, problem.class_indices[tests[result.repeat, result.fold]], metric)
        for result in results
        for metric in metrics
    ]


def _fold_score(result: FoldResult, y_true: np.ndarray, metric: Metric) -> FoldScore:
    score, error = math.nan, result.error
    if result.probabilities is not None:
        try:
            with warnings.catch_warnings():
                # scikit-learn warns of classes that a small test fold lacks; what each metric
                # does then is stated with the metric.
                warnings.simplefilter("ignore")
                score = float(evaluate(metric, y_true, result.probabilities))
        except UndefinedMetricError as raised:
            error = one_line(str(raised))
        except Exception as raised:
            error = one_line(f"{type(raised).__name__}: {raised}")
    return FoldScore(result.candidate, result.repeat, result.fold, metric.name, score, error)
