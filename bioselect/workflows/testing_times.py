"""How long candidates will still take, with what is finished at no cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.fold_costs import FoldCosts


class TestingTimes:
    """Seconds of candidates on repeats of the folds, on the processes that there are.

    Where an extractor learns (words, say), what it learns in a fold is counted once for all of its
    candidates.

    Parameters
    ----------
    problem : Problem
        The study with all its folds.
    n_jobs : int
        Processes.
    """

    __test__ = False  # the name would make pytest collect it

    def __init__(self, problem: Problem, n_jobs: int) -> None:
        self.n_jobs = n_jobs
        self.costs = FoldCosts(len(problem.class_indices), problem.n_classes)
        self._n_folds = problem.plan.n_folds
        self._n_features: dict[str, int] = {}
        self._learning: dict[str, float] = {}
        self._finished: dict[Candidate, set[tuple[int, int]]] = {}

    def add_extractor(self, label: str, n_features: int) -> None:
        """Take note of how long the rows of an extractor are."""
        self._n_features[label] = n_features

    def add_learning(self, label: str, seconds: float) -> None:
        """Take note of how long an extractor learns in one fold, on all processes."""
        self._learning[label] = max(0.0, seconds)

    def add(self, results: Iterable[FoldResult]) -> float:
        """Take note of finished folds; return the seconds on one core of those that are new."""
        seconds = 0.0
        for result in results:
            done = self._finished.setdefault(result.candidate, set())
            if (result.repeat, result.fold) not in done:
                done.add((result.repeat, result.fold))
                n_features = self._n_features[result.candidate.extractor.label]
                self.costs.learn([result], n_features)
                seconds += result.fit_seconds + result.predict_seconds
        return seconds

    def fold_seconds(self, candidate: Candidate) -> float:
        """Return how long one fold of a candidate takes on one core."""
        n_features = self._n_features[candidate.extractor.label]
        return self.costs.seconds(candidate, n_features)

    def seconds_of(self, candidates: Sequence[Candidate], start: int, stop: int) -> float:
        """Return how long candidates still take for the repeats from `start` to before `stop`."""
        total = 0.0
        learning: dict[str, int] = {}
        for candidate in candidates:
            done = self._finished.get(candidate, ())
            n_missing = (stop - start) * self._n_folds
            n_missing -= sum(start <= repeat < stop for repeat, _ in done)
            total += n_missing * self.fold_seconds(candidate) / self.n_jobs
            label = candidate.extractor.label
            learning[label] = max(learning.get(label, 0), n_missing)
        return total + sum(self._learning.get(label, 0.0) * n for label, n in learning.items())

    def quickest_first(self, candidates: Sequence[Candidate], n_repeats: int) -> list[Candidate]:
        """Return candidates in the order of what they still take for so many repeats."""
        return sorted(candidates, key=lambda one: (self.seconds_of([one], 0, n_repeats), one.label))
