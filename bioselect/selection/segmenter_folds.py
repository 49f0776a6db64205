"""Segmenters on the folds of a study: trained one after another, each finished fold kept.

A network trains in this process, on the threads that TensorFlow itself takes. A killed study goes
on from the last epoch of the fold that was under way. What the journal keeps of a fold are the
scores of every image; the masks themselves lie beside, and a fold of which one is missing or was
changed is done again.

Besides the images that a fold tests, those of its validation part and some of those that were
trained on are predicted: how much better these are tells what was learnt by heart.
"""

from __future__ import annotations

import gc
import math
import shutil
import time
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.exceptions import BioselectError, ChangedImageError, DataError, StorageError
from bioselect.networks.history import EpochRecord
from bioselect.progress import Reporter, Task
from bioselect.segmenters.base import MaskTask, TrainedSegmenter
from bioselect.selection.fitting import one_line
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.mask_problem import (
    TRAINING,
    VALIDATION,
    ComparedSegmenter,
    MaskFold,
    MaskFoldResult,
    MaskKeeper,
    MaskProblem,
    fold_key,
    training_key,
)
from bioselect.selection.tested_masks import PartScores, score_part
from bioselect.selection.trained_fold import BEST_EPOCH
from bioselect.selection.validation_part import TooFewUnitsError, cut_validation_part

#: Of the images that were trained on, so many are predicted, evenly spread: they only describe.
TRAINING_IMAGES = 100


def segment_folds(
    problem: MaskProblem,
    segmenter: ComparedSegmenter,
    journal: Journal,
    keeper: MaskKeeper,
    reporter: Reporter,
    checkpoints: Path,
) -> list[MaskFoldResult]:
    """Train and test one segmenter on all folds; what is kept from before is not done again.

    Whatever goes wrong in a fold is its `error`, and the others are not tried. The checkpoints of
    a fold with a validation part of its own are left: the same training meets the test part later.

    Returns
    -------
    list of MaskFoldResult
        In the order of the folds.

    Raises
    ------
    StorageError
        If nothing can be written any more.
    """
    kept = [_kept(problem, segmenter, fold, journal, keeper) for fold in problem.folds]
    n_kept = sum(one is not None for one in kept)
    before = f" ({n_kept} of {len(kept)} folds kept from before)" if n_kept else ""
    results, failure = [], ""
    # A network is put together to be counted, which takes a while: once for all folds.
    declared = cache(lambda: _declared(segmenter, problem.rules.n_classes))
    n_steps = sum(_n_steps(segmenter, fold) for fold in problem.folds)
    with reporter.task(f"training {segmenter.name}{before}", n_steps) as bar:
        for fold, result in zip(problem.folds, kept, strict=True):
            steps = _Steps(bar, _n_steps(segmenter, fold))
            if result is None and failure:
                result = _failed(segmenter, fold, f"not trained, as it had failed: {failure}")
            elif result is None:
                folder = Path(checkpoints) / training_key(problem, segmenter, fold)[:32]
                result = _done(problem, segmenter, fold, keeper, folder, steps)
                if not result.error:
                    result = replace(result, operations=declared())
                failure = result.error
                if failure:
                    reporter.warn(f"{segmenter.name}: {failure}")
                else:
                    _put(problem, segmenter, fold, journal, keeper, result)
                    if fold.validation is None:
                        shutil.rmtree(folder, ignore_errors=True)
                    reporter.say(f"{segmenter.name}: {problem.words(fold)}{_in_words(result)}")
            steps.finish()
            results.append(result)
    return results


def divided(problem: MaskProblem, segmenter: ComparedSegmenter, fold: MaskFold) -> MaskTask:
    """Return the training of a fold: which images are trained on, and which choose the epoch.

    Who has no epochs learns from all of them.

    Raises
    ------
    DataError
        If there are too few units for a validation part.
    """
    rules, nobody = problem.rules, np.zeros(0, dtype=np.int64)
    if segmenter.segmenter.n_epochs is None:
        return MaskTask(rules.n_classes, rules.background, fold.train, nobody, fold.seed)
    train, validation = fold.train, fold.validation
    if validation is None:
        train, validation = cut_by_units(problem.units, fold.train, fold.seed)
    return MaskTask(rules.n_classes, rules.background, train, validation, fold.seed)


