"""Networks on the folds of a study: trained one after another, each finished fold kept.

A network trains in this process, on the threads that TensorFlow itself takes, so its results do
not depend on the number of processes. A killed study goes on from the last epoch of the fold that
was under way. On a cluster each fold is a task, and every worker trains one at a time.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backend import backend_in_use
from bioselect.data.splitting import Fold
from bioselect.data.targets import is_label_sets
from bioselect.estimators.search import grid
from bioselect.metrics.base import metric_identity
from bioselect.networks.history import EpochRecord
from bioselect.progress import Reporter, Task
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem, array_digest
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.trained_fold import (
    BEST_EPOCH,
    ComparedNetwork,
    FoldThere,
    lost_there,
    sent,
    train_there,
    trained_on_fold,
)
from bioselect.selection.validation_part import VALIDATION_SHARE
from bioselect.storage import digest_of

#: Raised whenever a network's result on a fold changes for the same inputs.
NETWORK_FOLD_VERSION = 1
VERSIONED = ("keras", "tensorflow", "numpy", "opencv-python")


def train_on_folds(
    problem: Problem,
    network: ComparedNetwork,
    journal: Journal,
    reporter: Reporter,
    checkpoints: Path,
) -> list[FoldResult]:
    """Train and test one network on all folds.

    What the journal holds is not done again. Whatever goes wrong in a fold is its `error`, and the
    others are not tried: a candidate that failed once is out of the comparison, and hours with it.

    Parameters
    ----------
    problem : Problem
        Targets, units, folds and seed.
    network : ComparedNetwork
        The candidate.
    journal : Journal
        Where finished folds are kept.
    reporter : Reporter
        Shows every epoch, with the time left.
    checkpoints : Path
        The folder for trainings that are under way; what is in it for a finished fold is removed.

    Returns
    -------
    list of FoldResult
        In the order of the folds.

    Raises
    ------
    StorageError
        If nothing can be written any more.
    """
    keys = [fold_key(problem, network, fold) for fold in problem.plan.folds]
    entries = [journal.get(key) for key in keys]
    n_kept = sum(entry is not None for entry in entries)
    kept = f" ({n_kept} of {len(keys)} folds kept from before)" if n_kept else ""
    label = f"training {network.name}{kept}"
    failure, results = "", []
    with ExitStack() as stack:
        bar = stack.enter_context(reporter.task(label, len(keys) * network.n_epochs))
        all_epochs = [_Epochs(bar, network.n_epochs) for _ in keys]
        missing = [
            FoldThere(problem, network, fold, Path(checkpoints) / key[:32], place)
            for place, (fold, key) in enumerate(zip(problem.plan.folds, keys, strict=True))
            if entries[place] is None
        ]
        computed = stack.enter_context(closing(_computed(missing, all_epochs)))
        for place, (fold, key) in enumerate(zip(problem.plan.folds, keys, strict=True)):
            epochs, entry = all_epochs[place], entries[place]
            if entry is None and failure:
                entry = JournalEntry({"error": f"not trained, as it had failed before: {failure}"})
            elif entry is None:
                folder = Path(checkpoints) / key[:32]
                entry = next(computed)
                failure = entry.values["error"]
                if failure:
                    computed.close()  # The others are not tried.
                if not failure:
                    journal.put(key, entry)
                    shutil.rmtree(folder, ignore_errors=True)
                    reporter.say(_fold_in_words(network, problem, fold, entry))
                else:
                    reporter.warn(f"{network.name}: {failure}")
            epochs.finish()
            results.append(_result(network.candidate, fold, entry))
    return results


def _computed(
    missing: Sequence[FoldThere], all_epochs: Sequence[_Epochs]
) -> Generator[JournalEntry, None, None]:
    """Train and test on the folds that are missing, here one after another."""
    backend = backend_in_use()
    if backend is None:
        for one in missing:
            epochs = all_epochs[one.place]
            yield trained_on_fold(one.problem, one.network, one.fold, one.folder, epochs)
    elif missing:
        network = sent(missing[0].network)
        yield from backend.run(
            train_there,
            [replace(one, network=network) for one in missing],
            lost_there,
            heard=lambda place: all_epochs[place].advance(),
            whole=True,
        )


def fold_key(problem: Problem, network: ComparedNetwork, fold: Fold) -> str:
    """Return the journal's key of a network on a fold: all that its result depends on."""
    spec = network.candidate.estimator
    content: dict[str, Any] = {
        "network_fold_version": NETWORK_FOLD_VERSION,
        "versions": _library_versions(),
        "facts": dict(network.facts),
        "targets": array_digest(problem.class_indices),
        "n_classes": problem.n_classes,
        "units": array_digest(problem.units),
        "validation_share": VALIDATION_SHARE,
        "fold": {
            "train": array_digest(fold.train),
            "test": array_digest(fold.test),
            "seed": derived_seed(problem.seed, fold.repeat, fold.index),
        },
    }
    if spec.search:
        content["search"] = {
            "values": spec.search_dict,
            "metric": metric_identity(problem.metric_name, problem.base_dir),
        }
    return digest_of(content)


