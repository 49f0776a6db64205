"""Parameters chosen inside the training images of a fold, then one fit on all of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.estimators.fold_forms import fold_form
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.inner_folds import inner_folds
from bioselect.estimators.label_sets import create_for
from bioselect.estimators.responses import class_probabilities
from bioselect.estimators.search_plan import (
    STAGES,
    n_combinations,
    n_going_on,
    stages_of,
    tried_places,
)
from bioselect.estimators.search_stages import with_part_of_training
from bioselect.estimators.training import train
from bioselect.exceptions import ComponentError
from bioselect.registry import ComponentSpec

#: Mean scores closer than this are equal; the value written first is then taken.
EQUAL_SCORES = 1e-12

Goodness = Callable[[np.ndarray, np.ndarray], float]


def fit_with_search(
    spec: ComponentSpec,
    X: np.ndarray,
    y: np.ndarray,
    n_classes: int,
    units: np.ndarray,
    goodness: Goodness,
    seed: int,
    base_dir: Path | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Train the estimator of a spec; with `search`, with the values that score best.

    Every combination of the searched values is judged by its mean score on the same 3 inner
    folds, which are stratified and split no unit; the best one is trained on all rows. Of equally
    good ones the first is taken (parameters in the order of their names, values as written). Large
    searches are halved, see :mod:`bioselect.estimators.search_plan`.

    Parameters
    ----------
    spec : ComponentSpec
        `search` maps parameter names to lists of values; empty: nothing is searched.
    X : np.ndarray
        float64 ``(n_images, n_features)``.
    y : np.ndarray
        int ``(n_images,)``, class places, of which some may be missing; or 0 and 1
        ``(n_images, n_labels)``; or values, float64 ``(n_images,)``.
    n_classes : int
        Of the whole study.
    units : np.ndarray
        int ``(n_images,)``; images that share one are never split. Used by a search only.
    goodness : callable
        ``goodness(y_true, probabilities)`` with ``(n_images, n_classes)`` probabilities, or a
        column of predicted numbers; the higher, the better.
    seed : int
        Of the inner folds and of every classifier.
    base_dir : Path, optional
        The configuration's folder.

    Returns
    -------
    estimator
        Fitted on all rows.
    chosen : dict
        The values taken for the searched parameters; empty without a search.

    Raises
    ------
    ComponentError
        If a searched parameter or value is wrong, or a combination cannot be trained or scored.
    DataError
        If a class has a single independent image or group among the rows.

    Examples
    --------
    >>> rows = np.arange(12.0)[:, None]
    >>> places = np.repeat([0, 1], 6)
    >>> spec = ComponentSpec.of("knn", search={"n_neighbors": [1, 8]})
    >>> hits = lambda true, table: float(np.mean(table.argmax(axis=1) == true))
    >>> fit_with_search(spec, rows, places, 2, np.arange(12), hits, seed=0)[1]
    {'n_neighbors': 1}
    """
    if not spec.search:
        return _fitted(spec, X, y, units, seed, base_dir), {}
    folds = inner_folds(y, units, n_classes, seed)
    search = Search(spec, Trial(y, units, n_classes, folds, goodness, seed, base_dir))
    for stage in STAGES:
        for place, fold in enumerate(search.folds_of(stage)):
            search.judge(place, FoldRows(X, fold.train, fold.test))
        search.end_stage()
    values, chosen = search.best()
    return _fitted(chosen, X, y, units, seed, base_dir), values


@dataclass(frozen=True, eq=False)
class Trial:
    """What all searches on the same training images share; see `fit_with_search`."""

    y: np.ndarray
    units: np.ndarray
    n_classes: int
    folds: tuple[Fold, ...]
    goodness: Goodness
    seed: int
    base_dir: Path | None = None


