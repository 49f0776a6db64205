"""Several estimators on one fold: what they have in common is made once.

Each is trained, timed and judged by itself; that one of them fails changes nothing for the others,
and neither does it matter which are run together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bioselect.estimators.creation import is_surrounded
from bioselect.estimators.search_plan import STAGES, relative_cost
from bioselect.metrics.base import ChosenMetric
from bioselect.registry import ComponentSpec
from bioselect.selection.fitting import (
    TrainingRows,
    collected_warnings,
    goodness_of,
    one_line,
    plain_values,
)
from bioselect.selection.journal import JournalEntry

if TYPE_CHECKING:
    from bioselect.estimators.fold_forms import FoldForm
    from bioselect.estimators.fold_rows import FoldRows
    from bioselect.estimators.search import Search

Result = TypeVar("Result")

#: How many different warnings of a fold are kept.
MAX_WARNINGS = 3

#: Quick once the rows are scaled and their inner products known: one task for all of a fold.
TOGETHER = frozenset(
    {
        "logistic_regression",
        "linear_svm",
        "svm",
        "knn",
        "lda",
        "naive_bayes",
        "nearest_centroid",
        "dummy",
        "linear",
        "ridge",
        "lasso",
        "elastic_net",
        "huber",
        "svr",
        "decision_tree",
        "pls",
    }
)

#: About how long the others take, one task each, against one of these. It orders the tasks.
_EFFORTS = {
    "mlp": 8,
    "extra_trees": 15,
    "random_forest": 30,
    "gradient_boosting": 35,
    "linear_network": 40,
    "mlp_network": 50,
    # Its time grows with the cube of the images: of a few hundred it is quick.
    "gaussian_process": 60,
}
#: Of somebody's own, which may be anything: it starts first.
_UNKNOWN_EFFORT = 100


@dataclass(frozen=True, eq=False)
class FoldGroup:
    """What some estimators need for one fold and no more: it travels to another process.

    `warned_before` holds the warnings that came up before, one line each; they are part of the
    result of every estimator.
    """

    rows: TrainingRows
    metric_name: str | ChosenMetric
    seed: int
    base_dir: Path | None
    estimators: tuple[ComponentSpec, ...]
    train: np.ndarray
    test: np.ndarray
    warned_before: tuple[str, ...] = ()


def divided(estimators: Sequence[ComponentSpec]) -> list[list[int]]:
    """Return the places of the estimators that are best run together on a fold, group by group.

    Examples
    --------
    >>> divided([ComponentSpec("svm"), ComponentSpec("extra_trees"), ComponentSpec("lda")])
    [[0, 2], [1]]
    """
    together = [place for place, spec in enumerate(estimators) if _shares(spec)]
    alone = [[place] for place, spec in enumerate(estimators) if not _shares(spec)]
    return [together, *alone] if together else alone


def _shares(spec: ComponentSpec) -> bool:
    """Tell whether what a classifier works with is what the others of the fold work with.

    Resampled rows, the inner folds that choose a threshold, and the rows of a chain of labels are
    nobody else's.
    """
    return spec.name in TOGETHER and not is_surrounded(spec)


def effort(estimators: Sequence[ComponentSpec]) -> float:
    """Return about how long a group takes, in no unit: what takes long should start early.

    Examples
    --------
    >>> effort([ComponentSpec("random_forest")]) > effort([ComponentSpec("svm")])
    True
    """
    total = 0.0
    for spec in estimators:
        once = 1 if spec.name in TOGETHER else _EFFORTS.get(spec.name, _UNKNOWN_EFFORT)
        total += once * relative_cost(spec)
    return total


def run_group(group: FoldGroup) -> list[JournalEntry]:
    """Train and test each estimator once; whatever goes wrong in one becomes its `error`.

    Returns
    -------
    list of JournalEntry
        In the order of the estimators. `fit_seconds` and `predict_seconds` are what one would
        have taken alone: what was made for several is counted in full for each that needs it.
    """
    from bioselect.estimators.fold_rows import FoldRows

    rows = FoldRows(group.rows.X, group.train, group.test)
    attempts = [_Attempt(group, spec) for spec in group.estimators]
    _search_inside(group, rows, [attempt for attempt in attempts if attempt.spec.search])
    return [attempt.finished(rows) for attempt in attempts]


def in_one_line(warned: Sequence[str]) -> str:
    """Join the first few warnings; a search can raise thousands that differ in a number."""
    shown = list(warned[:MAX_WARNINGS])
    if len(warned) > MAX_WARNINGS:
        shown.append(f"and {len(warned) - MAX_WARNINGS} others")
    return "; ".join(shown)


def _search_inside(group: FoldGroup, rows: FoldRows, attempts: Sequence[_Attempt]) -> None:
    """Judge all searches on one inner fold, whose rows they share, before the next is made."""
    from bioselect.estimators.fold_rows import FoldRows

    for attempt in attempts:
        attempt.begin_search(rows)
    searching = [(attempt, attempt.search) for attempt in attempts if attempt.search is not None]
    if not searching:
        return
    for stage in STAGES:
        with_folds = [(attempt, search, search.folds_of(stage)) for attempt, search in searching]
        judged = [(attempt, search) for attempt, search, folds in with_folds if folds]
        # All draw the same inner folds: they have the same images and the same seed.
        for place, fold in enumerate(next((folds for *_, folds in with_folds if folds), ())):
            inner = FoldRows(rows.train(), fold.train, fold.test)
            for attempt, search in judged:
                _, seconds = attempt.spent(inner, partial(search.judge, place, inner), set())
                attempt.fit_seconds += seconds
        for _, search in judged:
            search.end_stage()


@dataclass(eq=False)
class _Attempt:
    """One estimator of a group and what has come of it so far."""

    group: FoldGroup
    spec: ComponentSpec
    search: Search | None = None
    chosen: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    error: str = ""

    def __post_init__(self) -> None:
        self.warned = list(self.group.warned_before)
        self._paid: set[Hashable] = set()

    def spent(
        self, rows: FoldRows, work: Callable[[], Result], paid: set[Hashable]
    ) -> tuple[Result | None, float]:
        """Return what the work returns, and the seconds it would have taken alone.

        Nothing is done after a failure. What was `paid` before is not counted again.
        """
        result = None
        started = time.perf_counter()
        if not self.error:
            with collected_warnings(self.warned), rows.parts.billed(paid) as bill:
                try:
                    result = work()
                except MemoryError:  # Not its fault, perhaps: it is tried again with less beside.
                    raise
                except Exception as raised:
                    self.error = one_line(f"{type(raised).__name__}: {raised}")
            return result, time.perf_counter() - started + bill.saved_seconds
        return None, 0.0

    def begin_search(self, rows: FoldRows) -> None:
        """Make the combinations that are tried and draw the inner folds."""
        self.search, seconds = self.spent(rows, self._made_search, self._paid)
        self.fit_seconds += seconds

    def finished(self, rows: FoldRows) -> JournalEntry:
        """Train on all training rows and return what comes of the test rows."""
        from bioselect.estimators.responses import class_probabilities

        probabilities, predict_seconds = None, 0.0
        form, fit_seconds = self.spent(rows, lambda: self._fitted(rows), self._paid)
        if form is not None:
            n_classes = self.group.rows.n_classes
            probabilities, predict_seconds = self.spent(
                rows,
                lambda: class_probabilities(form.estimator, form.test(), n_classes),
                self._paid,
            )
        failed = bool(self.error)
        values = {
            "chosen": self.chosen,
            "fit_seconds": 0.0 if failed else self.fit_seconds + fit_seconds,
            "predict_seconds": 0.0 if failed else predict_seconds,
            "error": self.error,
            "warning": in_one_line(self.warned),
            "n_features": self.group.rows.X.shape[1],
        }
        return JournalEntry(values, probabilities)

    def _made_search(self) -> Search:
        from bioselect.estimators.inner_folds import inner_folds
        from bioselect.estimators.search import Search, Trial

        group = self.group
        places, units = group.rows.class_indices[group.train], group.rows.units[group.train]
        n_classes = group.rows.n_classes
        folds = inner_folds(places, units, n_classes, group.seed)
        goodness = goodness_of(group.metric_name, group.base_dir)
        trial = Trial(places, units, n_classes, folds, goodness, group.seed, group.base_dir)
        return Search(self.spec, trial)

    def _fitted(self, rows: FoldRows) -> FoldForm:
        from bioselect.estimators.fold_forms import fold_form
        from bioselect.estimators.label_sets import create_for
        from bioselect.estimators.training import chosen_in_training, train

        group, spec = self.group, self.spec
        if self.search is not None:
            values, spec = self.search.best()
            self.chosen = plain_values(values)
        estimator = create_for(group.rows.class_indices, spec, group.seed, group.base_dir)
        form = fold_form(spec.name, estimator, rows)
        places, units = group.rows.class_indices[group.train], group.rows.units[group.train]
        train(form.estimator, form.train(), places, units)
        self.chosen |= plain_values(chosen_in_training(form.estimator))
        return form