def median_best_epoch(results: Sequence[FoldResult]) -> int:
    """Return after how many epochs the training on all images ends: the median over the folds.

    Between two whole numbers the larger is taken.

    Examples
    --------
    >>> candidate = Candidate(ComponentSpec("images"), ComponentSpec("small_cnn"))
    >>> folds = [FoldResult(candidate, 0, n, None, {"best_epoch": n + 3}) for n in range(4)]
    >>> median_best_epoch(folds)
    5
    """
    return math.floor(float(np.median([one.chosen[BEST_EPOCH] for one in results])) + 0.5)


def who_chose_usual(results: Sequence[FoldResult], spec: ComponentSpec) -> list[FoldResult]:
    """Return the folds whose search chose the values of :func:`usual_values`; without one, all.

    How many epochs are best depends on the rate: those of other values tell nothing of these.
    """
    if not spec.search:
        return list(results)
    final = usual_values(results, spec).params_dict
    usual = {name: final[name] for name in spec.search_dict}
    return [one for one in results if _has(one, usual)]


def usual_values(results: Sequence[FoldResult], spec: ComponentSpec) -> ComponentSpec:
    """Return the spec with the values that its search chose in most folds; of equals the first."""
    if not spec.search:
        return spec
    tried = list(grid(spec))
    counts = [sum(_has(one, values) for one in results) for values, _ in tried]
    return tried[int(np.argmax(counts))][1]


def _has(result: FoldResult, values: Mapping[str, Any]) -> bool:
    return all(result.chosen.get(name) == value for name, value in values.items())


def _result(candidate: Candidate, fold: Fold, entry: JournalEntry) -> FoldResult:
    return FoldResult(candidate, fold.repeat, fold.index, entry.array, **entry.values)


class _Epochs:
    """Takes the epochs of one fold to the bar; those that were not needed at its end."""

    def __init__(self, bar: Task, n_epochs: int) -> None:
        self.bar, self.n_left = bar, n_epochs

    def __call__(self, record: EpochRecord, n_epochs: int, seconds: float) -> None:
        self.advance()

    def advance(self) -> None:
        if self.n_left:
            self.n_left -= 1
            self.bar.advance()

    def finish(self) -> None:
        self.bar.advance(self.n_left)
        self.n_left = 0


def _fold_in_words(
    network: ComparedNetwork, problem: Problem, fold: Fold, entry: JournalEntry
) -> str:
    """Say what became of a fold, for those who watch.

    The test images are not told of: who stops a study by them has chosen by them.
    """
    history = entry.values["history"]
    best = entry.values["chosen"][BEST_EPOCH]
    plan = problem.plan
    rounds = []
    if plan.n_repeats > 1:
        rounds.append(f"repeat {fold.repeat + 1} of {plan.n_repeats}")
    if fold.index >= plan.n_folds:
        rounds.append("for the test part")
    elif plan.n_folds > 1:
        rounds.append(f"fold {fold.index + 1} of {plan.n_folds}")
    where = f"{', '.join(rounds)}: " if rounds else ""
    text = f"{network.name}: {where}{len(history)} epoch{'s' * (len(history) != 1)}"
    record = next((one for one in history if one["epoch"] == best), None)
    if record is not None and record["val_loss"] is not None:
        # Most labels are absent from most images: this one is high also where none is found.
        right = "answers right" if is_label_sets(problem.class_indices) else "accuracy"
        told = f"{right} {record['val_accuracy'] or 0:.2f}"
        if "val_error" in record:
            told = f"mean absolute error {record['val_error']:.3g}"
        text += f", epoch {best} the best (validation loss {record['val_loss']:.3f}, {told})"
    return text


@cache
def _library_versions() -> dict[str, str]:
    found = {}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
