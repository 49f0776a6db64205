"""What one candidate goes by in one fold: trained on its training part, asked on its test part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.estimators.responses import class_probabilities
from bioselect.explain.blocks import Block
from bioselect.explain.native import native_importances
from bioselect.explain.permutation import N_SHUFFLES, permutation_importances, shuffled_orders
from bioselect.features.learning import Learning
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.registry import ComponentSpec
from bioselect.selection.fitting import (
    TrainingRows,
    collected_warnings,
    derived_seed,
    fit_after_learning,
    one_line,
)

#: Tells the seed of the shuffles from those of the estimators, which have two numbers behind it.
_OF_SHUFFLES = 3


@dataclass(frozen=True, eq=False)
class ImportanceTask:
    """One candidate in one fold; it travels to another process.

    `blocks` are shuffled. `widths` say of each column of a table how many of the last numbers that
    the estimator gets are its own (a column of three categories has three).
    """

    spec: ComponentSpec
    rows: TrainingRows
    train: np.ndarray
    test: np.ndarray
    fold: tuple[int, int]
    blocks: tuple[Block, ...]
    widths: tuple[int, ...]
    metric: str | ChosenMetric
    seed: int
    base_dir: Path | None
    learning: Learning | None


@dataclass(frozen=True, eq=False)
class FoldImportance:
    """How much each block mattered in one fold.

    `permutation` is float64 ``(n_blocks,)``, the mean over the shuffles; `native` float64
    ``(n_widths,)`` with its `kind`, None where the model says nothing; `error` says in one line
    why there is nothing at all.
    """

    permutation: np.ndarray
    kind: str = ""
    native: np.ndarray | None = None
    error: str = ""


def importance_of_fold(task: ImportanceTask) -> FoldImportance:
    """Train, shuffle and ask; whatever goes wrong in somebody's own estimator is the `error`."""
    try:
        with collected_warnings([]):
            return _measured(task)
    except MemoryError:  # It is tried again with less beside it.
        raise
    except Exception as raised:
        return without_importance(task, raised)


def without_importance(task: ImportanceTask, error: Exception) -> FoldImportance:
    """Return that nothing is known of a fold, and why."""
    nothing = np.full(len(task.blocks), np.nan)
    return FoldImportance(nothing, error=one_line(f"{type(error).__name__}: {error}"))


def _measured(task: ImportanceTask) -> FoldImportance:
    rows = task.rows
    seed = derived_seed(task.seed, *task.fold)
    training = rows.of_images(task.train)
    fitted, _ = fit_after_learning(
        task.spec, training, seed, task.metric, task.base_dir, task.learning
    )
    orders = shuffled_orders(
        len(task.test), N_SHUFFLES, derived_seed(task.seed, _OF_SHUFFLES, *task.fold)
    )
    permutation = permutation_importances(
        lambda X: class_probabilities(fitted, X, rows.n_classes),
        np.ascontiguousarray(rows.X[task.test], dtype=np.float64),
        rows.class_indices[task.test],
        task.blocks,
        get_metric(task.metric, task.base_dir),
        orders,
    ).mean(axis=1)
    native = native_importances(fitted if task.learning is None else fitted.steps[-1][1])
    if native is None or native.weights.shape[1] < sum(task.widths):
        return FoldImportance(permutation)
    return FoldImportance(permutation, native.kind, native.of_columns(task.widths))
