"""The candidates of one family, compared in pairs.

A family is what one table shows together: the estimators of one extractor (stage 1), or the
winners of all extractors (stage 2). Holm's adjustment covers all pairs of a family, not only
those with the winner: the data chose the winner, and a test against a control that the data chose
calls too much significant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

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
)

OMNIBUS_NAME = "corrected repeated-measures F (Greenhouse-Geisser)"
RANK_OMNIBUS_NAME = "corrected Iman-Davenport F on ranks (robustness)"
PAIRWISE_NAME = "corrected resampled t"
NOT_JUDGED = "not judged"


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The scores of all entrants over the same test rounds.

    `scores` is (n_entrants, n_rounds); rows of entrants that failed are never looked at.
    """

    entrants: tuple[Entrant, ...]
    scores: np.ndarray
    lower_is_better: bool
    context: Context

    @property
    def n_eff(self) -> float:
        """How many independent rounds the rounds are worth."""
        context = self.context
        return effective_folds(context.n_folds, context.n_repeats, context.test_to_train)

    @property
    def pairwise_name(self) -> str:
        """What the comparison of a pair is called."""
        return PAIRWISE_NAME

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
        return corrected_t(-difference if self.lower_is_better else difference, self.n_eff)

    def interval(self, index: int) -> tuple[float, float]:
        """Return the 95 % interval of the mean score of an entrant, not cut at any bound."""
        spread = corrected_t(self.scores[index], self.n_eff)
        return spread.ci_low, spread.ci_high


@dataclass(frozen=True)
class Family:
    """One family after its comparisons.

    `p_against_winner` holds, for every member but the winner, the adjusted p-value of its
    comparison with the winner, whether or not it may be printed.
    """

    members: tuple[int, ...]
    p_against_winner: dict[int, float]
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
    rows, tests = [], _omnibus_rows(table, stage, name, members)
    p_against_winner = {}
    for pair, result, p_adjusted in zip(pairs, results, adjusted, strict=True):
        row = comparison_row(table, stage, name, pair, result, p_adjusted)
        rows.append(row)
        if pair[0] == members[0]:
            p_against_winner[pair[1]] = p_adjusted
            tests.append(_pair_test(table, row))
    return Family(tuple(members), p_against_winner, tuple(rows), tuple(tests))


def comparison_row(
    table: ScoreTable,
    stage: int,
    family: str,
    pair: tuple[int, int],
    result: CorrectedT,
    p_adjusted: float | None,
) -> ComparisonRow:
    """Write down one comparison; what may not be printed in this study is None."""
    context = table.context
    judged = context.tests_are_judged and p_adjusted is not None
    chances = None if context.exploratory else posterior(result, context.rope)
    sign = -1.0 if table.lower_is_better else 1.0
    low, high = sorted((sign * result.ci_low, sign * result.ci_high))
    return ComparisonRow(
        stage=stage,
        family=family,
        first=table.entrants[pair[0]].label,
        second=table.entrants[pair[1]].label,
        difference=sign * result.mean + 0.0,
        ci_low=low + 0.0,
        ci_high=high + 0.0,
        t=sign * result.t + 0.0 if math.isfinite(result.t) else None,
        p=result.p if judged else None,
        p_adjusted=p_adjusted if judged else None,
        p_first_better=chances.p_better if chances else None,
        p_practically_equal=chances.p_practically_equal if chances else None,
        p_second_better=chances.p_worse if chances else None,
        words=pair_words(
            context,
            _worth_saying(context, chances, p_adjusted),
            p_adjusted if judged else None,
            result.identical,
        ),
    )


def _worth_saying(
    context: Context, chances: Posterior | None, p_adjusted: float | None
) -> Posterior | None:
    """Return the chances that words may rest on.

    With one split the spread is that of the images alone, and the data chose who is compared: of
    five equal candidates on 80 images one was "clearly better" than another in 36 of 100 studies.
    So it is only said where Holm's test says it too.
    """
    is_seen = p_adjusted is not None and p_adjusted < context.alpha
    if chances is None or context.split_counts is None or is_seen:
        return chances
    return replace(chances, p_better=0.0)


def pair_words(
    context: Context, chances: Posterior | None, p_adjusted: float | None, identical: bool
) -> str:
    """Say what a comparison means for the first candidate, which has the better mean.

    Examples
    --------
    >>> context = Context((("a", 50), ("b", 50)), 5, 10, seed=0)
    >>> pair_words(context, Posterior(0.97, 0.02, 0.01), 0.02, False)
    'clearly better, significantly better'
    >>> pair_words(context, Posterior(0.48, 0.41, 0.11), 0.6, False)
    'undecided'
    """
    if chances is None:
        return f"{NOT_JUDGED} (too few images)"
    words = []
    if chances.p_better >= context.gamma:
        words.append("clearly better")
    if chances.p_practically_equal >= context.gamma:
        words.append("practically the same")
    if p_adjusted is not None and p_adjusted < context.alpha:
        words.append("significantly better")
    text = ", ".join(words) or "undecided"
    notes = ["approximate"] if context.n_groups is not None else []
    if identical:
        notes.append("same difference in every fold")
    return f"{text} ({', '.join(notes)})" if notes else text


def _omnibus_rows(
    table: ScoreTable, stage: int, name: str, members: Sequence[int]
) -> list[TestRow]:
    if len(members) < 2 or table.scores.shape[1] < 2:
        return []
    scores = table.scores[list(members)].T
    tests = {
        OMNIBUS_NAME: corrected_omnibus(scores, table.n_eff),
        RANK_OMNIBUS_NAME: rank_omnibus(scores, table.n_eff),
    }
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
    context = table.context
    name = f"{table.pairwise_name}: {row.first} against {row.second}"
    seen, unseen = "significantly better", "no difference was seen"
    decision = _decision(context, row.p_adjusted, seen, unseen)
    return TestRow(row.stage, row.family, name, row.t, row.p, row.p_adjusted, decision)


def _decision(context: Context, p: float | None, seen: str, unseen: str) -> str:
    if context.exploratory:
        return f"{NOT_JUDGED} (too few images)"
    if p is None:
        return f"{NOT_JUDGED} (the test is not calibrated for grouped images)"
    return seen if p < context.alpha else unseen
