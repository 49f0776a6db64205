"""Draws of independent units with replacement, and what a score does in them."""

from __future__ import annotations

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.resampled_scores import choose_scorer

#: Draws, where the metric can afford them.
N_DRAWS = 2000


def drawn_scores(
    out_of_fold: OutOfFold, metric: Metric, seed: int, n_draws: int = N_DRAWS
) -> np.ndarray:
    """Return the score of every candidate in every draw of units, ``(n_draws, n_candidates)``.

    Every candidate sees the same draws; NaN where a draw has no score.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Of candidates that did not fail, at least one.
    metric : Metric
        A costly one may get fewer draws, see :mod:`bioselect.selection.resampled_scores`.
    seed : int
        Of the draws.
    n_draws : int
        Draws wanted.
    """
    scorer, affordable = choose_scorer(out_of_fold, metric, n_draws)
    numbers, of_image = np.unique(out_of_fold.units, return_inverse=True)
    picked = np.random.default_rng(seed).integers(0, len(numbers), (affordable, len(numbers)))
    offsets = np.arange(affordable)[:, None] * len(numbers)
    counts = np.bincount((picked + offsets).ravel(), minlength=affordable * len(numbers))
    multiplicities = counts.reshape(affordable, len(numbers))[:, of_image].astype(np.float64)
    return scorer.score_all(multiplicities)
