"""Every candidate trained and tested on every fold, each piece of work done once.

The out-of-fold probabilities are what is kept; scores are computed from them afterwards, so that
another metric costs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan
from bioselect.data.targets import is_values
from bioselect.estimators.creation import chooses_threshold, resamples
from bioselect.estimators.dense_parameters import is_dense, keeps_images
from bioselect.estimators.search_plan import HALVING_VERSION, LARGE, n_combinations
from bioselect.execution import Tell, run_tasks
from bioselect.features.learning import Features
from bioselect.metrics.base import ChosenMetric, metric_identity
from bioselect.own_modules import distribution_version
from bioselect.progress import Reporter
from bioselect.registry import identity
from bioselect.selection.candidates import Candidate
from bioselect.selection.fitting import TrainingRows, derived_seed
from bioselect.selection.fold_group import FoldGroup, divided, effort, run_group
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.learnt_folds import learn_folds
from bioselect.selection.lost_folds import failed_to_learn, one_by_one
from bioselect.selection.unfolding import Unfolded, unfolded
from bioselect.storage import digest_of, named_files

#: Raised whenever a fold's result changes for the same inputs: journals then do their work again.
FOLD_VERSION = 3


@dataclass(frozen=True, eq=False)
class Problem:
    """What all candidates are tried on.

    `class_indices` and `units` are int ``(n_images,)``; where images may have several labels,
    `class_indices` are 0 and 1 ``(n_images, n_labels)`` and `n_classes` the number of labels, see
    :mod:`bioselect.data.targets`. Where images have values, `class_indices` are float64
    ``(n_images,)`` and `n_classes` is 1: predicted numbers travel as probabilities of one class do.
    `metric_name` is what a search inside the folds looks at; `base_dir` is where a user's own
    modules lie.
    """

    class_indices: np.ndarray
    n_classes: int
    units: np.ndarray
    plan: SplitPlan
    metric_name: str | ChosenMetric
    seed: int
    base_dir: Path | None = None


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One candidate on one fold.

    `probabilities` is float64 ``(n_test, n_classes)`` in the order of the fold's `test`, or None
    when the candidate failed; `error` then says why in one line. `chosen` are the values that a
    search chose. `n_features` is how many numbers of an image the estimator was given: where the
    extractor learns (words, say), what came of its rows; 0 if not known. The seconds are what the
    estimator would take alone: what several share (scaled rows, inner products) is counted in full
    for each that needs it; `learn_seconds` is what the extractor learnt in the fold, for all of its
    candidates. `warning` holds what libraries warned of, one line. Of a
    network, `operations` are those that it declares for one image, and `history` has its epochs.
    """

    candidate: Candidate
    repeat: int
    fold: int
    probabilities: np.ndarray | None
    chosen: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    learn_seconds: float = 0.0
    error: str = ""
    warning: str = ""
    n_features: int = 0
    operations: float | None = None
    history: Sequence[Mapping[str, Any]] = ()


def cross_validate(
    problem: Problem,
    features: Features,
    features_digest: str,
    candidates: list[Candidate],
    journal: Journal,
    reporter: Reporter,
    n_jobs: int,
    told: str = "",
) -> list[FoldResult]:
    """Train and test the candidates of one extractor on all folds.

    What the journal holds is not computed again; failures are not kept there and are tried again
    at the next start.

    What the extractor learns (a vocabulary) is learnt once for each fold, from the training images
    and without their labels. All estimators of the fold share it, also those that are tried on
    parts of the training images in a search: only the test images must not be known to it.

    Parameters
    ----------
    problem : Problem
        Targets, units, folds and seed.
    features : Features
        The rows of one extractor, in the order of the problem's images.
    features_digest : str
        Changes whenever the rows do.
    candidates : list of Candidate
        All with that extractor.
    n_jobs : int
        Number of processes; the results do not depend on it.
    told : str
        What the work is called while it goes on, instead of a test of estimators.

    Returns
    -------
    list of FoldResult
        In the order candidate, repeat, fold. A candidate that raised has an `error` there.
    """
    if len(features.rows) != len(problem.class_indices):
        raise ValueError(
            f"features must have one row for each of the {len(problem.class_indices)} images. "
            f"Got {len(features.rows)}."
        )
    apart = unfolded(problem, features)
    problem, features = apart.problem, apart.features
    keys = _keys(problem, features, features_digest, candidates)
    slots = [(candidate, fold) for candidate in candidates for fold in problem.plan.folds]
    entries = [journal.get(key) for key in keys]
    for note in journal.notes:
        reporter.warn(note)
    journal.notes.clear()
    missing = [place for place, entry in enumerate(entries) if entry is None]
    told = told or f"testing estimators on {features.spec.label}"
    label = f"{told}{_kept(len(slots), len(missing))}"
    with reporter.task(label, len(slots)) as bar:
        bar.advance(len(slots) - len(missing))
        for place, entry in _computed(problem, features, slots, missing, (n_jobs, reporter.warn)):
            if not entry.values["error"]:
                journal.put(keys[place], entry)
            entries[place] = entry
            bar.advance()
    return [
        _fold_result(candidate, fold, entry, apart)
        for (candidate, fold), entry in zip(slots, entries, strict=True)
        if entry is not None
    ]


