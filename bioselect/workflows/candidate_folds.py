"""The folds of any candidates, done repeat by repeat, as far as somebody wants to go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bioselect.backend import n_at_once
from bioselect.data.splitting import Fold
from bioselect.data.targets import n_models
from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate, pairings
from bioselect.selection.cross_validation import (
    FoldResult,
    Problem,
    cross_validate,
    finished_folds,
)
from bioselect.selection.journal import Journal
from bioselect.selection.standings import mean_scores
from bioselect.workflows.extractor_study import failed_folds, features_or_reason
from bioselect.workflows.one_bar import one_bar
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.testing_times import TestingTimes


@dataclass(frozen=True)
class Rows:
    """What is remembered of features that lie in the cache; `learns` as of `Features`."""

    digest: str
    n_features: int
    learns: bool


class CandidateFolds:
    """What has come of each candidate until now, and how long things take.

    Parameters
    ----------
    inputs, problem, cache, journal, reporter
        Of the study.

    Attributes
    ----------
    rows : dict of str to Rows
        The extractors whose features are there, by label.
    broken : dict of str to str
        Why those of others cannot be computed.
    results : dict of Candidate to list of FoldResult
        Whole repeats, from the first on.
    times : TestingTimes
        Learns from every fold.
    """

    def __init__(
        self,
        inputs: StudyInputs,
        problem: Problem,
        cache: FeatureCache,
        journal: Journal,
        reporter: Reporter,
    ) -> None:
        self.inputs, self.problem, self.cache = inputs, problem, cache
        self.journal, self.reporter = journal, reporter
        self.usable = {usable.spec.label: usable for usable in inputs.extractors}
        self.metric = get_metric(inputs.metric, problem.base_dir)
        self.rows: dict[str, Rows] = {}
        self.broken: dict[str, str] = {}
        self.results: dict[Candidate, list[FoldResult]] = {}
        plan, n_images = problem.plan, len(problem.class_indices)
        n_each, n_classes = n_models(problem.class_indices, problem.n_classes)
        self.times = TestingTimes(
            n_images, n_classes, plan.n_folds, n_at_once(inputs.n_jobs), n_each
        )

    def add_extractor(self, label: str) -> None:
        """Have the features of an extractor in the cache; find its folds that are done."""
        features = self._features_or_reason(label)
        if isinstance(features, str):
            self.broken[label] = features
            return
        digest = hashlib.sha256(np.ascontiguousarray(features.rows).data).hexdigest()
        n_features = features.rows.shape[1]
        self.rows[label] = Rows(digest, n_features, features.learning is not None)
        self.times.add_extractor(label, n_features)
        candidates = pairings([features.spec], self.inputs.estimators)
        self.times.add(finished_folds(self.problem, features, digest, candidates, self.journal))

    def of_extractors(self, labels: Sequence[str]) -> list[Candidate]:
        """Return all candidates of some extractors, baselines included."""
        return pairings([self.usable[label].spec for label in labels], self.inputs.estimators)

    def n_repeats_of(self, candidate: Candidate) -> int:
        """Return how many repeats a candidate has behind it."""
        return len(self.results.get(candidate, [])) // self.problem.plan.n_folds

    def scores(self, candidates: Sequence[Candidate]) -> dict[Candidate, float]:
        """Return the mean of the deciding metric over the folds that each has; NaN if it failed."""
        results = {one: self.results[one] for one in candidates if one in self.results}
        return mean_scores(results, self.problem, self.metric)

    def test(self, candidates: Sequence[Candidate], n_repeats: int) -> list[Candidate]:
        """Test candidates until they have so many repeats; return those that did not fail.

        Baselines of the same extractors come along.
        """
        extractors = list(dict.fromkeys(one.extractor.label for one in candidates))
        baselines = [one for one in self.of_extractors(extractors) if is_baseline(one)]
        by_start: dict[int, list[Candidate]] = {}
        for one in dict.fromkeys([*candidates, *baselines]):
            by_start.setdefault(self.n_repeats_of(one), []).append(one)
        for start, some in sorted(by_start.items()):
            folds = [one for one in self.problem.plan.folds if start <= one.repeat < n_repeats]
            if folds:
                label = f"testing {_counted(some)} on {_repeats(start, n_repeats)}"
                for result in self._cross_validated(some, folds, label):
                    self.results.setdefault(result.candidate, []).append(result)
        scores = self.scores(candidates)
        return [one for one in candidates if np.isfinite(scores[one])]

    def time_classifiers(self, seconds: float) -> None:
        """Do one fold of each classifier of which none is done, if it probably fits.

        On the longest rows: a guess from these for shorter ones is safer than the other way. The
        folds are kept like any others.
        """
        widest = max(self.rows, key=lambda label: self.rows[label].n_features)
        timed: list[Candidate] = []
        for one in self.times.quickest_first(self.of_extractors([widest]), 1):
            known = self.times.costs.knows(one.estimator)
            if not known and self.times.one_fold_seconds([*timed, one]) < seconds:
                timed.append(one)
        learning = [label for label, rows in self.rows.items() if rows.learns]
        learners = [one for one in self.of_extractors(learning) if is_baseline(one)]
        if self.times.one_fold_seconds(timed) < seconds:
            timed += [one for one in learners if one not in timed]
        if timed:
            some = self.problem.plan.folds[:1]
            self._cross_validated(timed, some, "timing one fold of each classifier")

    def _cross_validated(
        self, candidates: Sequence[Candidate], folds: Sequence[Fold], label: str
    ) -> list[FoldResult]:
        problem = replace(self.problem, plan=replace(self.problem.plan, folds=tuple(folds)))
        results = []
        with one_bar(self.reporter, label, len(candidates) * len(folds)) as reporter:
            for extractor in self.rows:
                mine = [one for one in candidates if one.extractor.label == extractor]
                if mine:
                    results += self._of_extractor(extractor, mine, problem, reporter)
        return results

    def _of_extractor(
        self, label: str, candidates: list[Candidate], problem: Problem, reporter: Reporter
    ) -> list[FoldResult]:
        # From the cache each time: the rows of all extractors need not fit into memory at once.
        features = self._features_or_reason(label)
        if isinstance(features, str):
            return failed_folds(candidates, problem, features)
        digest, n_jobs = self.rows[label].digest, self.inputs.n_jobs
        results = cross_validate(
            problem, features, digest, candidates, self.journal, reporter, n_jobs
        )
        self.times.add(results)
        return results

    def _features_or_reason(self, label: str) -> Features | str:
        return features_or_reason(self.usable[label], self.inputs, self.cache, self.reporter)


def is_baseline(candidate: Candidate) -> bool:
    """Tell whether a candidate is the floor, which looks at no feature.

    Examples
    --------
    >>> from bioselect.registry import ComponentSpec
    >>> is_baseline(Candidate(ComponentSpec("hog"), ComponentSpec("dummy")))
    True
    """
    return candidate.estimator.name == "dummy"


def _counted(candidates: Sequence[Candidate]) -> str:
    what = "baseline" if all(map(is_baseline, candidates)) else "combination"
    return f"1 {what}" if len(candidates) == 1 else f"{len(candidates)} {what}s"


def _repeats(start: int, stop: int) -> str:
    return f"repeat {stop}" if stop == start + 1 else f"repeats {start + 1} to {stop}"
