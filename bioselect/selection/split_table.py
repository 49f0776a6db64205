"""Candidates compared on the images of one validation part: a paired bootstrap over units.

With one split there is one score a candidate, and no spread over folds to test against. Units of
the validation part are drawn with replacement instead; both candidates of a pair see the same draws
(Efron and Tibshirani 1993, chapter 16). What is seen is the spread over images; that another
training part gives other models is not, and the words say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.selection.bootstrap import drawn_scores
from bioselect.selection.families import ScoreTable
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.result_rows import TestRow
from bioselect.selection.significance import DECIMALS, CorrectedT

BOOTSTRAP_NAME = "paired bootstrap over units"
MCNEMAR_NAME = "exact McNemar"


@dataclass(frozen=True, eq=False, kw_only=True)
class SplitTable(ScoreTable):
    """The scores of all entrants on the validation part.

    `drawn` is (n_draws, n_entrants), NaN for those that failed; `n_units` are the independent
    units of the part.
    """

    drawn: np.ndarray
    n_units: int

    @property
    def pairwise_name(self) -> str:
        """What the comparison of a pair is called."""
        return BOOTSTRAP_NAME

    def compare(self, first: int, second: int) -> CorrectedT:
        """Compare two entrants; positive where the first is better."""
        sign = -1.0 if self.lower_is_better else 1.0
        mean = sign * (self.mean(first) - self.mean(second)) + 0.0
        spread = self._finite(sign * (self.drawn[:, first] - self.drawn[:, second]))
        error = float(spread.std(ddof=1)) if len(spread) > 1 else 0.0
        df = max(1, self.n_units - 1)
        if error == 0:
            t = 0.0 if mean == 0 else math.copysign(math.inf, mean)
            p = 1.0 if mean == 0 else 0.0
            return CorrectedT(mean, 0.0, t, df, p, mean, mean, identical=True)
        fewer = min(int(np.sum(spread <= 0)), int(np.sum(spread >= 0)))
        p = min(1.0, 2.0 * (1 + fewer) / (1 + len(spread)))
        low, high = (float(end) for end in np.quantile(spread, [0.025, 0.975]))
        return CorrectedT(mean, error, mean / error, df, p, low, high, identical=False)

    def interval(self, index: int) -> tuple[float, float]:
        """Return the 95 % percentile interval of the score of an entrant; of groups, no width."""
        drawn = self._finite(self.drawn[:, index])
        if not len(drawn) or self.context.is_one_split_of_groups:
            return self.mean(index), self.mean(index)
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    def _finite(self, values: np.ndarray) -> np.ndarray:
        rounded: np.ndarray = np.round(values[np.isfinite(values)], DECIMALS)
        return rounded


def split_table(
    entrants: tuple[Entrant, ...],
    scores: np.ndarray,
    lower_is_better: bool,
    context: Context,
    out_of_fold: OutOfFold,
    metric: Metric,
) -> SplitTable:
    """Draw the units of the validation part and score everybody in every draw."""
    tried = [index for index, one in enumerate(entrants) if not one.error and not one.dropped]
    drawn, n_units = np.full((0, len(entrants)), np.nan), 0
    if tried:
        validation = out_of_fold.of(tried).of_tested_images()
        of_tried = drawn_scores(validation, metric, context.seed)
        drawn = np.full((len(of_tried), len(entrants)), np.nan)
        drawn[:, tried] = of_tried
        n_units = len(np.unique(validation.units))
    return SplitTable(entrants, scores, lower_is_better, context, drawn=drawn, n_units=n_units)


def mcnemar_p(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p of McNemar's test.

    Parameters
    ----------
    first_only, second_only : int
        Images that only the first, and only the second, classified rightly.

    Examples
    --------
    >>> mcnemar_p(0, 0), mcnemar_p(1, 9)  # 2 * (1 + 10) / 2**10
    (1.0, 0.021484375)
    """
    n = first_only + second_only
    below = sum(math.comb(n, k) for k in range(min(first_only, second_only) + 1))
    return min(1.0, 2.0 * below / 2.0**n)


def mcnemar_rows(
    table: ScoreTable, best: int, rivals: Sequence[int], out_of_fold: OutOfFold
) -> list[TestRow]:
    """Return a second line beside the bootstrap, for accuracy: the best against each rival.

    It is not adjusted and decides nothing. Where images share units it is not judged.
    """
    independent = len(np.unique(out_of_fold.units)) == len(out_of_fold.units)
    rows = []
    for rival in rivals:
        right = [_is_right(out_of_fold, index) for index in (best, rival)]
        first_only = int(np.sum(right[0] & ~right[1]))
        second_only = int(np.sum(~right[0] & right[1]))
        judged = independent and table.context.tests_are_judged
        p = mcnemar_p(first_only, second_only) if judged else None
        decision = "second line, not adjusted; decides nothing"
        if p is None:
            decision = "not judged (images are not independent, or too few)"
        rows.append(
            TestRow(
                2,
                "best against all",
                f"{MCNEMAR_NAME}: {table.entrants[best].label} against "
                f"{table.entrants[rival].label}",
                float(min(first_only, second_only)),
                p,
                None,
                decision,
            )
        )
    return rows


def _is_right(out_of_fold: OutOfFold, index: int) -> np.ndarray:
    probabilities = out_of_fold.probabilities[index]
    if probabilities is None:
        raise ValueError("candidates without predictions must be left out first.")
    right: np.ndarray = probabilities[0].argmax(axis=1) == out_of_fold.class_indices
    return right