def _kept(n_all: int, n_missing: int) -> str:
    """Say how much of the work was done before."""
    if n_missing == n_all:
        return ""
    if n_missing == 0:
        return " (all kept from before)"
    return f" ({n_all - n_missing} kept from before, {n_missing} to do)"


def finished_folds(
    problem: Problem,
    features: Features,
    features_digest: str,
    candidates: list[Candidate],
    journal: Journal,
) -> list[FoldResult]:
    """Return the folds that need not be computed, because the journal holds them.

    The parameters are those of `cross_validate`, and so is the order.
    """
    apart = unfolded(problem, features)
    keys = _keys(apart.problem, apart.features, features_digest, candidates)
    slots = [(candidate, fold) for candidate in candidates for fold in problem.plan.folds]
    return [
        _fold_result(candidate, fold, entry, apart)
        for (candidate, fold), key in zip(slots, keys, strict=True)
        if (entry := journal.get(key)) is not None
    ]


def _fold_result(
    candidate: Candidate, fold: Fold, entry: JournalEntry, apart: Unfolded
) -> FoldResult:
    of_images = apart.of_images(entry.array)
    return FoldResult(candidate, fold.repeat, fold.index, of_images, **entry.values)


_Slot = tuple[Candidate, Fold]
_How = tuple[int, Tell]  # number of processes, and who is told when there must be fewer


def _computed(
    problem: Problem, features: Features, slots: Sequence[_Slot], missing: list[int], how: _How
) -> Iterator[tuple[int, JournalEntry]]:
    """Yield the place and the result of each slot that is missing, each once."""
    if features.learning is None:
        if missing:
            groups = _groups(problem, slots, missing, lambda fold: (features.rows, ()))
            yield from _run(groups, how)
        return

    def repeat_of(place: int) -> int:
        return slots[place][1].repeat

    # Repeat by repeat: the learnt rows of all folds of one are in memory, and not of all repeats.
    for _, places in groupby(sorted(missing, key=repeat_of), key=repeat_of):
        yield from _computed_after_learning(problem, features, slots, list(places), how)


def _computed_after_learning(
    problem: Problem, features: Features, slots: Sequence[_Slot], missing: list[int], how: _How
) -> Iterator[tuple[int, JournalEntry]]:
    folds = {slots[place][1].index: slots[place][1] for place in missing}
    learnt = dict(
        zip(
            folds,
            learn_folds(features, list(folds.values()), problem.seed, *how),
            strict=True,
        )
    )
    rows = {index: (fold.X, fold.warnings) for index, fold in learnt.items() if fold.X is not None}
    for place in missing:
        index = slots[place][1].index
        if index not in rows:
            yield place, failed_to_learn(learnt[index])
    ready = [place for place in missing if slots[place][1].index in rows]
    if ready:
        groups = _groups(problem, slots, ready, lambda fold: rows[fold.index])
        for place, entry in _run(groups, how):
            entry.values["learn_seconds"] = learnt[slots[place][1].index].seconds
            yield place, entry


_PlacedGroup = tuple[list[int], FoldGroup]


