"""What an extractor learns, learnt once for each fold and shared by all its classifiers."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.exceptions import BioselectError
from bioselect.execution import Tell, run_tasks
from bioselect.features.learning import Features, Learning
from bioselect.selection.fitting import (
    collected_warnings,
    derived_seed,
    learnt_rows,
    one_line,
    read_only,
)


@dataclass(frozen=True, eq=False)
class LearntFold:
    """The rows of all images in one fold, after a step that knows its training images only.

    `X` is float64 ``(n_images, any number)``, or None when the step failed; `error` then says why
    in one line. `warnings` holds what libraries warned of, one line each; `seconds` is how long it
    took.
    """

    X: np.ndarray | None
    error: str
    warnings: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class _LearningTask:
    learning: Learning
    X: np.ndarray
    train: np.ndarray
    seed: int


def learn_folds(
    features: Features,
    folds: Sequence[Fold],
    seed: int,
    n_jobs: int,
    tell: Tell = warnings.warn,
) -> Iterator[LearntFold]:
    """Fit the learnt step on the training rows of each fold and apply it to all rows.

    Parameters
    ----------
    features : Features
        With `learning`.
    folds : sequence of Fold
        The labels of their images are not looked at.
    seed : int
        The study's.
    n_jobs : int
        Number of processes; the rows do not depend on it.
    tell : callable
        Told when memory runs out and there are fewer processes from now on.
    """
    if features.learning is None:
        raise ValueError(f"{features.spec.label} must have something to learn. Got nothing.")
    tasks = [
        _LearningTask(
            features.learning,
            features.rows,
            fold.train,
            derived_seed(seed, fold.repeat, fold.index),
        )
        for fold in folds
    ]
    return run_tasks(_learn, tasks, n_jobs, _not_learnt, tell)


def _learn(task: _LearningTask) -> LearntFold:
    """Learn once; whatever goes wrong in somebody's own step becomes the fold's `error`."""
    warned: list[str] = []
    X: np.ndarray | None = None
    error = ""
    started = time.perf_counter()
    with collected_warnings(warned):
        try:
            step = task.learning.step(task.seed)
            step.fit(task.X[task.train])
            # All folds share these rows: a step that writes into them must fail, not spread.
            X = learnt_rows(step, read_only(task.X))
        except MemoryError:  # It is tried again with less beside it.
            raise
        except Exception as raised:
            error = one_line(f"{type(raised).__name__}: {raised}")
    return LearntFold(X, error, tuple(warned), time.perf_counter() - started)


def _not_learnt(_: _LearningTask, error: BioselectError) -> LearntFold:
    return LearntFold(None, one_line(str(error)), (), 0.0)
