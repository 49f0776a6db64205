"""Every candidate trained and tested on every fold, each piece of work done once.

The out-of-fold probabilities are what is kept; scores are computed from them afterwards, so that
another metric costs nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan
from bioselect.execution import run_tasks
from bioselect.features.learning import Features
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec, identity
from bioselect.selection.candidates import Candidate
from bioselect.selection.fitting import (
    TrainingRows,
    collected_warnings,
    derived_seed,
    fit_estimator,
    one_line,
)
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.learnt_folds import LearntFold, learn_folds
from bioselect.storage import digest_of

#: Raised whenever a fold's result changes for the same inputs: journals then do their work again.
FOLD_VERSION = 2
#: How many different warnings of a fold are kept.
MAX_WARNINGS = 3


@dataclass(frozen=True, eq=False)
class Problem:
    """What all candidates are tried on.

    `class_indices` and `units` are int ``(n_images,)``; `metric_name` is what a search inside the
    folds looks at; `base_dir` is where a user's own modules lie.
    """

    class_indices: np.ndarray
    n_classes: int
    units: np.ndarray
    plan: SplitPlan
    metric_name: str
    seed: int
    base_dir: Path | None = None


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One candidate on one fold.

    `probabilities` is float64 ``(n_test, n_classes)`` in the order of the fold's `test`, or None
    when the candidate failed; `error` then says why in one line. `chosen` are the values that a
    search chose. `n_features` is how many numbers of an image the estimator was given: where the
    extractor learns (words, say), what came of its rows; 0 if not known. The seconds are those of
    the estimator alone. `warning` holds what libraries warned of, one line.
    """

    candidate: Candidate
    repeat: int
    fold: int
    probabilities: np.ndarray | None
    chosen: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    error: str = ""
    warning: str = ""
    n_features: int = 0


