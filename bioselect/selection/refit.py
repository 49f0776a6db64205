"""The chosen candidate trained on all images: the model that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.targets import n_kinds
from bioselect.execution import run_tasks
from bioselect.features.learning import Learning
from bioselect.metrics.base import ChosenMetric
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.fitting import (
    TrainingRows,
    collected_warnings,
    derived_seed,
    fit_after_learning,
)


@dataclass(frozen=True, eq=False)
class _RefitTask:
    estimator: ComponentSpec
    rows: TrainingRows
    seed: int
    metric_name: str | ChosenMetric
    base_dir: Path | None
    learning: Learning | None


def refit(
    candidate: Candidate,
    X: np.ndarray,
    class_indices: np.ndarray,
    units: np.ndarray,
    seed: int,
    metric_name: str | ChosenMetric,
    base_dir: Path | None = None,
    learning: Learning | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Train a candidate on all images, as it was trained in the folds.

    Parameters
    ----------
    candidate : Candidate
        What was selected. With `search`, its values are chosen anew on all images.
    X : np.ndarray
        ``(n_images, n_features)``.
    class_indices, units : np.ndarray
        int ``(n_images,)``; every class of the study is there. Or 0 and 1 ``(n_images, n_labels)``.
    seed : int
        The study's.
    metric_name : str or ChosenMetric
        What a search looks at.
    base_dir : Path, optional
        Where a user's own modules lie.
    learning : Learning, optional
        Of the extractor: its step is learnt from all images and becomes part of the estimator.

    Returns
    -------
    estimator
        Fitted, with one thread of BLAS and OpenMP: its bytes do not depend on the machine's load.
    chosen : dict
        The values that the search chose; empty without a search.

    Raises
    ------
    Exception
        Whatever the estimator raises; here, unlike in the folds, nothing can go on without it.
    """
    rows = TrainingRows(X, class_indices, units, n_kinds(class_indices))
    task = _RefitTask(
        candidate.estimator, rows, derived_seed(seed), metric_name, base_dir, learning
    )
    [fitted] = run_tasks(_refit, [task], n_jobs=1)
    return fitted


def _refit(task: _RefitTask) -> tuple[Any, dict[str, Any]]:
    # The same warnings came up in the folds and are kept with their results.
    with collected_warnings([]):
        return fit_after_learning(
            task.estimator,
            task.rows,
            task.seed,
            task.metric_name,
            task.base_dir,
            task.learning,
        )
