"""The combinations that are tied with the best, averaged: one more candidate.

Its members were chosen by the data, so its honest score repeats that choice too: in every draw of
units the tied ones are found anew, averaged, and the mean competes with the best of them; what wins
is scored on the units left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from bioselect.metrics.base import Metric
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.families import ScoreTable
from bioselect.selection.honest import ordered_scores, where_chosen
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.phrases import NAMES_LISTED, names_words, wrapped
from bioselect.selection.resampled_scores import ResampledScorer, choose_scorer

MEAN = ComponentSpec("mean probability")


@dataclass(frozen=True)
class Ensemble:
    """The members, from the best on; `candidate` stands for all of them in the tables."""

    members: tuple[Candidate, ...]

    @property
    def candidate(self) -> Candidate:
        """How the tables call it."""
        return Candidate(ComponentSpec(f"ensemble of {len(self.members)} tied"), MEAN)

    def in_words(self) -> str:
        """Say what it is made of."""
        names = [member.label for member in self.members]
        listed = names_words(names, "study.json")
        if len(names) <= NAMES_LISTED:
            listed = " and ".join([", ".join(names[:-1]), names[-1]])
        return wrapped(
            f"The ensemble is the mean of the probabilities of the {len(names)} combinations that "
            f"could not be told from the best: {listed}. The expected score counts that they were "
            "chosen by these images too."
        )


def averaged_folds(ensemble: Ensemble, results: Sequence[Sequence[FoldResult]]) -> list[FoldResult]:
    """Return the folds of the ensemble from those of its members, in their order."""
    from bioselect.estimators.averaging import mean_of_tables

    averaged = []
    for folds in zip(*results, strict=True):
        tables = [fold.probabilities for fold in folds if fold.probabilities is not None]
        if len(tables) < len(folds):
            raise ValueError("a member without predictions must be left out first.")
        averaged.append(
            FoldResult(
                ensemble.candidate,
                folds[0].repeat,
                folds[0].fold,
                mean_of_tables(tables),
                fit_seconds=sum(fold.fit_seconds for fold in folds),
                predict_seconds=sum(fold.predict_seconds for fold in folds),
            )
        )
    return averaged


def tie_limits(table: ScoreTable, candidates: Sequence[int]) -> np.ndarray:
    """Return the lead from which one candidate is called behind another, for every pair.

    It is called so when the other is significantly better, or clearly: by more than the ROPE with
    probability `gamma`. Either is adjusted for the pairs of the family in which the two meet: all
    of an extractor's, or those of the winners of all extractors, where any may be one in a draw
    (in a strict study, for those of all families). A study that claims nothing calls nothing
    behind: infinite.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    candidates : sequence of int
        In the order of rows and columns.

    Returns
    -------
    array of shape (n_candidates, n_candidates)
        Infinite on the diagonal.
    """
    from scipy.special import stdtrit

    context, n = table.context, len(candidates)
    limits = np.full((n, n), np.inf)
    if not context.tests_are_judged:
        return limits
    extractors = [table.entrants[index].extractor for index in candidates]
    sizes = Counter(extractors)
    n_together = math.comb(len(sizes), 2) + sum(math.comb(size, 2) for size in sizes.values())
    for first, second in combinations(range(n), 2):
        together = extractors[first] == extractors[second]
        n_pairs = math.comb(sizes[extractors[first]] if together else len(sizes), 2)
        n_pairs = n_together if context.strict else n_pairs
        compared = table.compare(candidates[first], candidates[second])
        levels = np.array([context.alpha, 1.0 - context.gamma]) / (2 * n_pairs)
        leads = stdtrit(compared.df, 1.0 - levels) * compared.standard_error
        limit = float(min(leads[0], context.rope + leads[1]))
        # A lead of exactly this is not above it.
        limits[first, second] = limits[second, first] = float(np.nextafter(limit, np.inf))
    return limits


@dataclass(frozen=True, eq=False)
class TiedChoice:
    """Chooses the best or the mean of the tied in every draw, and scores it on what is left out.

    `limits` are those of `tie_limits`, in the order of the candidates of `out_of_fold`.
    """

    out_of_fold: OutOfFold
    metric: Metric
    limits: np.ndarray

    def __call__(
        self, scorer: ResampledScorer, multiplicities: np.ndarray, lower_is_better: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the index of the chosen candidate, -1 for the ensemble, and its score."""
        inside = ordered_scores(scorer.score_all(multiplicities), lower_is_better)
        best = inside.argmax(axis=1)
        highest = inside[np.arange(len(best)), best]
        left_out = (multiplicities == 0).astype(np.float64)
        chosen = best.copy()
        scores = where_chosen(scorer.score_chosen(left_out, best), inside)
        with np.errstate(invalid="ignore"):
            tied = highest[:, None] - inside < self.limits[best]
        sets, of_draw = np.unique(tied, axis=0, return_inverse=True)
        for number, members in enumerate(sets):
            if members.sum() < 2:
                continue
            draws = np.flatnonzero(of_draw.ravel() == number)
            mean = self._scorer_of(np.flatnonzero(members), scorer)
            own = ordered_scores(mean.score_all(multiplicities[draws]), lower_is_better)[:, 0]
            ahead = draws[own > highest[draws]]
            if len(ahead):
                chosen[ahead] = -1
                first = np.zeros(len(ahead), dtype=np.int64)
                scores[ahead] = mean.score_chosen(left_out[ahead], first)
        return chosen, scores

    def _scorer_of(self, members: np.ndarray, like: ResampledScorer) -> ResampledScorer:
        """Return what scores the mean of some candidates, on as many repeats as `like` uses."""
        from bioselect.estimators.averaging import mean_of_tables

        tables = [self.out_of_fold.probabilities[int(index)] for index in members]
        mean = mean_of_tables([table for table in tables if table is not None])
        alone = replace(self.out_of_fold, probabilities=(mean,))
        scorer, _ = choose_scorer(alone, self.metric, 1)
        n_repeats = getattr(like, "n_repeats", None)
        if n_repeats is not None and getattr(scorer, "n_repeats", n_repeats) != n_repeats:
            scorer = replace(scorer, n_repeats=n_repeats)  # type: ignore[type-var]
        return scorer
