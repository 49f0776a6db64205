"""The candidates of one family, compared in pairs.

A family is what one table shows together: the estimators of one extractor (stage 1), or the
winners of all extractors (stage 2). Holm's adjustment covers all pairs of a family, not only
those with the winner: the data chose the winner, and a test against a control that the data chose
calls too much significant. See :mod:`bioselect.selection.claims`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bioselect.selection.claims import ROUNDING, Claim, Pair
from bioselect.selection.grouped import GroupedErrors, grouped_omnibus
from bioselect.selection.outcome import ComparisonRow, Context, Entrant
from bioselect.selection.result_rows import TestRow
from bioselect.selection.significance import (
    DECIMALS,
    CorrectedT,
    Omnibus,
    Posterior,
    corrected_omnibus,
    corrected_t,
    effective_folds,
    posterior,
    rank_omnibus,
    student_t,
)

OMNIBUS_NAME = "corrected repeated-measures F (Greenhouse-Geisser)"
RANK_OMNIBUS_NAME = "corrected Iman-Davenport F on ranks (robustness)"
PAIRWISE_NAME = "corrected resampled t"
GROUPED_OMNIBUS_NAME = "F over groups and folds (Greenhouse-Geisser)"
GROUPED_PAIRWISE_NAME = "t over groups and folds"
NOT_JUDGED = "not judged"
#: Inside an extractor, and among the winners.
TESTED_STAGES = (1, 2)


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The scores of all entrants over the same test rounds.

    `scores` is (n_entrants, n_rounds); rows of entrants that failed are never looked at. `groups`
    are the errors to compare by where images come in groups.
    """

    entrants: tuple[Entrant, ...]
    scores: np.ndarray
    lower_is_better: bool
    context: Context
    groups: GroupedErrors | None = None

    @property
    def n_eff(self) -> float:
        """How many independent rounds the rounds are worth."""
        context = self.context
        return effective_folds(context.n_folds, context.n_repeats, context.test_to_train)

    @property
    def pairwise_name(self) -> str:
        """What the comparison of a pair is called."""
        return PAIRWISE_NAME if self.groups is None else GROUPED_PAIRWISE_NAME

    def mean(self, index: int) -> float:
        """Return the mean score of an entrant, rounded so that ties are ties."""
        return round(float(self.scores[index].mean()), DECIMALS)

    def in_order(self, indices: Sequence[int]) -> list[int]:
        """Return entrants from best to worst; ties by label, then by position."""
        sign = 1 if self.lower_is_better else -1

        def key(index: int) -> tuple[float, str, str, int]:
            entrant = self.entrants[index]
            return sign * self.mean(index), entrant.extractor, entrant.estimator, index

        return sorted(indices, key=key)

    def compare(self, first: int, second: int) -> CorrectedT:
        """Compare two entrants; positive where the first is better."""
        difference = self.scores[first] - self.scores[second]
        difference = -difference if self.lower_is_better else difference
        if self.groups is None:
            return corrected_t(difference, self.n_eff)
        mean = float(np.round(difference, DECIMALS).mean())
        return student_t(mean, self.groups.of_difference(first, second), self.groups.df)

    def spread(self, index: int) -> CorrectedT:
        """Return the mean score of an entrant with its interval."""
        if self.groups is None:
            return corrected_t(self.scores[index], self.n_eff)
        return student_t(self.mean(index), self.groups.of(index), self.groups.df)

    def interval(self, index: int) -> tuple[float, float]:
        """Return the 95 % interval of the mean score of an entrant, not cut at any bound."""
        spread = self.spread(index)
        return spread.ci_low, spread.ci_high


@dataclass(frozen=True)
class Family:
    """One family after its comparisons.

    `p_against_winner` holds, for every member but the winner, the adjusted p-value of its
    comparison with the winner, whether or not it may be printed; `clearly_behind` those than which
    the winner is clearly better.
    """

    members: tuple[int, ...]
    p_against_winner: dict[int, float]
    clearly_behind: frozenset[int]
    comparisons: tuple[ComparisonRow, ...]
    tests: tuple[TestRow, ...]

    @property
    def winner(self) -> int:
        """The member with the best mean."""
        return self.members[0]


@dataclass(frozen=True)
class FamilyPlan:
    """What one table will show; `members` stand from best to worst, at least one."""

    stage: int
    name: str
    members: tuple[int, ...]

    def results(self, table: ScoreTable) -> dict[Pair, CorrectedT]:
        """Compare every pair."""
        return {pair: table.compare(*pair) for pair in combinations(self.members, 2)}


def compared_family(
    table: ScoreTable,
    plan: FamilyPlan,
    results: Mapping[Pair, CorrectedT],
    claims: Mapping[Pair, Claim],
) -> Family:
    """Write down what came of the comparisons of a family.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    plan : FamilyPlan
        Stage, name and members; with one member there is nothing to compare.
    results, claims : mapping
        Of every pair, in the same order.
    """
    winner = plan.members[0]
    rows, tests = [], _omnibus_rows(table, plan.stage, plan.name, plan.members)
    for pair, result in results.items():
        row = comparison_row(table, plan, pair, result, claims[pair])
        rows.append(row)
        if pair[0] == winner:
            tests.append(_pair_test(table, row))
    of_winner = {rival: claim for (first, rival), claim in claims.items() if first == winner}
    behind = frozenset(rival for rival, claim in of_winner.items() if claim.is_clear)
    p_against_winner = {rival: claim.p_adjusted for rival, claim in of_winner.items()}
    return Family(plan.members, p_against_winner, behind, tuple(rows), tuple(tests))


