"""The expected score of a study: the way it is found follows from the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.metrics.intervals import has_width
from bioselect.selection.ensemble import TiedChoice, tie_limits
from bioselect.selection.families import ScoreTable
from bioselect.selection.held_out import TEST_PART
from bioselect.selection.honest import HonestEstimate, bbc_cv, guessing_score
from bioselect.selection.nested import nested_estimate
from bioselect.selection.outcome import HonestScore, OutOfFold


def expected_score(
    table: ScoreTable,
    candidates: Sequence[int],
    out_of_fold: OutOfFold,
    metric: Metric,
    inner_scores: np.ndarray | None,
) -> HonestScore:
    """Return the honest score of the best, by the draws or the inner folds of a study.

    With one split there is none before its test part is opened.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    candidates : sequence of int
        Those that are ranked, from best to worst; an ensemble may be among them.
    out_of_fold : OutOfFold
        Predictions of all entrants.
    metric : Metric
        The deciding metric.
    inner_scores : array of shape (n_entrants, n_repeats, n_folds) or None
        Of nested cross-validation.
    """
    if table.context.split_counts is not None:
        return _not_opened(table, candidates, out_of_fold, metric)
    # Those that were dropped after a try lost a choice that the draws must repeat: a single
    # survivor would else seem never to have been chosen. All are drawn on equal terms, by the
    # repeats that everybody has. Who was passed over lost no choice: a draw that chose it would
    # say what to expect of a model that is not the one exported.
    lost = [
        index
        for index, entrant in enumerate(table.entrants)
        if entrant.dropped and not (entrant.error or entrant.is_baseline or entrant.passed_over)
        if out_of_fold.probabilities[index] is not None
    ]
    # By label, not by rank: a tie inside a draw must not be broken by the score on all images.
    by_label = sorted(
        [index for index in (*candidates, *lost) if not table.entrants[index].is_ensemble],
        key=lambda i: (table.entrants[i].extractor, table.entrants[i].estimator, i),
    )
    chance = guessing_score(metric, out_of_fold.class_indices, out_of_fold.n_classes)
    if inner_scores is None:
        estimate = _drawn_estimate(table, candidates, by_label, out_of_fold, metric, chance)
    else:
        shared = out_of_fold.of(by_label).on_shared_repeats()
        estimate = nested_estimate(shared, inner_scores[by_label], metric, table.context.seed)
    if (
        estimate.ci_low is not None
        and estimate.ci_high is not None
        and not has_width(estimate.ci_low, estimate.ci_high)
    ):
        estimate = replace(estimate, ci_low=None, ci_high=None)
    naive = table.mean(candidates[0])
    if lost:
        estimate = _not_above(estimate, naive, metric)
    return HonestScore(
        metric=metric.name,
        value=estimate.value,
        ci_low=estimate.ci_low,
        ci_high=estimate.ci_high,
        naive=naive,
        chance=chance,
        method="bbc" if inner_scores is None else "nested",
        of=table.entrants[candidates[0]].label,
        n_draws=estimate.n_draws,
        n_repeats=estimate.n_repeats,
        reduced=estimate.reduced,
    )


def _drawn_estimate(
    table: ScoreTable,
    candidates: Sequence[int],
    by_label: list[int],
    out_of_fold: OutOfFold,
    metric: Metric,
    chance: float | None,
) -> HonestEstimate:
    """Repeat the choice among candidates, in which an ensemble takes part if there is one."""
    context = table.context
    tested = out_of_fold.of(by_label).on_shared_repeats().of_tested_images()
    # Of groups all of the part for shared training, of others as far as guessing does as well.
    shared = context.test_to_train or 1.0 / (context.n_folds - 1)
    if context.n_groups is not None:
        chance = None
    elif chance is None:
        shared = 0.0
    seed = context.seed
    ensembles = [index for index in candidates if table.entrants[index].is_ensemble]
    if not ensembles:
        return bbc_cv(tested, metric, seed, shared_training=shared, chance=chance)
    choose = TiedChoice(tested, metric, tie_limits(table, by_label))
    also = out_of_fold.of(ensembles).of_tested_images()
    return bbc_cv(
        tested, metric, seed, shared_training=shared, choose=choose, also=also, chance=chance
    )


def _not_above(estimate: HonestEstimate, naive: float, metric: Metric) -> HonestEstimate:
    """Return the estimate, but none that is better than the score that it corrects.

    The shared repeats may have been lucky ones. On all of them the chosen one had `naive`, and what
    was chosen for its score is not expected to do better than that.
    """
    if estimate.value is None or estimate.ci_low is None or estimate.ci_high is None:
        return estimate
    nearest = max if metric.direction == "lower" else min
    value = nearest(estimate.value, naive)
    low, high = min(estimate.ci_low, value), max(estimate.ci_high, value)
    return replace(estimate, value=value, ci_low=low, ci_high=high)


def _not_opened(
    table: ScoreTable, candidates: Sequence[int], out_of_fold: OutOfFold, metric: Metric
) -> HonestScore:
    naive = table.mean(candidates[0])
    chance = guessing_score(metric, out_of_fold.class_indices, out_of_fold.n_classes)
    return HonestScore(metric.name, None, None, None, naive, chance, method=TEST_PART)