def cross_validate(
    problem: Problem,
    features: Features,
    features_digest: str,
    candidates: list[Candidate],
    journal: Journal,
    reporter: Reporter,
    n_jobs: int,
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
    keys = _keys(problem, features, features_digest, candidates)
    slots = [(candidate, fold) for candidate in candidates for fold in problem.plan.folds]
    entries = [journal.get(key) for key in keys]
    for note in journal.notes:
        reporter.warn(note)
    journal.notes.clear()
    missing = [place for place, entry in enumerate(entries) if entry is None]
    label = f"testing estimators on {features.spec.label}"
    with reporter.task(label, len(slots)) as bar:
        bar.advance(len(slots) - len(missing))
        for place, entry in _computed(problem, features, slots, missing, n_jobs):
            if not entry.values["error"]:
                journal.put(keys[place], entry)
            entries[place] = entry
            bar.advance()
    return [
        FoldResult(candidate, fold.repeat, fold.index, entry.array, **entry.values)
        for (candidate, fold), entry in zip(slots, entries, strict=True)
        if entry is not None
    ]


_Slot = tuple[Candidate, Fold]


def _computed(
    problem: Problem, features: Features, slots: Sequence[_Slot], missing: list[int], n_jobs: int
) -> Iterator[tuple[int, JournalEntry]]:
    """Yield the place and the result of each slot that is missing, each once."""
    if features.learning is None:
        if missing:
            tasks = (_fold_task(problem, features.rows, slots[place]) for place in missing)
            yield from zip(missing, run_tasks(_run_fold, tasks, n_jobs), strict=True)
        return

    def repeat_of(place: int) -> int:
        return slots[place][1].repeat

    # Repeat by repeat: the learnt rows of all folds of one are in memory, and not of all repeats.
    for _, places in groupby(sorted(missing, key=repeat_of), key=repeat_of):
        yield from _computed_after_learning(problem, features, slots, list(places), n_jobs)


def _computed_after_learning(
    problem: Problem, features: Features, slots: Sequence[_Slot], missing: list[int], n_jobs: int
) -> Iterator[tuple[int, JournalEntry]]:
    folds = {slots[place][1].index: slots[place][1] for place in missing}
    learnt = dict(
        zip(folds, learn_folds(features, list(folds.values()), problem.seed, n_jobs), strict=True)
    )
    tasks, ready = [], []
    for place in missing:
        fold = learnt[slots[place][1].index]
        if fold.X is None:
            yield place, _failed_to_learn(fold)
        else:
            ready.append(place)
            tasks.append(_fold_task(problem, fold.X, slots[place], fold.warnings))
    if ready:
        yield from zip(ready, run_tasks(_run_fold, tasks, n_jobs), strict=True)


@dataclass(frozen=True, eq=False)
class _FoldTask:
    """What one fold needs and no more: all of it travels to another process."""

    rows: TrainingRows
    metric_name: str
    seed: int
    base_dir: Path | None
    estimator: ComponentSpec
    train: np.ndarray
    test: np.ndarray
    warned_before: tuple[str, ...]


def _fold_task(
    problem: Problem, X: np.ndarray, slot: _Slot, warned_before: tuple[str, ...] = ()
) -> _FoldTask:
    candidate, fold = slot
    return _FoldTask(
        rows=TrainingRows(X, problem.class_indices, problem.units, problem.n_classes),
        metric_name=problem.metric_name,
        seed=derived_seed(problem.seed, fold.repeat, fold.index),
        base_dir=problem.base_dir,
        estimator=candidate.estimator,
        train=fold.train,
        test=fold.test,
        warned_before=warned_before,
    )


def _run_fold(task: _FoldTask) -> JournalEntry:
    """Train and test once; whatever goes wrong in an estimator becomes the result's `error`."""
    from bioselect.estimators.responses import class_probabilities

    warned = list(task.warned_before)
    probabilities: np.ndarray | None = None
    chosen: dict[str, Any] = {}
    error = ""
    started = fitted = ended = time.perf_counter()
    with collected_warnings(warned):
        try:
            estimator, chosen = fit_estimator(
                task.estimator,
                task.rows.of_images(task.train),
                task.seed,
                task.metric_name,
                task.base_dir,
            )
            fitted = time.perf_counter()
            tested = np.ascontiguousarray(task.rows.X[task.test], dtype=np.float64)
            probabilities = class_probabilities(estimator, tested, task.rows.n_classes)
            ended = time.perf_counter()
        except Exception as raised:
            error = one_line(f"{type(raised).__name__}: {raised}")
    values = {
        "chosen": chosen,
        "fit_seconds": fitted - started,
        "predict_seconds": max(ended - fitted, 0.0),
        "error": error,
        "warning": _in_one_line(warned),
        "n_features": task.rows.X.shape[1],
    }
    return JournalEntry(values, probabilities)


def _failed_to_learn(fold: LearntFold) -> JournalEntry:
    return JournalEntry({"error": fold.error, "warning": _in_one_line(list(fold.warnings))})


def _in_one_line(warned: list[str]) -> str:
    """Join the first few warnings; a search can raise thousands that differ in a number."""
    shown = warned[:MAX_WARNINGS]
    if len(warned) > MAX_WARNINGS:
        shown.append(f"and {len(warned) - MAX_WARNINGS} others")
    return "; ".join(shown)


def _keys(
    problem: Problem, features: Features, features_digest: str, candidates: list[Candidate]
) -> list[str]:
    """Return the journal's key of each candidate on each fold: all that its result depends on."""
    targets, units = _digest(problem.class_indices), _digest(problem.units)
    folds = [
        {
            "train": _digest(fold.train),
            "test": _digest(fold.test),
            "seed": derived_seed(problem.seed, fold.repeat, fold.index),
        }
        for fold in problem.plan.folds
    ]
    keys = []
    for candidate in candidates:
        spec = candidate.estimator
        shared = {
            "fold_version": FOLD_VERSION,
            "versions": _library_versions(),
            "features": features_digest,
            "targets": targets,
            "n_classes": problem.n_classes,
            "estimator": identity("classifier", spec.name, problem.base_dir),
            "params": spec.params_dict,
        }
        if features.learning is not None:
            shared["learnt"] = features.learning.key
        if spec.search:
            shared["search"] = {
                "values": spec.search_dict,
                "metric": identity("metric", problem.metric_name, problem.base_dir),
                "units": units,
            }
        keys += [digest_of({**shared, "fold": fold}) for fold in folds]
    return keys


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array, dtype="<i8").tobytes()).hexdigest()


def _library_versions() -> dict[str, str]:
    return {name: version(name) for name in ("numpy", "scipy", "scikit-learn")}
