"""From the folds of every segmenter to the verdict: scores of images, costs, the study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bioselect.exceptions import BioselectError
from bioselect.metrics.base import Metric, get_metric
from bioselect.metrics.builtin import MASKS, OF_TARGETS
from bioselect.metrics.mask_metrics import mean_of_scores
from bioselect.metrics.masks import SCORES
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.design_words import place_of_scores
from bioselect.selection.held_out import held_out_score
from bioselect.selection.last_epochs import last_epochs_in_words
from bioselect.selection.mask_problem import MaskFoldResult
from bioselect.selection.outcome import (
    Context,
    Entrant,
    HonestScore,
    OutOfFold,
    RankingRow,
    Verdict,
)
from bioselect.selection.phrases import wrapped
from bioselect.selection.pooled_folds import fold_numbers, joined_folds
from bioselect.selection.scores import FoldScore, score_folds
from bioselect.selection.verdict import decide
from bioselect.workflows.design_facts import design_facts
from bioselect.workflows.segmentation.inputs import SegmentationInputs


@dataclass(frozen=True)
class JudgedMasks:
    """The verdict, and what it rests on.

    `results` are the folds of each candidate, in the order of `candidates`; `exported` becomes the
    model. `opened` is what came of the test part of one split. `by_metric` holds the ranked rows of
    every metric (those of the deciding one are the ranking itself); a metric without a value in
    some fold has none.
    """

    verdict: Verdict
    candidates: tuple[Candidate, ...]
    results: tuple[tuple[MaskFoldResult, ...], ...]
    scores: tuple[FoldScore, ...]
    exported: Candidate
    by_metric: dict[str, tuple[RankingRow, ...]]
    place_of_scores: str
    opened: MaskFoldResult | None = None

    @property
    def exported_folds(self) -> tuple[MaskFoldResult, ...]:
        """The folds of the exported candidate."""
        return self.results[self.candidates.index(self.exported)]

    def all_results(self) -> list[MaskFoldResult]:
        """Every fold, that of the test part among them."""
        opened = [] if self.opened is None else [self.opened]
        return [*(one for folds in self.results for one in folds), *opened]


def judge_masks(
    inputs: SegmentationInputs,
    results: Sequence[MaskFoldResult],
    opened: MaskFoldResult | None = None,
    before: JudgedMasks | None = None,
) -> JudgedMasks:
    """Score every fold by every metric and decide by the chosen one.

    With one split, `opened` is what came of the test part, once it was opened, and `before` the
    judgement by which its candidate was selected.
    """
    candidates = tuple(dict.fromkeys(one.candidate for one in results))
    by_candidate = [[one for one in results if one.candidate == item] for item in candidates]
    entrants = [_entrant(inputs, folds) for folds in by_candidate]
    deciding = get_metric(inputs.metric, inputs.config.base_dir)
    known = None
    if opened is not None and before is not None:
        known = _tested(inputs, opened, deciding, before)
    verdict = _decided(inputs, entrants, by_candidate, deciding, known)
    words = [verdict.in_words, *last_epochs_in_words(results), *_of_epochs(inputs, results)]
    verdict = replace(verdict, in_words="\n".join(words))
    chosen = verdict.best if inputs.config.statistics.select == "best" else verdict.recommended
    exported = next(one for one in candidates if one.estimator.label == chosen.estimator)
    by_metric = {deciding.name: verdict.ranking}
    scores: list[FoldScore] = []
    for name in SCORES:
        metric = _metric(name)
        folds = [*results, *([] if opened is None else [opened])]
        scores += _fold_scores(inputs, folds, metric)
        if name not in by_metric:
            by_metric[name] = _rows(inputs, entrants, by_candidate, metric, verdict.honest_score)
    order = {candidate: place for place, candidate in enumerate(candidates)}
    scores.sort(key=lambda one: (order[one.candidate], one.repeat, one.fold))
    return JudgedMasks(
        verdict,
        candidates,
        tuple(map(tuple, by_candidate)),
        tuple(scores),
        exported,
        by_metric,
        place_of_scores(_context(inputs)),
        opened,
    )


def _of_epochs(inputs: SegmentationInputs, results: Sequence[MaskFoldResult]) -> list[str]:
    """Say what the validation part of one split was used for besides."""
    if inputs.holdout is None or not any(one.history for one in results):
        return []
    return [
        wrapped(
            "The validation part also chose the epoch at which each network is taken, so the "
            "scores of networks there are a little flattering; the test part chose nothing."
        )
    ]


def study_problem(inputs: SegmentationInputs) -> Problem:
    """Return the study as its statistics see it: images with a score each."""
    return Problem(
        class_indices=np.zeros(inputs.dataset.n_images),
        n_classes=1,
        units=inputs.units,
        plan=inputs.plan,
        metric_name=inputs.metric,
        seed=inputs.config.validation.seed,
        base_dir=inputs.config.base_dir,
    )


def _metric(name: str) -> Metric:
    """Return the metric that is the mean over images of a score."""
    return get_metric(name) if name in OF_TARGETS[MASKS] else mean_of_scores(name)


def _fold_scores(
    inputs: SegmentationInputs, results: Sequence[MaskFoldResult], metric: Metric
) -> list[FoldScore]:
    problem = study_problem(inputs)
    if inputs.holdout is not None:
        plan = replace(problem.plan, folds=(*problem.plan.folds, inputs.holdout))
        problem = replace(problem, plan=plan)
    return score_folds([one.by(metric.name) for one in results], problem, [metric])


def _decided(
    inputs: SegmentationInputs,
    entrants: Sequence[Entrant],
    by_candidate: Sequence[Sequence[MaskFoldResult]],
    metric: Metric,
    known: HonestScore | None,
) -> Verdict:
    problem = study_problem(inputs)
    of_metric: list[list[FoldResult]] = [
        [one.by(metric.name) for one in folds] for folds in by_candidate
    ]
    matrix = np.array(
        [[one.score for one in score_folds(folds, problem, [metric])] for folds in of_metric]
    )
    out_of_fold = OutOfFold(
        probabilities=tuple(joined_folds(folds, problem) for folds in of_metric),
        class_indices=problem.class_indices,
        units=problem.units,
        n_classes=1,
        folds=fold_numbers(problem),
    )
    return decide(entrants, matrix, out_of_fold, metric, _context(inputs), known=known)


def _rows(
    inputs: SegmentationInputs,
    entrants: Sequence[Entrant],
    by_candidate: Sequence[Sequence[MaskFoldResult]],
    metric: Metric,
    honest: HonestScore,
) -> tuple[RankingRow, ...]:
    """Return the ranking by a metric that does not decide; nothing where it has no value."""
    try:
        return _decided(inputs, entrants, by_candidate, metric, honest).ranking
    except BioselectError:
        return ()  # Every candidate lacks a value in some fold; scores.csv has those there are.


def _tested(
    inputs: SegmentationInputs, opened: MaskFoldResult, metric: Metric, before: JudgedMasks
) -> HonestScore:
    """Return the score of the selected candidate on the test part."""
    label = opened.candidate.estimator.label
    naive = next(row.mean for row in before.verdict.ranking if row.estimator == label)
    found = opened.by(metric.name).probabilities
    places = opened.parts[0].places if opened.parts else np.zeros(0, dtype=np.int64)
    tested = OutOfFold(
        (None if found is None else found[None],),
        np.zeros(len(places)),
        inputs.units[places],
        1,
    )
    seed, score = inputs.config.validation.seed, before.verdict.honest_score
    return held_out_score(tested, metric, seed, score, label, float(naive or 0.0))


def _entrant(inputs: SegmentationInputs, folds: Sequence[MaskFoldResult]) -> Entrant:
    declared = [one.operations for one in folds if one.operations is not None]
    return Entrant(
        extractor="",
        estimator=folds[0].candidate.estimator.label,
        cost=max(declared, default=math.inf),
        n_features=inputs.n_channels,
        error=next((one.error for one in folds if one.error), ""),
    )


def _context(inputs: SegmentationInputs) -> Context:
    plan, statistics = inputs.plan, inputs.config.statistics
    groups = {group for group in inputs.dataset.groups if group is not None}
    names = [
        name
        for place, name in enumerate(inputs.codes.class_names)
        if place != inputs.codes.background
    ]
    return Context(
        class_counts=(),
        n_folds=plan.n_folds,
        n_repeats=plan.n_repeats,
        seed=inputs.config.validation.seed,
        n_groups=len(groups) if groups else None,
        exploratory=inputs.design.exploratory,
        alpha=statistics.alpha,
        strict=statistics.strict,
        rope=inputs.rope,
        rope_words=inputs.rope_words,
        excluded=inputs.left_out,
        n_valued=inputs.dataset.n_images,
        known=f"masks of {', '.join(names)}",
        noun="model",
        **design_facts(plan, inputs.holdout, inputs.dataset.groups),
    )
