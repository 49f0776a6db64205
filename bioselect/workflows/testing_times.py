"""How long candidates will still take, with what is finished at no cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.fold_costs import FoldCosts
from bioselect.selection.fold_group import divided


class TestingTimes:
    """Seconds of candidates on repeats of the folds, on the processes that there are.

    Where an extractor learns (words, say), what it learns in a fold is counted once for all of its
    candidates.

    Parameters
    ----------
    n_images, n_classes, n_folds : int
        Of the study; `n_folds` of each repeat.
    n_jobs : int
        Processes.
    n_models : int
        As of `FoldCosts`.
    """

    __test__ = False  # the name would make pytest collect it

    def __init__(
        self, n_images: int, n_classes: int, n_folds: int, n_jobs: int, n_models: int = 1
    ) -> None:
        self.n_jobs = n_jobs
        self.costs = FoldCosts(n_images, n_classes, n_models)
        self._n_folds = n_folds
        self._n_features: dict[str, int] = {}
        self._learning: dict[str, list[float]] = {}
        self._finished: dict[Candidate, set[tuple[int, int]]] = {}

    def add_extractor(self, label: str, n_features: int) -> None:
        """Take note of how long the rows of an extractor are."""
        self._n_features[label] = n_features

    def add(self, results: Iterable[FoldResult]) -> None:
        """Take note of finished folds; one that is there already changes nothing."""
        for result in results:
            done = self._finished.setdefault(result.candidate, set())
            if (result.repeat, result.fold) not in done:
                done.add((result.repeat, result.fold))
                label = result.candidate.extractor.label
                self.costs.learn([result], self._n_features[label])
                if result.learn_seconds:
                    self._learning.setdefault(label, []).append(result.learn_seconds)

    def fold_seconds(self, candidate: Candidate) -> float:
        """Return how long one fold of a candidate takes on one core."""
        n_features = self._n_features[candidate.extractor.label]
        return self.costs.seconds(candidate, n_features)

    def seconds_of(self, candidates: Sequence[Candidate], start: int, stop: int) -> float:
        """Return how long candidates still take for the repeats from `start` to before `stop`."""
        n_missing: dict[str, dict[Candidate, int]] = {}
        for one in candidates:
            n_done = sum(start <= repeat < stop for repeat, _ in self._finished.get(one, ()))
            of_extractor = n_missing.setdefault(one.extractor.label, {})
            of_extractor[one] = (stop - start) * self._n_folds - n_done
        return sum(
            self._testing_seconds(of_extractor) + self._learning_seconds(label, of_extractor)
            for label, of_extractor in n_missing.items()
        )

    def one_fold_seconds(self, candidates: Sequence[Candidate]) -> float:
        """Return how long one fold of candidates takes that have the same extractor."""
        return self._testing_seconds(dict.fromkeys(candidates, 1))

    def quickest_first(self, candidates: Sequence[Candidate], n_repeats: int) -> list[Candidate]:
        """Return candidates in the order of what they still take for so many repeats."""
        return sorted(candidates, key=lambda one: (self.seconds_of([one], 0, n_repeats), one.label))

    def _testing_seconds(self, n_folds: Mapping[Candidate, int]) -> float:
        """Return how long candidates of one extractor take together, each on so many folds.

        All processes have something to do while there are tasks for them, but none is done by two.
        """
        candidates = list(n_folds)
        total = longest = 0.0
        for places in divided([one.estimator for one in candidates]):
            group = [candidates[place] for place in places]
            seconds = sum(n_folds[one] * self.fold_seconds(one) for one in group)
            n_tasks = max(n_folds[one] for one in group)
            total += seconds
            if n_tasks:
                longest = max(longest, seconds / n_tasks * math.ceil(n_tasks / self.n_jobs))
        return max(total / self.n_jobs, longest)

    def _learning_seconds(self, label: str, n_folds: Mapping[Candidate, int]) -> float:
        """Return how long an extractor learns; the folds of one repeat at the same time."""
        measured = self._learning.get(label)
        if not measured:
            return 0.0
        n_repeats = max(n_folds.values()) / self._n_folds
        n_in_turn = math.ceil(self._n_folds / self.n_jobs)
        return sum(measured) / len(measured) * n_in_turn * n_repeats