def cut_by_units(units: np.ndarray, train: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide training images into those that are trained on and a validation part, by units.

    Raises
    ------
    DataError
        If there are too few units.
    """
    of_one_kind = np.zeros(len(units), dtype=np.int64)
    try:
        return cut_validation_part(of_one_kind, units, train, seed)
    except TooFewUnitsError as error:
        raise DataError(
            "no validation part can be cut, by which a network knows when to stop: the training "
            f"images of a fold have {error.n_units} independent images or groups. Add images, or "
            "write fewer folds or validation.split."
        ) from error


def _done(
    problem: MaskProblem,
    segmenter: ComparedSegmenter,
    fold: MaskFold,
    keeper: MaskKeeper,
    folder: Path,
    steps: _Steps,
) -> MaskFoldResult:
    """Train and test on one fold; whatever goes wrong is the result's `error`."""
    gc.collect()  # The model of the fold before: models hold on to themselves, and to much memory.
    try:
        pairs = segmenter.pairs()
        task = divided(problem, segmenter, fold)
        began = time.perf_counter()
        trained = segmenter.segmenter.fit(pairs, task, folder, steps.epoch)
        fitted = time.perf_counter()

        def keep(place: int, mask: np.ndarray) -> None:
            keeper.keep(segmenter, fold.repeat, place, mask)

        judged = (fold.judged, fold.test)
        parts = [score_part(trained, pairs, judged, problem.rules, keep, advance=steps)]
        predicted = time.perf_counter()
        parts += [
            score_part(trained, pairs, part, problem.rules, overlap_only=True, advance=steps)
            for part in _other_parts(fold, task)
        ]
    except (StorageError, ChangedImageError):
        raise
    except BioselectError as error:
        return _failed(segmenter, fold, one_line(str(error)))
    except Exception as error:  # A segmenter may be anybody's, and memory may run out anywhere.
        return _failed(segmenter, fold, one_line(f"{type(error).__name__}: {error}"))
    return MaskFoldResult(
        segmenter.candidate,
        fold.repeat,
        fold.index,
        tuple(parts),
        chosen={BEST_EPOCH: int(trained.best_epoch)} if trained.history else {},
        fit_seconds=fitted - began,
        predict_seconds=predicted - fitted,
        history=_records(trained),
    )


def _other_parts(fold: MaskFold, task: MaskTask) -> list[tuple[str, np.ndarray]]:
    parts = []
    if len(task.validation) and fold.judged != VALIDATION:
        parts.append((VALIDATION, task.validation))
    n_shown = min(TRAINING_IMAGES, len(task.train))
    spread = np.linspace(0, len(task.train) - 1, n_shown).round().astype(np.int64)
    return [*parts, (TRAINING, task.train[spread])]


def _records(trained: TrainedSegmenter) -> list[dict[str, Any]]:
    return [asdict(record) for record in trained.history]


def _declared(segmenter: ComparedSegmenter, n_classes: int) -> float:
    """Return the operations for one image, infinite where they cannot be counted."""
    try:
        return float(segmenter.segmenter.operations(segmenter.shape, n_classes))
    except Exception:  # Of anybody's own network anything may fail, and a cost stops no study.
        return math.inf


def _failed(segmenter: ComparedSegmenter, fold: MaskFold, error: str) -> MaskFoldResult:
    return MaskFoldResult(segmenter.candidate, fold.repeat, fold.index, (), error=error)


def _put(
    problem: MaskProblem,
    segmenter: ComparedSegmenter,
    fold: MaskFold,
    journal: Journal,
    keeper: MaskKeeper,
    result: MaskFoldResult,
) -> None:
    values = {
        "parts": [[part.name, part.places.tolist()] for part in result.parts],
        "masks": [keeper.digest(segmenter, fold.repeat, int(place)) for place in fold.test],
        "chosen": result.chosen,
        "fit_seconds": result.fit_seconds,
        "predict_seconds": result.predict_seconds,
        "operations": result.operations,
        "history": list(result.history),
    }
    scores = np.concatenate([part.scores for part in result.parts])
    journal.put(fold_key(problem, segmenter, fold), JournalEntry(values, scores))


def _kept(
    problem: MaskProblem,
    segmenter: ComparedSegmenter,
    fold: MaskFold,
    journal: Journal,
    keeper: MaskKeeper,
) -> MaskFoldResult | None:
    """Return what the journal holds of a fold, if its masks are there as they were written."""
    entry = journal.get(fold_key(problem, segmenter, fold))
    if entry is None or entry.array is None:
        return None
    values = dict(entry.values)
    for place, digest in zip(fold.test, values.pop("masks"), strict=True):
        if keeper.digest(segmenter, fold.repeat, int(place)) != digest:
            return None
    parts, start = [], 0
    for name, places in values.pop("parts"):
        rows = slice(start, start + len(places))
        parts.append(PartScores(name, np.array(places, dtype=np.int64), entry.array[rows]))
        start = rows.stop
    return MaskFoldResult(segmenter.candidate, fold.repeat, fold.index, tuple(parts), **values)


def _n_steps(segmenter: ComparedSegmenter, fold: MaskFold) -> int:
    """Return how far a bar goes in a fold: its epochs, or without epochs the images predicted."""
    return segmenter.segmenter.n_epochs or len(fold.test) + min(TRAINING_IMAGES, len(fold.train))


class _Steps:
    """Takes the steps of one fold to the bar; those that were not needed at its end."""

    def __init__(self, bar: Task, n_steps: int) -> None:
        self.bar, self.n_left, self.has_epochs = bar, n_steps, False

    def epoch(self, record: EpochRecord, n_epochs: int, seconds: float) -> None:
        self.has_epochs = True
        self._advance()

    def __call__(self) -> None:
        """Count an image that was predicted, where there are no epochs to count."""
        if not self.has_epochs:
            self._advance()

    def _advance(self) -> None:
        if self.n_left:
            self.n_left -= 1
            self.bar.advance()

    def finish(self) -> None:
        self.bar.advance(self.n_left)
        self.n_left = 0


def _in_words(result: MaskFoldResult) -> str:
    """Say what became of a fold, for those who watch; of the test images nothing is told."""
    n_epochs = len(result.history)
    if not n_epochs:
        return "done"
    best = result.chosen[BEST_EPOCH]
    text = f"{n_epochs} epoch{'s' * (n_epochs != 1)}"
    record = next((one for one in result.history if one["epoch"] == best), {})
    if record.get("val_dice") is not None:
        return f"{text}, epoch {best} the best (validation Dice {record['val_dice']:.3f})"
    return text
