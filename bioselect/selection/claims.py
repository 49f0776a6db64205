"""Which differences may be claimed, when it is allowed for how many were looked at.

Holm's adjustment covers all pairs of a table, or (`strict`) the pairs of all tables together. What
is called clearly better is adjusted in the same way: of sixteen candidates that are exactly alike,
one is in most studies better than another by more than the ROPE with a probability of 95 %, if each
pair is looked at by itself (`benchmarks/README.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bioselect.selection.outcome import Context
from bioselect.selection.significance import CorrectedT, holm, posterior

#: A probability of exactly `gamma` is one of at least `gamma`, however it was rounded.
ROUNDING = 1e-12

#: Places of two candidates, the one with the better mean first.
Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Claim:
    """What may be claimed of one pair: its p-value after Holm; is the first clearly better."""

    p_adjusted: float
    is_clear: bool


def claims_of_tables(
    tables: Sequence[Mapping[Pair, CorrectedT]], context: Context
) -> list[dict[Pair, Claim]]:
    """Adjust the comparisons of each table among themselves; in a strict study among all tables.

    A pair that stands in several tables is one comparison.

    Examples
    --------
    >>> from bioselect.selection.significance import student_t
    >>> tables = [{(0, 1): student_t(0.05, 0.02, df=49)}, {(2, 3): student_t(0.01, 0.02, df=49)}]
    >>> context = Context((("a", 50), ("b", 50)), 5, 10, seed=0)
    >>> round(claims_of_tables(tables, context)[0][0, 1].p_adjusted, 3)
    0.016
    >>> from dataclasses import replace
    >>> round(claims_of_tables(tables, replace(context, strict=True))[0][0, 1].p_adjusted, 3)
    0.032
    """
    if not context.strict:
        return [_claims(table, context) for table in tables]
    together = {pair: result for table in tables for pair, result in table.items()}
    claims = _claims(together, context)
    return [{pair: claims[pair] for pair in table} for table in tables]


def _claims(results: Mapping[Pair, CorrectedT], context: Context) -> dict[Pair, Claim]:
    adjusted = [float(p) for p in holm([result.p for result in results.values()])]
    clear = clearly_better(list(results.values()), context, adjusted)
    claims = zip(adjusted, clear, strict=True)
    return {pair: Claim(*claim) for pair, claim in zip(results, claims, strict=True)}


def clearly_better(
    results: Sequence[CorrectedT], context: Context, adjusted: Sequence[float] = ()
) -> list[bool]:
    """Tell of each comparison whether the first candidate is clearly better.

    Clearly: it is better by more than the ROPE with probability `gamma`, also when it is allowed
    for how many comparisons were looked at, each either way round: the data chose who is first.
    What is left to certainty is doubled and adjusted by Holm's procedure, so that of m comparisons
    the clearest needs a probability of ``1 - (1 - gamma) / (2 m)``. With the usual `alpha` what is
    clearly better is then significantly better too.

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
