"""A study that has to be ready in time: what does not fit is dropped, with the reason.

1. A few images are timed with each extractor; those whose features fit are computed.
2. One fold of each classifier is timed. Combinations that cannot be tried at all are dropped.
3. Rung by rung (:mod:`bioselect.selection.halving`) the better combinations go on.

Each of these decisions goes through :class:`~bioselect.workflows.budget.Budget`; between them
nothing depends on the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bioselect.features.cache import FeatureCache
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.halving import fit_to_try, rungs, survivors
from bioselect.selection.journal import Journal
from bioselect.selection.standings import ranked
from bioselect.workflows.all_features import compute_all_features
from bioselect.workflows.budget import COMBINATIONS, EXTRACTORS, Budget, Decision
from bioselect.workflows.budget_words import decision_in_words, left_behind, not_tried
from bioselect.workflows.candidate_folds import CandidateFolds, is_baseline
from bioselect.workflows.extractor_study import ExtractorStudy, failed_folds, warnings_in_words
from bioselect.workflows.extractor_times import time_extractors
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.time_plan import (
    all_folds_seconds,
    choose_extractors,
    learners,
    time_in_words,
)
from bioselect.workflows.usable_extractors import UsableExtractor

#: Part of the time left that may be used to find out how long something takes.
TIMING_SHARE = 0.2


def study_within_budget(
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    journal: Journal,
    budget: Budget,
    reporter: Reporter,
) -> list[ExtractorStudy]:
    """Study as much as the budget allows; at least one combination gets all folds.

    Returns
    -------
    list of ExtractorStudy
        One for each extractor, in the order of the configuration. A candidate that is in `dropped`
        has the folds of some whole repeats, or none; the others have all, unless they failed.
    """
    work = CandidateFolds(inputs, problem, cache, journal, reporter)
    return _Stages(work, budget).run()


class _Stages:
    """The decisions in their order, and the work between them."""

    def __init__(self, work: CandidateFolds, budget: Budget) -> None:
        self.work, self.budget = work, budget
        self.n_repeats = work.problem.plan.n_repeats
        self.reasons: dict[Candidate, str] = {}

    def run(self) -> list[ExtractorStudy]:
        dropped = self._compute_features()
        # Baselines cost nothing, unless their extractor has to learn in every fold.
        quick = [label for label, rows in self.work.rows.items() if not rows.learns]
        baselines = [one for one in self.work.of_extractors(quick) if is_baseline(one)]
        self.work.test(baselines, self.n_repeats)
        alive = self._begin()
        for n_done in rungs(self.n_repeats):
            # The last one needs no rungs.
            alive = self.work.test(alive, n_done if len(alive) > 1 else self.n_repeats)
            if len(alive) > 1 and n_done < self.n_repeats:
                alive = self._going_on(alive, n_done)
        # Somebody's own may fail late, and nobody else may be left by then.
        for candidate in [] if alive else self._next_best():
            self.reasons.pop(candidate)
            if self.work.test([candidate], self.n_repeats):
                break
        return [self._study_of(usable, dropped) for usable in self.work.inputs.extractors]

    def _compute_features(self) -> dict[str, str]:
        """Compute what fits; return why each of the other extractors is dropped."""
        decision = self._decided(EXTRACTORS, self._choose_extractors)
        dropped = dict(decision.dropped)
        compute_all_features(self.work.inputs, self.work.cache, self.work.reporter, decision.kept)
        for label in decision.kept:
            self.work.add_extractor(label)
        for label in decision.dropped:
            if self.work.rows:
                break
            # None of those that fit can be computed at all.
            del dropped[label]
            self.work.add_extractor(label)
        return dropped

    def _choose_extractors(self) -> Decision:
        inputs, clock = self.work.inputs, self.budget.clock
        patience = TIMING_SHARE * self.budget.seconds_left()
        times = time_extractors(inputs, self.work.cache, clock, patience)
        testing = all_folds_seconds(inputs, times)
        for line in time_in_words(times, testing, learners(inputs)):
            self.work.reporter.say(line)
        return choose_extractors(times, testing, self.budget.seconds_left())

    def _begin(self) -> list[Candidate]:
        """Decide which combinations are tried."""
        everybody = self.work.of_extractors(list(self.work.rows))
        candidates = [one for one in everybody if not is_baseline(one)]
        times = self.work.times

        def decide() -> Decision:
            self.work.time_classifiers(TIMING_SHARE * self.budget.seconds_left())
            order = times.quickest_first(candidates, self.n_repeats)
            n = fit_to_try(order, self.n_repeats, times.seconds_of, self.budget.seconds_left())
            reasons = {
                one.label: not_tried(n, len(order), times.fold_seconds(one)) for one in order[n:]
            }
            return Decision(COMBINATIONS, tuple(one.label for one in order[:n]), reasons)

        return self._kept(candidates, self._decided(COMBINATIONS, decide)) if candidates else []

    def _going_on(self, alive: list[Candidate], n_done: int) -> list[Candidate]:
        """Decide which combinations go on after a rung."""
        stage = f"after {n_done} of {self.n_repeats} repeats"
        metric, seconds_of = self.work.metric, self.work.times.seconds_of

        def decide() -> Decision:
            scores = self.work.scores(alive)
            order = ranked(scores, metric)
            left = self.budget.seconds_left()
            kept = survivors(order, n_done, self.n_repeats, seconds_of, left)
            reasons = {
                one.label: left_behind(place, len(order), scores[one], metric, n_done, len(kept))
                for place, one in enumerate(order, start=1)
                if one not in kept
            }
            return Decision(stage, tuple(one.label for one in kept), reasons)

        return self._kept(alive, self._decided(stage, decide))

    def _decided(self, stage: str, decide: Callable[[], Decision]) -> Decision:
        is_new = len(self.budget.decisions) >= self.budget.n_recorded
        decision = self.budget.decided(stage, decide)
        for line in decision_in_words(decision, self.budget.seconds_left(), is_new):
            self.work.reporter.say(line)
        return decision

    def _kept(self, candidates: Sequence[Candidate], decision: Decision) -> list[Candidate]:
        """Note why some do not go on, in the order of the decision; return the others."""
        by_label = {one.label: one for one in candidates}
        for label, reason in decision.dropped.items():
            if label in by_label:
                self.reasons[by_label.pop(label)] = reason
        kept = [by_label.pop(label) for label in decision.kept if label in by_label]
        self.reasons |= dict.fromkeys(by_label.values(), "it had failed when this was decided")
        return kept

    def _next_best(self) -> list[Candidate]:
        """Return those that were dropped: the furthest and best first, then the quickest."""
        order = ranked(self.work.scores(list(self.reasons)), self.work.metric)
        order += [one for one in self.reasons if one not in order]
        return sorted(order, key=lambda one: -self.work.n_repeats_of(one))

    def _study_of(self, usable: UsableExtractor, dropped: dict[str, str]) -> ExtractorStudy:
        work, label = self.work, usable.spec.label
        candidates = work.of_extractors([label])
        if label in work.broken:
            folds = failed_folds(candidates, work.problem, work.broken[label])
            return ExtractorStudy(usable, 0, tuple(folds))
        if label in dropped:
            return ExtractorStudy(usable, 0, (), dict.fromkeys(candidates, dropped[label]))
        results = [result for one in candidates for result in work.results.get(one, [])]
        for line in warnings_in_words(results):
            work.reporter.warn(line)
        reasons = {one: self.reasons[one] for one in candidates if one in self.reasons}
        for one in candidates:
            if is_baseline(one) and work.n_repeats_of(one) < self.n_repeats:
                reasons[one] = "no combination of its extractor got all folds"
        width = max((result.n_features for result in results), default=0)
        return ExtractorStudy(usable, width or work.rows[label].n_features, tuple(results), reasons)
