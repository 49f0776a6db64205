"""From the folds of every candidate to the verdict: scores, costs, the study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from bioselect.data.targets import counted, is_values
from bioselect.metrics.base import Metric, get_metric
from bioselect.metrics.usual import usual_metrics
from bioselect.selection.calibrating import CalibratedModel, calibrate
from bioselect.selection.calibration_words import reliability_words
from bioselect.selection.candidates import Candidate, pairings
from bioselect.selection.chosen import ChosenValue, chosen_in_words, chosen_values
from bioselect.selection.conformal import PredictedNumbers
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.design_words import place_of_scores
from bioselect.selection.ensemble import Ensemble
from bioselect.selection.interval_words import interval_words
from bioselect.selection.last_epochs import last_epochs_in_words
from bioselect.selection.model_intervals import ModelIntervals, model_intervals
from bioselect.selection.model_sets import ModelSets
from bioselect.selection.nested import nested_in_words
from bioselect.selection.outcome import Context, Entrant, HonestScore, OutOfFold, Verdict
from bioselect.selection.pooled_folds import fold_numbers, joined_folds
from bioselect.selection.scores import FoldScore, score_folds
from bioselect.selection.verdict import decide
from bioselect.workflows.design_facts import design_facts
from bioselect.workflows.ensembles import (
    Tried,
    ensemble_in_words,
    joined_tried,
    not_computed,
    tied_ensemble,
)
from bioselect.workflows.entrants import entrant_of
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.judged_sets import judged_sets, sets_in_words
from bioselect.workflows.opened_test_part import OpenedTestPart
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.targets import values_in_words
from bioselect.workflows.usual_shape import usual_shape


@dataclass(frozen=True)
class Judged:
    """The verdict, and what it rests on.

    `exported` is the candidate that becomes the model: the recommended or the best one, as the
    configuration asks. `calibrated` is what is done with its probabilities, None where a number is
    predicted; `intervals` say then how far from it the truth may lie, unless they are not wanted.
    `sets` say which classes cannot be ruled out, where an image is of one class and they are
    wanted; `sets_in_words` tells of them, or why there are none.
    `out_of_fold` are the
    predictions that candidates were compared and calibrated by; with one split those of the
    validation part, beside which `opened` has the test part. `chosen` says of each candidate with a
    search what it chose. `ensemble` is the last of the candidates, where one was asked for and
    something is tied. `place_of_scores` says where the scores come
    from; `exported_folds` are the folds of the exported one.
    """

    verdict: Verdict
    scores: tuple[FoldScore, ...]
    out_of_fold: OutOfFold
    candidates: tuple[Candidate, ...]
    exported: Candidate
    calibrated: CalibratedModel | None
    chosen: Mapping[Candidate, tuple[ChosenValue, ...]]
    ensemble: Ensemble | None = None
    opened: OpenedTestPart | None = None
    place_of_scores: str = "in cross-validation"
    exported_folds: tuple[FoldResult, ...] = ()
    intervals: ModelIntervals | None = None
    unit: str = ""
    noun: str = "image"
    sets: ModelSets | None = None
    sets_in_words: str = ""

    @property
    def all_predictions(self) -> OutOfFold:
        """The predictions that candidates were compared by, and those of the test part."""
        if self.opened is None:
            return self.out_of_fold
        return self.opened.added_to(self.out_of_fold, self.candidates.index(self.exported))

    @property
    def reliability(self) -> str:
        """How far probabilities, or a number, of the exported model can be believed, in words."""
        if self.intervals is not None:
            return interval_words(self.intervals, self.exported.label, self.unit, self.noun)
        if self.calibrated is None:
            return ""
        return reliability_words(self.calibrated, self.exported.label, self.place_of_scores)


def judge(
    inputs: StudyInputs,
    problem: Problem,
    studies: Sequence[ExtractorStudy],
    opened: OpenedTestPart | None = None,
) -> Judged:
    """Score every fold by every metric and decide by the chosen one.

    With one split, `opened` is what came of the test part, once it was opened.
    """
    deciding = get_metric(inputs.metric, problem.base_dir)
    metrics = usual_metrics(deciding.takes_label_sets, deciding.takes_values)
    if deciding.name not in [metric.name for metric in metrics]:
        metrics.append(deciding)
    tried = _tried(inputs, problem, studies)
    scores = score_folds([one for _, results, _ in tried for one in results], problem, metrics)
    wanted = inputs.config.ensemble is not None
    known = not_computed(deciding.name) if wanted else None if opened is None else opened.score
    verdict, out_of_fold = _decided(inputs, problem, studies, tried, scores, known)
    ensemble = tied_ensemble(verdict, [item for item, _, _ in tried]) if wanted else None
    if ensemble is not None:
        usable = {one.usable.spec: one.usable for one in studies}
        added = joined_tried(ensemble, tried, usable, usual_shape(inputs))
        tried.append(added)
        scores += score_folds(added[1], problem, metrics)
    if wanted:
        verdict, out_of_fold = _decided(inputs, problem, studies, tried, scores, None)
    candidates = tuple(candidate for candidate, _, _ in tried)
    chosen = verdict.best if inputs.config.statistics.select == "best" else verdict.recommended
    exported = next(item for item in candidates if item.label == chosen.label)
    searched = _searched(inputs, problem, tried)
    verdict = _fully_worded(verdict, inputs, tried, searched, ensemble)
    if opened is not None:
        scores += score_folds([opened.result], opened.problem, metrics)
    # The test part has no part in this: what is fitted to it could not be measured by it.
    index = candidates.index(exported)
    of_numbers = is_values(problem.class_indices)
    calibrated = None if of_numbers else _calibrated(inputs, problem, out_of_fold, index)
    noun = "row" if inputs.config.dataset.is_columns else "image"
    sets = judged_sets(inputs, problem, out_of_fold, index, calibrated)
    return Judged(
        verdict,
        tuple(scores),
        out_of_fold,
        candidates,
        exported,
        calibrated,
        searched,
        ensemble,
        opened,
        place_of_scores(_context(inputs, problem)),
        tuple(next(results for candidate, results, _ in tried if candidate == exported)),
        _intervals(inputs, problem, out_of_fold, index) if of_numbers else None,
        inputs.unit,
        noun,
        sets,
        sets_in_words(inputs, sets, exported, noun),
    )


def _searched(
    inputs: StudyInputs, problem: Problem, tried: Sequence[Tried]
) -> dict[Candidate, tuple[ChosenValue, ...]]:
    """Return what each candidate with a search chose."""
    kind = inputs.config.estimator_kind
    return {
        candidate: chosen_values(results, candidate.estimator, problem.base_dir, kind)
        for candidate, results, _ in tried
        if candidate.estimator.search
    }


def _calibrated(
    inputs: StudyInputs, problem: Problem, out_of_fold: OutOfFold, exported: int
) -> CalibratedModel:
    method = inputs.resolved["bundle.calibration"]
    return calibrate(out_of_fold, exported, method, problem.seed)


def _intervals(
    inputs: StudyInputs, problem: Problem, out_of_fold: OutOfFold, exported: int
) -> ModelIntervals | None:
    level = inputs.config.bundle.interval
    if level is None:
        return None
    numbers = PredictedNumbers.of(out_of_fold, exported)
    return model_intervals(numbers, problem.seed, level)


def _tried(inputs: StudyInputs, problem: Problem, studies: Sequence[ExtractorStudy]) -> list[Tried]:
    """Return every candidate with its folds and what the study is told of it."""
    tried: list[Tried] = []
    shape = usual_shape(inputs)
    for study in studies:
        by_candidate: dict[Candidate, list[FoldResult]] = {
            candidate: []
            for candidate in study.candidates or pairings([study.usable.spec], inputs.estimators)
        }
        for result in study.results:
            by_candidate[result.candidate].append(result)
        for candidate, results in by_candidate.items():
            entrant = entrant_of(candidate, results, study, problem, shape)
            if inputs.config.budget is not None:
                entrant = replace(
                    entrant,
                    dropped=study.dropped.get(candidate, ""),
                    n_folds=len(results),
                    passed_over=candidate in study.passed_over,
                )
            tried.append((candidate, results, entrant))
    return tried


def _decided(
    inputs: StudyInputs,
    problem: Problem,
    studies: Sequence[ExtractorStudy],
    tried: Sequence[Tried],
    scores: Sequence[FoldScore],
    known: HonestScore | None,
) -> tuple[Verdict, OutOfFold]:
    """Decide by the deciding metric; `known` is an honest score that is not to be computed."""
    metric = get_metric(inputs.metric, problem.base_dir)
    n_folds = len(problem.plan.folds)
    deciding = [score for score in scores if score.metric == metric.name]
    # A candidate that was dropped has the first folds only; the others are filled.
    n_done = np.array([len(results) for _, results, _ in tried])
    matrix = np.full((len(tried), n_folds), np.nan)
    matrix[np.arange(n_folds) < n_done[:, None]] = [score.score for score in deciding]
    by_candidate = iter(deciding)
    entrants = [
        _scored(entrant, list(islice(by_candidate, len(results))), metric)
        for _, results, entrant in tried
    ]
    out_of_fold = OutOfFold(
        probabilities=tuple(joined_folds(results, problem) for _, results, _ in tried),
        class_indices=problem.class_indices,
        units=problem.units,
        n_classes=problem.n_classes,
        folds=fold_numbers(problem),
    )
    verdict = decide(
        entrants,
        matrix,
        out_of_fold,
        metric,
        _context(inputs, problem),
        _inner_scores(inputs, problem, studies, [item for item, _, _ in tried]),
        known,
    )
    return verdict, out_of_fold


def _scored(entrant: Entrant, scores: Sequence[FoldScore], metric: Metric) -> Entrant:
    """Return the entrant; where the deciding metric has no value it has failed, with the reason."""
    without = [one for one in scores if not math.isfinite(one.score)]
    if entrant.error or entrant.dropped or not without:
        return entrant
    error = f"{metric.name} has no value in {len(without)} of {len(scores)} folds"
    why = f": {without[0].error}" if without[0].error else ""
    return replace(entrant, error=error + why)


def _fully_worded(
    verdict: Verdict,
    inputs: StudyInputs,
    tried: Sequence[Tried],
    searched: Mapping[Candidate, tuple[ChosenValue, ...]],
    ensemble: Ensemble | None,
) -> Verdict:
    """Return the verdict with what is to be said of nested folds, searches, ensemble and epochs."""
    words = [_with_more_words(verdict, inputs, searched)]
    if inputs.config.ensemble is not None:
        n_compared = sum(row.rank is not None for row in verdict.ranking)
        words.append(ensemble_in_words(ensemble, n_compared))
    words += last_epochs_in_words(one for _, results, _ in tried for one in results)
    return replace(verdict, in_words="\n".join(words))


def _with_more_words(
    verdict: Verdict,
    inputs: StudyInputs,
    searched: Mapping[Candidate, tuple[ChosenValue, ...]],
) -> str:
    told = {verdict.best.label, verdict.recommended.label}
    words = [verdict.in_words]
    if inputs.outer_folds:
        n_compared = sum(row.rank is not None for row in verdict.ranking)
        words.append(nested_in_words(inputs.outer_folds, n_compared))
    words += chosen_in_words(
        {item: found for item, found in searched.items() if item.label in told}
    )
    return "\n".join(words)


def _inner_scores(
    inputs: StudyInputs,
    problem: Problem,
    studies: Sequence[ExtractorStudy],
    candidates: Sequence[Candidate],
) -> np.ndarray | None:
    """Return the scores inside outer folds, ``(n_candidates, n_repeats, n_folds)``."""
    if not inputs.outer_folds:
        return None
    n_outer = len(inputs.outer_folds)
    found = {item: means for study in studies for item, means in study.inner_scores.items()}
    rows = [found.get(candidate, (np.nan,) * n_outer) for candidate in candidates]
    return np.array(rows).reshape(len(candidates), -1, problem.plan.n_folds)


def _context(inputs: StudyInputs, problem: Problem) -> Context:
    n_images, targets = len(problem.class_indices), problem.class_indices
    names, counts, known = inputs.dataset.class_names, [], ""
    if is_values(targets):
        known = values_in_words(inputs.dataset.target_name, targets, inputs.unit)
    else:
        counts = counted(targets, problem.n_classes).tolist()
    groups = {group for group in inputs.dataset.groups if group is not None}
    return Context(
        class_counts=tuple(zip(names, counts, strict=True)),
        n_folds=problem.plan.n_folds,
        n_repeats=problem.plan.n_repeats,
        seed=problem.seed,
        n_groups=len(groups) if groups else None,
        exploratory=inputs.design.exploratory,
        alpha=inputs.config.statistics.alpha,
        strict=inputs.config.statistics.strict,
        rope=inputs.rope,
        rope_words=inputs.rope_words,
        excluded=inputs.left_out,
        budget=inputs.config.budget or "",
        n_labelled=n_images if inputs.dataset.is_multilabel else None,
        n_valued=n_images if is_values(targets) else None,
        known=known,
        unit=inputs.unit,
        **design_facts(problem.plan, inputs.holdout, inputs.dataset.groups),
    )