class Search:
    """What is tried for one classifier and how good each of it is on each inner fold.

    For each of the `STAGES`: `judge` on each of the folds of `folds_of`, then `end_stage`.

    Parameters
    ----------
    spec : ComponentSpec
        With `search`. All combinations are made here, so that a wrong value is found at once.
    trial : Trial
        The inner folds and how they are judged.
    """

    def __init__(self, spec: ComponentSpec, trial: Trial) -> None:
        self._trial = trial
        self._combinations = list(grid(spec))
        for _, candidate in self._combinations:
            create_for(trial.y, candidate, trial.seed, trial.base_dir)
        self._stages = stages_of(len(self._combinations))
        self._alive = list(range(len(self._combinations)))
        self._stage = STAGES[0]
        self._folds: tuple[Fold, ...] = ()
        self._scores: dict[int, list[float]] = {}
        self._spared: set[int] = set()
        self._failures: dict[int, ComponentError] = {}

    def folds_of(self, stage: int) -> tuple[Fold, ...]:
        """Begin a stage; return its inner folds, or none when this search does without it."""
        self._stage, self._folds = stage, ()
        self._scores = {number: [] for number in self._alive}
        self._spared = set()
        if stage in self._stages:
            trial = self._trial
            self._folds = (
                with_part_of_training(trial.folds, trial.y, trial.units, stage, trial.seed) or ()
            )
        return self._folds

    def judge(self, place: int, rows: FoldRows) -> None:
        """Try what is left on the inner fold of that place, whose rows are given.

        Nothing is raised here: others may be judged on the same rows.
        """
        for number in self._alive:
            if number in self._failures:
                return
            if number in self._spared:
                continue
            try:
                candidate = self._combinations[number][1]
                self._scores[number].append(self._score(candidate, place, rows))
            except ComponentError as error:
                if self._is_last():
                    self._failures[number] = error
                    return
                # It may need more images than this stage has, so it goes on to the next.
                self._spared.add(number)

    def end_stage(self) -> None:
        """Let the better ones go on, unless nothing was judged or no stage is left."""
        if self._is_last() or not self._folds:
            return
        judged = [number for number in self._alive if number not in self._spared]
        means = {number: self._mean(number) for number in judged}
        best_first = sorted(judged, key=lambda number: (-means[number], number))
        self._alive = sorted({*best_first[: n_going_on(len(judged))], *self._spared})

    def best(self) -> tuple[dict[str, Any], ComponentSpec]:
        """Return the values with the highest mean score, and the spec that has them.

        Raises
        ------
        ComponentError
            If a combination could not be trained or scored: of several the one written first.
        """
        if self._failures:
            raise self._failures[min(self._failures)]
        means = np.array([float(np.mean(self._scores[number])) for number in self._alive])
        first_best = int(np.flatnonzero(means >= means.max() - EQUAL_SCORES)[0])
        return self._combinations[self._alive[first_best]]

    def _is_last(self) -> bool:
        return self._stage == STAGES[-1]

    def _mean(self, number: int) -> float:
        """Return a mean score, rounded so that ties are ties."""
        return round(float(np.mean(self._scores[number])) / EQUAL_SCORES) * EQUAL_SCORES

    def _score(self, candidate: ComponentSpec, place: int, rows: FoldRows) -> float:
        trial, fold = self._trial, self._folds[place]
        part = f"part {place + 1} of {len(self._folds)}"
        try:
            estimator = create_for(trial.y, candidate, trial.seed, trial.base_dir)
            form = fold_form(candidate.name, estimator, rows)
            train(form.estimator, form.train(), trial.y[fold.train], trial.units[fold.train])
            probabilities = class_probabilities(form.estimator, form.test(), trial.n_classes)
            value = float(trial.goodness(trial.y[fold.test], probabilities))
        except MemoryError:  # It is tried again with less beside it.
            raise
        except Exception as error:
            raise ComponentError(
                f"search: {candidate.label} cannot be trained on {len(fold.train)} images and "
                f"judged on {len(fold.test)}, {part} ({error}). Change what `search` lists, or "
                "search nothing."
            ) from error
        if not np.isfinite(value):
            raise ComponentError(
                f"search: the score of {candidate.label} must be a finite number. Got {value} on "
                f"{part}."
            )
        return value


def grid(spec: ComponentSpec) -> Iterator[tuple[dict[str, Any], ComponentSpec]]:
    """Yield every combination of the searched values with the spec that has them as parameters.

    Of very many some are drawn, see :func:`bioselect.estimators.search_plan.tried_places`.

    Raises
    ------
    ComponentError
        If a searched parameter has no list of values, or is fixed in `params` too.

    Examples
    --------
    >>> spec = ComponentSpec.of("svm", {"kernel": "rbf"}, {"C": [1, 10]})
    >>> [candidate.label for _, candidate in grid(spec)]
    ['svm(C=1, kernel=rbf)', 'svm(C=10, kernel=rbf)']
    """
    searched = spec.search_dict
    for name, values in searched.items():
        if not isinstance(values, list) or not values:
            raise ComponentError(
                f"{spec.name!r}: search.{name}: must be a list of values to try. Got {values!r}."
            )
        if name in spec.params_dict:
            raise ComponentError(
                f"{spec.name!r}: {name}: must be in `params` or in `search`, not in "
                "both. Take it out of one."
            )
    tried_numbers = set(tried_places(n_combinations(searched)))
    for number, combination in enumerate(itertools.product(*searched.values())):
        if number not in tried_numbers:
            continue
        tried = dict(zip(searched, combination, strict=True))
        yield tried, ComponentSpec.of(spec.name, {**spec.params_dict, **tried})


def _fitted(
    spec: ComponentSpec,
    X: np.ndarray,
    y: np.ndarray,
    units: np.ndarray,
    seed: int,
    base_dir: Path | None,
) -> Any:
    estimator = create_for(y, spec, seed, base_dir)
    train(estimator, X, y, units)
    return estimator
