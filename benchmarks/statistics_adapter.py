"""The four functions by which the Monte-Carlo simulation judges bioselect's statistics.

    python stat_simulation.py --impl benchmarks/statistics_adapter.py --quick --check

Each calls the function that a study itself uses; nothing is computed here.
"""

from __future__ import annotations

import numpy as np

from bioselect.selection.honest import estimate_from_draws
from bioselect.selection.resampled_scores import CorrectnessScorer
from bioselect.selection.significance import (
    corrected_omnibus,
    corrected_t,
    effective_folds,
    holm,
)


def pairwise_p(a: np.ndarray, b: np.ndarray, n_folds: int, n_repeats: int) -> float:
    """Two-sided p-value of the difference between two columns of fold scores."""
    differences = np.asarray(a) - np.asarray(b)
    return corrected_t(differences, effective_folds(n_folds, n_repeats)).p


def omnibus_p(scores: np.ndarray, n_folds: int, n_repeats: int) -> float:
    """P-value of "some candidate differs", scores of shape (n_rounds, n_candidates)."""
    return corrected_omnibus(scores, effective_folds(n_folds, n_repeats)).p


def adjust(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for being several."""
    return holm(p_values)


def bbc(correct: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Honest score of the best and its interval, from correctness (n_images, n_candidates)."""
    n_images = len(correct)
    one_class = np.zeros(n_images, dtype=np.int64)
    scorer = CorrectnessScorer(np.asarray(correct), 1, one_class, by_class=False)
    estimate = estimate_from_draws(
        scorer, one_class, np.arange(n_images), lower_is_better=False, seed=seed, n_draws=1000
    )
    if estimate.value is None or estimate.ci_low is None or estimate.ci_high is None:
        raise ValueError(f"no draw could be scored. Got {n_images} images.")
    return estimate.value, estimate.ci_low, estimate.ci_high
