"""The rows of the ranking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.metrics.base import Metric
from bioselect.metrics.intervals import widened_if_perfect
from bioselect.selection.families import Family, ScoreTable
from bioselect.selection.outcome import Entrant, OutOfFold, RankingRow
from bioselect.selection.significance import posterior


@dataclass(frozen=True)
class Placing:
    """Who came where: `candidates` from best to worst, families, and who is shown behind."""

    candidates: Sequence[int]
    families: tuple[Family, ...]
    finals: Family
    recommended: int
    behind: frozenset[int]

    @property
    def best(self) -> int:
        """The winner of the winners."""
        return self.finals.winner

    def role(self, index: int) -> str:
        """Return the role of a candidate."""
        if index == self.best:
            return "best"
        if index == self.recommended:
            return "recommended"
        return "behind" if index in self.behind else "tied"


#: Role of what has not every fold because there was no time.
DROPPED = "dropped (budget)"

_Interval = tuple[float, float] | tuple[None, None]


def ranking_rows(
    table: ScoreTable, placing: Placing, metric: Metric, out_of_fold: OutOfFold
) -> tuple[RankingRow, ...]:
    """Return a row for every entrant: candidates in order, baselines, dropped and failed ones.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    placing : Placing
        The result of both stages.
    metric : Metric
        Intervals end at its bounds.
    out_of_fold : OutOfFold
        Holds the classes and units, which say how wide the interval of a perfect score is.
    """

    def interval(index: int) -> _Interval:
        low, high = table.interval(index)
        low, high = max(low, metric.bounds[0]), min(high, metric.bounds[1])
        low, high = widened_if_perfect(
            low, high, metric, out_of_fold.class_indices, out_of_fold.units
        )
        # Folds that happen to agree to the last digit do not make a score certain.
        return (low, high) if low < high else (None, None)

    stage_1 = {i: p for family in placing.families for i, p in family.p_against_winner.items()}
    rows = []
    for rank, index in enumerate(placing.candidates, start=1):
        p_values = (stage_1.get(index), placing.finals.p_against_winner.get(index))
        role = placing.role(index)
        rows.append(_row(table, index, placing.best, rank, role, p_values, interval(index)))
    entrants = table.entrants
    others = sorted(
        (i for i in range(len(entrants)) if i not in placing.candidates),
        key=lambda i: (*_place_below(entrants[i]), entrants[i].extractor, entrants[i].estimator, i),
    )
    for index in others:
        if entrants[index].error or entrants[index].dropped:
            rows.append(_row_without_scores(table, index))
        else:
            no_tests = (None, None)
            ends = interval(index)
            rows.append(_row(table, index, placing.best, None, "baseline", no_tests, ends))
    return tuple(rows)


def _row(
    table: ScoreTable,
    index: int,
    best: int,
    rank: int | None,
    role: str,
    p_values: tuple[float | None, float | None],
    interval: _Interval,
) -> RankingRow:
    entrant = table.entrants[index]
    chances = None
    if index != best and table.context.tests_are_judged:
        chances = posterior(table.compare(index, best), table.context.rope)
    stage_1, stage_2 = p_values if table.context.tests_are_judged else (None, None)
    return RankingRow(
        rank=rank,
        extractor=entrant.extractor,
        estimator=entrant.estimator,
        mean=table.mean(index),
        ci_low=interval[0],
        ci_high=interval[1],
        stage1_p_adjusted=stage_1,
        stage2_p_adjusted=stage_2,
        p_better=chances.p_better if chances else None,
        p_practically_equal=chances.p_practically_equal if chances else None,
        p_worse=chances.p_worse if chances else None,
        cost=_finite(entrant.cost),
        role=role,
        n_folds=entrant.n_folds,
    )


def _place_below(entrant: Entrant) -> tuple[int, int]:
    """Order those without a rank: baselines, dropped ones (most folds first), failed ones."""
    if entrant.error:
        return 2, 0
    return (1, -(entrant.n_folds or 0)) if entrant.dropped else (0, 0)


def _row_without_scores(table: ScoreTable, index: int) -> RankingRow:
    """Return the row of an entrant that failed or was dropped: its scores compare with none."""
    entrant = table.entrants[index]
    nothing = (None,) * 8
    return RankingRow(
        None,
        entrant.extractor,
        entrant.estimator,
        *nothing,
        _finite(entrant.cost),
        "failed" if entrant.error else DROPPED,
        entrant.n_folds,
        entrant.error or entrant.dropped,
    )


def _finite(cost: float) -> float | None:
    return float(cost) if math.isfinite(cost) else None
