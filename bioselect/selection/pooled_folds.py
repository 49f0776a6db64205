"""The folds of a candidate put together: what it said of every image, repeat by repeat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.selection.cross_validation import FoldResult, Problem


def joined_folds(results: Sequence[FoldResult], problem: Problem) -> np.ndarray | None:
    """Put the folds of each repeat together: float64 ``(n_repeats, n_images, n_classes)``.

    A candidate that was dropped has fewer repeats.
    """
    if not results or any(result.probabilities is None for result in results):
        return None
    n_images = len(problem.class_indices)
    n_repeats = len(results) // problem.plan.n_folds
    joined = np.full((n_repeats, n_images, problem.n_classes), np.nan)
    for result, fold in zip(results, problem.plan.folds, strict=False):
        joined[fold.repeat, fold.test] = result.probabilities
    return joined


def fold_numbers(problem: Problem) -> np.ndarray:
    """Return int ``(n_repeats, n_images)``: the fold that tests an image, -1 where none does."""
    numbers = np.full((problem.plan.n_repeats, len(problem.class_indices)), -1, dtype=np.int64)
    for fold in problem.plan.folds:
        numbers[fold.repeat, fold.test] = fold.index
    return numbers
