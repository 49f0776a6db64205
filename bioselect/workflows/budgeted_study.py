"""A study that has to be ready in time: what does not fit is dropped, with the reason.

1. A few images are timed with each extractor; those whose features fit are computed.
2. One fold of each classifier is timed. Combinations that are quick get all folds at once.
3. Of the others, those that cannot be tried at all are dropped. Rung by rung
   (:mod:`bioselect.selection.halving`) the better ones go on.
4. In the time that is left at the end, the best of those that were dropped get all folds after all.

Each of these decisions goes through :class:`~bioselect.workflows.budget.Budget`; between them
nothing depends on the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bioselect.features.cache import FeatureCache
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.halving import fit_to_try, quick_ones, rungs, survivors, that_fit
from bioselect.selection.journal import Journal
from bioselect.selection.standings import ranked
from bioselect.workflows.all_features import compute_all_features
from bioselect.workflows.budget import (
    COMBINATIONS,
    EXTRACTORS,
    QUICK,
    TIME_LEFT,
    Budget,
    Decision,
)
from bioselect.workflows.budget_words import decision_in_words, left_behind, not_tried
from bioselect.workflows.candidate_folds import CandidateFolds, is_baseline
from bioselect.workflows.extractor_study import ExtractorStudy, failed_folds, warnings_in_words
from bioselect.workflows.extractor_times import time_extractors
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.time_plan import (
    all_folds_seconds,
    choose_extractors,
    learners,
    processes_start_seconds,
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
        self.passed_over: set[Candidate] = set()
        self.is_somebody_finished = False

    def run(self) -> list[ExtractorStudy]:
        dropped = self._compute_features()
        # Baselines cost nothing, unless their extractor has to learn in every fold.
        quick = [label for label, rows in self.work.rows.items() if not rows.learns]
        baselines = [one for one in self.work.of_extractors(quick) if is_baseline(one)]
        self.work.test(baselines, self.n_repeats)
        everybody = self.work.of_extractors(list(self.work.rows))
        candidates = [one for one in everybody if not is_baseline(one)]
        finished = self._finish_quick(candidates) if candidates else []
        self._test_rung_by_rung([one for one in candidates if one not in finished])
        self._use_time_left()
        # Somebody's own may fail late, and nobody else may be left by then.
        for candidate in [] if self.is_somebody_finished else self._next_best():
            if self._finish([candidate]):
                break
        return [self._study_of(usable, dropped) for usable in self.work.inputs.extractors]

    def _finish(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Give candidates all folds, whatever was said of them; return those that did not fail."""
        for one in candidates:
            self.reasons.pop(one, None)
            self.passed_over.discard(one)
        unfailed = self.work.test(candidates, self.n_repeats)
        self.is_somebody_finished |= bool(unfailed)
        return unfailed

    def _test_rung_by_rung(self, candidates: list[Candidate]) -> None:
        alive = self._begin(candidates)
        for n_done in rungs(self.n_repeats):
            if not alive:
                break
            # The last one needs no rungs, unless it may be given up.
            is_decided = len(alive) > 1 or self.is_somebody_finished
            if n_done == self.n_repeats or not is_decided:
                self._finish(alive)
                break
            alive = self.work.test(alive, n_done)
            if len(alive) > 1 or self.is_somebody_finished:
                alive = self._going_on(alive, n_done) if alive else []

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
        left, reporter = self.budget.seconds_left(), self.work.reporter
        times = time_extractors(
            inputs, self.work.cache, clock, TIMING_SHARE * left, affordable=left, reporter=reporter
        )
        testing = all_folds_seconds(inputs, times)
        for line in time_in_words(times, testing, learners(inputs)):
            reporter.say(line)
        left = self.budget.seconds_left() - processes_start_seconds(inputs, times)
        return choose_extractors(times, testing, left)

    def _finish_quick(self, candidates: list[Candidate]) -> list[Candidate]:
        """Give all folds to combinations that take little; return them, failed ones too."""
        times = self.work.times

        def decide() -> Decision:
            self.work.time_classifiers(TIMING_SHARE * self._seconds_to_try())
            order = times.quickest_first(candidates, self.n_repeats)
            left = self._seconds_to_try()
            quick = quick_ones(order, self.n_repeats, times.seconds_of, left)
            return Decision(QUICK, tuple(one.label for one in quick))

        kept = self._decided(QUICK, decide).kept
        quick = [one for one in candidates if one.label in kept]
        self._finish(quick)
        return quick

    def _seconds_to_try(self) -> float:
        """Return the time left, or a little where there is none and nobody was tried."""
        left = self.budget.seconds_left()
        return left if self.is_somebody_finished else max(left, self.budget.grace_seconds)

    def _begin(self, candidates: list[Candidate]) -> list[Candidate]:
        """Decide which of the other combinations are tried."""
        if not candidates:
            return []
        seconds_of = self.work.times.seconds_of

        def decide() -> Decision:
            order = self.work.times.quickest_first(candidates, self.n_repeats)
            left = self._seconds_to_try()
            seconds = {one: seconds_of([one], 0, self.n_repeats) for one in order}
            # Who cannot be finished, however good, need not be tried.
            possible = [one for one in order if seconds[one] <= max(0.0, left)]
            if possible or not self.is_somebody_finished:
                possible = possible or order[:1]
                possible = possible[: fit_to_try(possible, self.n_repeats, seconds_of, left)]
            reasons = {
                one.label: not_tried(len(possible), len(order), seconds[one], left)
                for one in order[len(possible) :]
            }
            return Decision(COMBINATIONS, tuple(one.label for one in possible), reasons)

        return self._kept(candidates, self._decided(COMBINATIONS, decide))

    def _going_on(self, alive: list[Candidate], n_done: int) -> list[Candidate]:
        """Decide which combinations go on after a rung."""
        stage = f"after {n_done} of {self.n_repeats} repeats"
        metric, seconds_of = self.work.metric, self.work.times.seconds_of

        def decide() -> Decision:
            scores = self.work.scores(alive)
            order = ranked(scores, metric)
            left = self.budget.seconds_left()
            somebody = not self.is_somebody_finished
            grace = self.budget.grace_seconds
            going = survivors(order, n_done, self.n_repeats, seconds_of, left, somebody, grace)
            reasons = {
                one.label: left_behind(
                    (place, len(order)),
                    (metric.in_words, scores[one]),
                    n_done,
                    (going.seconds[one], left),
                    sum(other in going.kept for other in order[: place - 1]),
                )
                for place, one in enumerate(order, start=1)
                if one not in going.kept
            }
            kept, too_slow = (
                tuple(one.label for one in some) for some in (going.kept, going.too_slow)
            )
            return Decision(stage, kept, reasons, too_slow)

        return self._kept(alive, self._decided(stage, decide))

    def _use_time_left(self) -> None:
        """Give all folds to the best of the dropped, as long as some can be finished."""
        times = self.work.times

        def decide() -> Decision:
            left = self.budget.seconds_left()
            scores = self.work.scores(list(self.reasons))
            order = [one for one in self._next_best() if not math.isnan(scores.get(one, 0.0))]
            chosen = that_fit(order, self.n_repeats, times.seconds_of, left)
            return Decision(TIME_LEFT, tuple(one.label for one in chosen))

        # Times were estimated, so that more of it may be left when these are finished.
        while self.reasons and self.is_somebody_finished:
            kept = self._decided(TIME_LEFT, decide).kept
            chosen = [one for one in self.reasons if one.label in kept]
            if not chosen:
                break
            self._finish(chosen)

    def _decided(self, stage: str, decide: Callable[[], Decision]) -> Decision:
        is_new = len(self.budget.decisions) >= self.budget.n_recorded
        decision = self.budget.decided(stage, decide)
        left, others = self.budget.seconds_left(), self.is_somebody_finished
        for line in decision_in_words(decision, left, is_new, others):
            self.work.reporter.say(line)
        return decision

    def _kept(self, candidates: Sequence[Candidate], decision: Decision) -> list[Candidate]:
        """Note why some do not go on, in the order of the decision; return the others."""
        by_label = {one.label: one for one in candidates}
        for label, reason in decision.dropped.items():
            if label in by_label:
                candidate = by_label.pop(label)
                self.reasons[candidate] = reason
                if label in decision.too_slow:
                    self.passed_over.add(candidate)
        kept = [by_label.pop(label) for label in decision.kept if label in by_label]
        self.reasons |= dict.fromkeys(by_label.values(), "it had failed when this was decided")
        return kept

    def _next_best(self) -> list[Candidate]:
        """Return those that were dropped: the furthest and best first, then the quickest."""
        order = ranked(self.work.scores(list(self.reasons)), self.work.metric)
        untried = [one for one in self.reasons if one not in order]
        order += self.work.times.quickest_first(untried, self.n_repeats)
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
        passed_over = self.passed_over.intersection(candidates)
        n_features = width or work.rows[label].n_features
        return ExtractorStudy(usable, n_features, tuple(results), reasons, frozenset(passed_over))