def _run(groups: list[_PlacedGroup], how: _How) -> Iterator[tuple[int, JournalEntry]]:
    n_jobs, tell = how
    results = run_tasks(run_group, [group for _, group in groups], n_jobs, one_by_one, tell)
    for (places, _), entries in zip(groups, results, strict=True):
        yield from zip(places, entries, strict=True)


def _groups(
    problem: Problem,
    slots: Sequence[_Slot],
    missing: Sequence[int],
    rows_of: Callable[[Fold], tuple[np.ndarray, tuple[str, ...]]],
) -> list[_PlacedGroup]:
    """Return the tasks, longest first, and the places of their results."""
    by_fold: dict[tuple[int, int], list[int]] = {}
    for place in missing:
        fold = slots[place][1]
        by_fold.setdefault((fold.repeat, fold.index), []).append(place)
    groups = []
    for places in by_fold.values():
        fold = slots[places[0]][1]
        X, warned = rows_of(fold)
        specs = [slots[place][0].estimator for place in places]
        for numbers in divided(specs):
            group = FoldGroup(
                rows=TrainingRows(X, problem.class_indices, problem.units, problem.n_classes),
                metric_name=problem.metric_name,
                seed=derived_seed(problem.seed, fold.repeat, fold.index),
                base_dir=problem.base_dir,
                estimators=tuple(specs[number] for number in numbers),
                train=fold.train,
                test=fold.test,
                warned_before=warned,
            )
            groups.append(([places[number] for number in numbers], group))
    return sorted(groups, key=lambda placed: (-effort(placed[1].estimators), placed[0]))


def _keys(
    problem: Problem, features: Features, features_digest: str, candidates: list[Candidate]
) -> list[str]:
    """Return the journal's key of each candidate on each fold: all that its result depends on."""
    targets, units = array_digest(problem.class_indices), array_digest(problem.units)
    folds = [
        {
            "train": array_digest(fold.train),
            "test": array_digest(fold.test),
            "seed": derived_seed(problem.seed, fold.repeat, fold.index),
        }
        for fold in problem.plan.folds
    ]
    keys = []
    for candidate in candidates:
        spec = candidate.estimator
        shared: dict[str, Any] = {
            "fold_version": FOLD_VERSION,
            "versions": _library_versions(),
            "features": features_digest,
            "targets": targets,
            "n_classes": problem.n_classes,
            "estimator": identity(kind_of(problem.class_indices), spec.name, problem.base_dir),
            "params": spec.params_dict,
        }
        if features.learning is not None:
            shared["learnt"] = features.learning.key
        if files := named_files({**spec.params_dict, **spec.search_dict}, problem.base_dir):
            shared["files"] = files
        if resamples(spec):
            shared["imbalanced_learn"] = distribution_version("imbalanced-learn")
        if chooses_threshold(spec) or keeps_images(spec):
            shared["units"] = units
        if is_dense(spec):
            shared["keras"] = {name: distribution_version(name) for name in ("keras", "tensorflow")}
        if spec.search:
            shared["search"] = {
                "values": spec.search_dict,
                "metric": metric_identity(problem.metric_name, problem.base_dir),
                "units": units,
            }
            if n_combinations(spec.search_dict) > LARGE:
                shared["search"]["halving"] = HALVING_VERSION
        keys += [digest_of({**shared, "fold": fold}) for fold in folds]
    return keys


def kind_of(targets: np.ndarray) -> str:
    """Return what learns targets: a regressor values, a classifier classes and labels.

    Examples
    --------
    >>> kind_of(np.array([0.5, 2.0])), kind_of(np.array([0, 1]))
    ('regressor', 'classifier')
    """
    return "regressor" if is_values(targets) else "classifier"


def array_digest(array: np.ndarray) -> str:
    """Return the digest of numbers in their order: of whole ones, or of floats by their bytes."""
    form = "<f8" if is_values(array) else "<i8"
    return hashlib.sha256(np.ascontiguousarray(array, dtype=form).tobytes()).hexdigest()


def _library_versions() -> dict[str, str]:
    return {name: distribution_version(name) for name in ("numpy", "scipy", "scikit-learn")}
