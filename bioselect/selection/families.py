"""The candidates of one family, compared in pairs.

A family is what one table shows together: the estimators of one extractor (stage 1), or the
winners of all extractors (stage 2). Holm's adjustment covers all pairs of a family, not only
those with the winner: the data chose the winner, and a test against a control that the data chose
calls too much significant. What is called clearly better is adjusted in the same way: of sixteen
candidates that are exactly alike, one is in most studies better than another by more than the ROPE
with a probability of 95 %, if each pair is looked at by itself (`benchmarks/README.md`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bioselect.selection.grouped import GroupedErrors, grouped_omnibus
from bioselect.selection.outcome import ComparisonRow, Context, Entrant, TestRow
from bioselect.selection.significance import (
    DECIMALS,
    CorrectedT,
    Omnibus,
    Posterior,
    corrected_omnibus,
    corrected_t,
    effective_folds,
    holm,
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

#: A probability of exactly `gamma` is one of at least `gamma`, however it was rounded.
ROUNDING = 1e-12


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


def compare_family(table: ScoreTable, stage: int, name: str, indices: Sequence[int]) -> Family:
    """Compare every pair of a family.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    stage : int
        1 inside an extractor, 2 among the winners.
    name : str
        Name of the family, for the tables.
    indices : sequence of int
        Its members, at least one; with one there is nothing to compare.
    """
    members = table.in_order(indices)
    pairs = list(combinations(members, 2))
    results = [table.compare(first, second) for first, second in pairs]
    adjusted = [float(p) for p in holm([result.p for result in results])]
    clear = clearly_better(results, table.context, adjusted)
    rows, tests = [], _omnibus_rows(table, stage, name, members)
    p_against_winner = {}
    for pair, result, p_adjusted, is_clear in zip(pairs, results, adjusted, clear, strict=True):
        row = comparison_row(table, stage, name, pair, result, p_adjusted, is_clear)
        rows.append(row)
        if pair[0] == members[0]:
            p_against_winner[pair[1]] = p_adjusted
            tests.append(_pair_test(table, row))
    behind = {
        pair[1]
        for pair, is_clear in zip(pairs, clear, strict=True)
        if is_clear and pair[0] == members[0]
    }
    return Family(tuple(members), p_against_winner, frozenset(behind), tuple(rows), tuple(tests))


def clearly_better(
    results: Sequence[CorrectedT], context: Context, adjusted: Sequence[float] = ()
) -> list[bool]:
    """Tell of each comparison whether the first candidate is clearly better.

    Clearly: it is better by more than the ROPE with probability `gamma`, also when it is allowed
    for how many comparisons were looked at, each either way round: the data chose who is first.
    What is left to certainty is doubled and adjusted by Holm's procedure, so that of m comparisons
    the clearest needs a probability of ``1 - (1 - gamma) / (2 m)``. What is clearly better is then
    significantly better too.

    With one split the spread is that of the images alone: of five equal candidates on 80 images one
    was "clearly better" than another in 36 of 100 studies. So there the test must say it too, whose
    p-values are `adjusted`; without them nothing is clear.

    Examples
    --------
    >>> from bioselect.selection.significance import student_t
    >>> results = [student_t(0.053, 0.02, df=49), student_t(0.04, 0.02, df=49)]
    >>> [round(posterior(result, rope=0.01).p_better, 3) for result in results]
    [0.982, 0.93]
    >>> context = Context((("a", 50), ("b", 50)), 5, 10, seed=0)
    >>> clearly_better(results[:1], context), clearly_better(results, context)
    ([True], [False, False])
    """
    nothing = [False] * len(results)
    if not context.tests_are_judged:
        return nothing
    seen = [True] * len(results)
    if context.split_counts is not None:
        seen = [p < context.alpha for p in adjusted] or nothing
    return [
        bool(is_seen and doubt <= 1.0 - context.gamma + ROUNDING)
        for is_seen, doubt in zip(seen, holm(doubts(results, context)), strict=True)
    ]


def doubts(results: Sequence[CorrectedT], context: Context) -> list[float]:
    """Return twice the probability, for each comparison, that the first is not clearly better."""
    return [min(1.0, 2.0 - 2.0 * posterior(one, context.rope).p_better) for one in results]


def comparison_row(
    table: ScoreTable,
    stage: int,
    family: str,
    pair: tuple[int, int],
    result: CorrectedT,
    p_adjusted: float | None,
    is_clear: bool,
) -> ComparisonRow:
    """Write down one comparison; what may not be printed in this study is None.

    `is_clear` is what :func:`clearly_better` says of it among those it is shown with.
    """
    context = table.context
    judged = context.tests_are_judged and p_adjusted is not None
    chances = posterior(result, context.rope) if context.tests_are_judged else None
    sign = -1.0 if table.lower_is_better else 1.0
    low, high = sorted((sign * result.ci_low, sign * result.ci_high))
    return ComparisonRow(
        stage=stage,
        family=family,
        first=table.entrants[pair[0]].label,
        second=table.entrants[pair[1]].label,
        difference=sign * result.mean + 0.0,
        ci_low=None if context.is_one_split_of_groups else low + 0.0,
        ci_high=None if context.is_one_split_of_groups else high + 0.0,
        t=sign * result.t + 0.0 if math.isfinite(result.t) else None,
        p=result.p if judged else None,
        p_adjusted=p_adjusted if judged else None,
        p_first_better=chances.p_better if chances else None,
        p_practically_equal=chances.p_practically_equal if chances else None,
        p_second_better=chances.p_worse if chances else None,
        words=pair_words(
            context, chances, p_adjusted if judged else None, is_clear, result.identical
        ),
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