def comparison_row(
    table: ScoreTable, plan: FamilyPlan, pair: Pair, result: CorrectedT, claim: Claim
) -> ComparisonRow:
    """Write down one comparison; what may not be printed in this study is None.

    Nor is the p-value of a pair that the data chose (the recommended one and a finalist).
    """
    context = table.context
    judged = context.tests_are_judged and plan.stage in TESTED_STAGES
    p_adjusted = claim.p_adjusted if judged else None
    chances = posterior(result, context.rope) if context.tests_are_judged else None
    sign = -1.0 if table.lower_is_better else 1.0
    low, high = sorted((sign * result.ci_low, sign * result.ci_high))
    return ComparisonRow(
        stage=plan.stage,
        family=plan.name,
        first=table.entrants[pair[0]].label,
        second=table.entrants[pair[1]].label,
        difference=sign * result.mean + 0.0,
        ci_low=None if context.is_one_split_of_groups else low + 0.0,
        ci_high=None if context.is_one_split_of_groups else high + 0.0,
        t=sign * result.t + 0.0 if math.isfinite(result.t) else None,
        p=result.p if judged else None,
        p_adjusted=p_adjusted,
        p_first_better=chances.p_better if chances else None,
        p_practically_equal=chances.p_practically_equal if chances else None,
        p_second_better=chances.p_worse if chances else None,
        words=pair_words(context, chances, p_adjusted, claim.is_clear, result.identical),
    )


def pair_words(
    context: Context,
    chances: Posterior | None,
    p_adjusted: float | None,
    is_clear: bool,
    identical: bool,
) -> str:
    """Say what a comparison means for the first candidate, which has the better mean.

    Examples
    --------
    >>> context = Context((("a", 50), ("b", 50)), 5, 10, seed=0)
    >>> pair_words(context, Posterior(0.999, 0.001, 0.0), 0.02, True, False)
    'clearly better, significantly better'
    >>> pair_words(context, Posterior(0.48, 0.41, 0.11), 0.6, False, False)
    'undecided'
    >>> pair_words(context, Posterior(0.98, 0.02, 0.0), 0.09, False, False)
    'undecided (clear by itself, but not among so many comparisons)'
    """
    if chances is None:
        return f"{NOT_JUDGED} ({context.why_no_claims})"
    words = []
    if is_clear:
        words.append("clearly better")
    if chances.p_practically_equal >= context.gamma:
        words.append("practically the same")
    if p_adjusted is not None and p_adjusted < context.alpha:
        words.append("significantly better")
    text = ", ".join(words) or "undecided"
    notes = []
    if context.n_groups is not None:
        notes.append(f"approximate; tested over {context.tested_groups_words}")
    is_clear_by_itself = 2.0 - 2.0 * chances.p_better <= 1.0 - context.gamma + ROUNDING
    if is_clear_by_itself and not words:
        notes.append("clear by itself, but not among so many comparisons")
    if identical:
        notes.append("same difference in every fold")
    return f"{text} ({', '.join(notes)})" if notes else text


def _omnibus_rows(
    table: ScoreTable, stage: int, name: str, members: Sequence[int]
) -> list[TestRow]:
    if len(members) < 2 or table.scores.shape[1] < 2:
        return []
    scores = table.scores[list(members)].T
    if table.groups is None:
        tests = {
            OMNIBUS_NAME: corrected_omnibus(scores, table.n_eff),
            RANK_OMNIBUS_NAME: rank_omnibus(scores, table.n_eff),
        }
    else:
        means = np.round(scores.mean(axis=0), DECIMALS)
        tests = {GROUPED_OMNIBUS_NAME: grouped_omnibus(means, table.groups, members)}
    return [
        _omnibus_row(table.context, stage, name, test_name, test)
        for test_name, test in tests.items()
    ]


def _omnibus_row(context: Context, stage: int, family: str, name: str, test: Omnibus) -> TestRow:
    statistic = test.statistic if math.isfinite(test.statistic) else None
    p = test.p if context.tests_are_judged else None
    seen, unseen = "some candidates differ", "no difference was seen"
    decision = _decision(context, p, seen, unseen)
    return TestRow(stage, family, name, statistic, p, None, decision)


def _pair_test(table: ScoreTable, row: ComparisonRow) -> TestRow:
    name = f"{table.pairwise_name}: {row.first} against {row.second}"
    seen, unseen = "significantly better", "no difference was seen"
    decision = _decision(table.context, row.p_adjusted, seen, unseen)
    return TestRow(row.stage, row.family, name, row.t, row.p, row.p_adjusted, decision)


def _decision(context: Context, p: float | None, seen: str, unseen: str) -> str:
    if p is None:
        return f"{NOT_JUDGED} ({context.why_no_claims})"
    return seen if p < context.alpha else unseen
