"""Which candidate is best, and is it really: the two-stage procedure.

    decide(entrants, scores, out_of_fold, metric, context) -> Verdict

1. Inside each extractor, all pairs of estimators; the winner has the best mean.
2. Among the winners, all pairs; the winner of these is the best of all.
3. One tie-break over all candidates: the cheapest, by declared cost, of those whose mean lies
   within the ROPE of the best and that are not significantly worse, is recommended.
4. The honest score: what the best of so many is expected to score on new images.

Baselines (the dummy) are the floor of the table. They are in no family, are never selected, and
their rows have no rank. Failed candidates are left out of everything and listed. So are those that
a budget dropped before they had every fold, with one exception: those that lost the choice were
part of it, so the honest score is computed with them. Those that took too long whatever their
score were not: no draw may choose what could not be chosen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bioselect.exceptions import BioselectError
from bioselect.metrics.base import Metric, in_units
from bioselect.selection.appendix import describe_families
from bioselect.selection.claims import ROUNDING, Claim, Pair, claims_of_tables, doubts
from bioselect.selection.expected import expected_score
from bioselect.selection.families import (
    TESTED_STAGES,
    Family,
    FamilyPlan,
    ScoreTable,
    compared_family,
    comparison_row,
)
from bioselect.selection.grouped import leave_out_groups
from bioselect.selection.outcome import (
    ComparisonRow,
    Context,
    Entrant,
    HonestScore,
    OutOfFold,
    Verdict,
)
from bioselect.selection.ranking import Placing, ranking_rows
from bioselect.selection.significance import DECIMALS, CorrectedT, holm
from bioselect.selection.split_table import SplitTable, mcnemar_rows, split_table
from bioselect.selection.visible_difference import visible_difference
from bioselect.selection.words import summarise

WINNERS = "winners"
RECOMMENDED = "recommended"

#: The cheaper candidate must cost less than this part of what the best does.
WORTHWHILE = 0.9


def decide(
    entrants: Sequence[Entrant],
    scores: np.ndarray,
    out_of_fold: OutOfFold,
    metric: Metric,
    context: Context,
    inner_scores: np.ndarray | None = None,
    known: HonestScore | None = None,
) -> Verdict:
    """Decide a study.

    Parameters
    ----------
    entrants : sequence of Entrant
        Every candidate and baseline.
    scores : array of shape (n_entrants, n_folds * n_repeats)
        Score of each fold, the same folds in the same order for all. An entrant with an `error`
        or with a score that is not finite has failed, unless it was `dropped`.
    out_of_fold : OutOfFold
        Predictions of all entrants in the same order (None for those that failed).
    metric : Metric
        The deciding metric; its direction and bounds are respected.
    context : Context
        Design and rules.
    inner_scores : array of shape (n_entrants, n_repeats, n_folds), optional
        Of nested cross-validation, see :func:`~bioselect.selection.nested.nested_estimate`: the
        honest score is then computed from them.
    known : HonestScore, optional
        The honest score, if it is not to be computed: with one split, that of the selected
        candidate on the test part, once it was opened.

    Returns
    -------
    Verdict
        The same for the same input, whatever the order of the entrants.

    Raises
    ------
    BioselectError
        If every candidate failed; the message holds the reasons.
    """
    table = _score_table(entrants, scores, out_of_fold, metric, context)
    judged = table.entrants
    usable = [i for i, entrant in enumerate(judged) if not entrant.error and not entrant.dropped]
    if context.n_groups is not None and usable and context.split_counts is None:
        # Of random splits, a group that none of them tests tells nothing.
        tested = out_of_fold.of_tested_images()
        errors = leave_out_groups(tested, metric, table.scores, usable, table.n_eff)
        table = replace(table, groups=errors)
    candidates = table.in_order([index for index in usable if not judged[index].is_baseline])
    if not candidates:
        raise BioselectError(_all_failed(judged))
    recommended = break_tie(table, candidates)
    families, finals, against_finalists = _compared(table, candidates, recommended)
    best = finals.winner
    behind = _behind(table, candidates, families, finals)
    placing = Placing(candidates, tuple(families), finals, recommended, frozenset(behind))
    comparisons = [row for family in (*families, finals) for row in family.comparisons]
    comparisons += against_finalists
    tied = [index for index in candidates if index != best and index not in behind]
    honest = known
    if honest is None:
        honest = expected_score(table, candidates, out_of_fold, metric, inner_scores)
    tests = [test for family in (*families, finals) for test in family.tests]
    if isinstance(table, SplitTable) and metric.name == "accuracy":
        tests += mcnemar_rows(table, best, candidates[1:], out_of_fold.of_tested_images())
    verdict = Verdict(
        best=judged[best],
        recommended=judged[recommended],
        tied_with_best=tuple(judged[index] for index in tied),
        ranking=ranking_rows(table, placing, metric, out_of_fold),
        comparisons=tuple(comparisons),
        tests=tuple(tests),
        honest_score=honest,
        in_words="",
        descriptive=describe_families(table, (*families, finals), out_of_fold),
    )
    failed = tuple(entrant for entrant in judged if entrant.error)
    dropped = tuple(
        entrant
        for entrant in judged
        if entrant.dropped and not entrant.error and not entrant.is_baseline
    )
    visible = visible_difference(table, candidates, _n_allowed_for(comparisons, context))
    effective = table.groups.n_effective if table.groups is not None else None
    metric = in_units(metric, context.unit)
    words = summarise(verdict, metric, context, failed, visible, dropped, effective)
    return replace(verdict, in_words=words)


def break_tie(table: ScoreTable, candidates: Sequence[int]) -> int:
    """Return the cheapest candidate that is good enough beside the best.

    Good enough: its mean lies within the ROPE of the best, and it is not significantly worse
    after Holm over all rivals. That p-value is a filter and is never printed, because the data
    chose what it compares with. Costs that tie are broken by the number of features, then by name.
    A cost that is lower by less than a tenth is no reason to leave the best, nor is a name.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    candidates : sequence of int
        From best to worst, at least one.
    """
    best, rivals = candidates[0], candidates[1:]
    results = [table.compare(best, rival) for rival in rivals]
    adjusted = holm([result.p for result in results])
    limit = table.context.rope + 10.0**-DECIMALS
    eligible = [best] + [
        rival
        for rival, result, p in zip(rivals, results, adjusted, strict=True)
        if result.mean <= limit and p >= table.context.alpha
    ]

    def key(index: int) -> tuple[float, int, str, str, int]:
        entrant = table.entrants[index]
        cost = math.inf if math.isnan(entrant.cost) else entrant.cost
        return cost, entrant.n_features, entrant.extractor, entrant.estimator, index

    cheapest = min(eligible, key=key)
    is_hardly_cheaper = WORTHWHILE * key(best)[0] < key(cheapest)[0] < key(best)[0]
    costs_the_same = key(cheapest)[:2] == key(best)[:2]
    return best if is_hardly_cheaper or costs_the_same else cheapest


def _score_table(
    entrants: Sequence[Entrant],
    scores: np.ndarray,
    out_of_fold: OutOfFold,
    metric: Metric,
    context: Context,
) -> ScoreTable:
    table = np.asarray(scores, dtype=np.float64)
    expected = (len(entrants), context.n_folds * context.n_repeats)
    if table.shape != expected:
        raise ValueError(f"scores must have shape {expected}. Got {table.shape}.")
    n_predicted = len(out_of_fold.probabilities)
    if n_predicted != len(entrants):
        raise ValueError(f"out_of_fold must hold {len(entrants)} entrants. Got {n_predicted}.")
    judged = tuple(_with_error(entrant, row) for entrant, row in zip(entrants, table, strict=True))
    lower_is_better = metric.direction == "lower"
    if context.split_counts is None:
        return ScoreTable(judged, table, lower_is_better, context)
    return split_table(judged, table, lower_is_better, context, out_of_fold, metric)


def _with_error(entrant: Entrant, scores: np.ndarray) -> Entrant:
    """Return the entrant, marked as failed where a score is missing without a reason."""
    missing = int(np.sum(~np.isfinite(scores)))
    if entrant.error or entrant.dropped or not missing:
        return entrant
    reason = f"the deciding metric has no value in {missing} of {len(scores)} folds"
    return replace(entrant, error=reason)


def _all_failed(entrants: Sequence[Entrant]) -> str:
    candidates = [entrant for entrant in entrants if not entrant.is_baseline]
    if not candidates:
        return "there is no candidate to choose from: add an extractor and a classifier."
    reasons = "; ".join(f"{entrant.label}: {entrant.error.rstrip('.')}" for entrant in candidates)
    return (
        f"all {len(candidates)} candidates failed, so there is nothing to choose from. "
        f"{reasons}. Put the first reason right and run again."
    )


def _compared(
    table: ScoreTable, candidates: Sequence[int], recommended: int
) -> tuple[list[Family], Family, list[ComparisonRow]]:
    """Return the families of stage 1, the winners, and the recommended against all finalists."""
    by_extractor: dict[str, list[int]] = {}
    for index in candidates:
        by_extractor.setdefault(table.entrants[index].extractor, []).append(index)
    plans = [
        FamilyPlan(1, extractor, tuple(table.in_order(by_extractor[extractor])))
        for extractor in sorted(by_extractor)
    ]
    winners = table.in_order([plan.members[0] for plan in plans])
    plans.append(FamilyPlan(2, WINNERS, tuple(winners)))
    results = [plan.results(table) for plan in plans]
    rivals = [finalist for finalist in winners if finalist != recommended]
    pairs = [table.in_order([recommended, rival]) for rival in rivals]
    results.append({(first, second): table.compare(first, second) for first, second in pairs})
    claims = claims_of_tables(results, table.context)
    *families, finals = [
        compared_family(table, plan, of_plan, claims[place])
        for place, (plan, of_plan) in enumerate(zip(plans, results[:-1], strict=True))
    ]
    return families, finals, _against_finalists(table, results[-1], claims[-1])


def _against_finalists(
    table: ScoreTable, results: Mapping[Pair, CorrectedT], claims: Mapping[Pair, Claim]
) -> list[ComparisonRow]:
    """Write down the recommended candidate against every finalist; no p-value, the data chose it.

    Nor is anything clear with one split, where a p-value must say so too.
    """
    plan = FamilyPlan(3, RECOMMENDED, ())
    is_one_split = table.context.split_counts is not None
    if is_one_split:
        claims = {pair: replace(claim, is_clear=False) for pair, claim in claims.items()}
    return [comparison_row(table, plan, pair, one, claims[pair]) for pair, one in results.items()]


def _n_allowed_for(comparisons: Sequence[ComparisonRow], context: Context) -> int:
    """Return for how many comparisons it is allowed: those of the largest table, or of all."""
    if context.strict:
        return len({(row.first, row.second) for row in comparisons})
    sizes = Counter((row.stage, row.family) for row in comparisons if row.stage in TESTED_STAGES)
    return max(sizes.values(), default=0)


def _behind(
    table: ScoreTable, candidates: Sequence[int], families: Sequence[Family], finals: Family
) -> set[int]:
    """Return the candidates that are shown to be behind the best.

    A comparison of a family says so: the winner of its family, or of a winner the best, is clearly
    or significantly better. If the winner of a family is behind, so is each other member than which
    the best is clearly better by itself. So is whoever the best is clearly better than among
    all pairs of candidates: all pairs, because the data chose the best.
    """
    context = table.context
    if not context.tests_are_judged:
        return set()
    best = finals.winner
    behind: set[int] = set()
    for family in (finals, *families):
        behind |= family.clearly_behind
        behind |= {i for i, p in family.p_against_winner.items() if p < context.alpha}
    if context.split_counts is not None:
        return behind  # Only what a test says, see `claims.clearly_better`.
    beaten = {i for family in families if family.winner in behind for i in family.members}
    n_pairs = len(candidates) * (len(candidates) - 1) // 2
    rivals = [index for index in candidates if index != best]
    doubted = doubts([table.compare(best, rival) for rival in rivals], context)
    for rival, doubt in zip(rivals, doubted, strict=True):
        n_tries = 1 if rival in beaten and not context.strict else n_pairs
        if n_tries * doubt <= 1.0 - context.gamma + ROUNDING:
            behind.add(rival)
    return behind
