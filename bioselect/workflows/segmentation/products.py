"""Write the tables of a study of masks; every file whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.config.writing import config_to_yaml
from bioselect.metrics.base import get_metric
from bioselect.metrics.masks import SCORES
from bioselect.run_folder import (
    CHOSEN_COLUMNS,
    DESCRIPTIVE_COLUMNS,
    MASK_DATASET_COLUMNS,
    METRIC_COLUMNS,
    PART_COLUMNS,
    PER_CLASS_COLUMNS,
    PER_IMAGE_COLUMNS,
    RANKING_COLUMNS,
    SCORE_COLUMNS,
    TIMING_COLUMNS,
    RunFolder,
    write_table,
)
from bioselect.selection.candidates import IMAGES
from bioselect.selection.mask_problem import MaskFoldResult
from bioselect.selection.outcome import ComparisonRow, Entrant
from bioselect.selection.tested_masks import PartScores
from bioselect.storage import atomic_write_text, explained_storage_errors, write_json
from bioselect.workflows.division_columns import division_columns
from bioselect.workflows.products import write_environment, write_findings
from bioselect.workflows.segmentation.class_scores import class_scores
from bioselect.workflows.segmentation.inputs import SegmentationInputs
from bioselect.workflows.segmentation.judgement import JudgedMasks
from bioselect.workflows.study_file import judged_by
from bioselect.workflows.training_histories import write_histories

#: What stands in the tables where other studies have an extractor.
PIXELS = IMAGES.label
#: What is told of every part of a fold; contours and objects are looked at in the judged one only.
OVERLAP = ("dice", "iou", "precision", "recall", "pixel_accuracy")


def config_text(folder: RunFolder, inputs: SegmentationInputs) -> str:
    """Return the configuration as it stands in a run folder."""
    return config_to_yaml(
        inputs.config, inputs.resolved, folder.root.resolve(), inputs.explanations
    )


def write_mask_inputs(folder: RunFolder, inputs: SegmentationInputs) -> None:
    """Write what is known before the work: configuration, pairs with folds, findings, versions."""
    atomic_write_text(folder.config, config_text(folder, inputs))
    write_environment(folder, inputs.plan)
    write_findings(folder, inputs.findings)
    names, cells = division_columns(inputs.plan, inputs.holdout, inputs.dataset.n_images)
    pairs = zip(
        inputs.dataset.records,
        inputs.masks,
        inputs.fingerprints,
        inputs.mask_facts,
        cells,
        strict=True,
    )
    write_table(
        folder.dataset,
        [*MASK_DATASET_COLUMNS, *names],
        [
            (record.image_id, record.source, mask, record.group, mark.sha256, facts.sha256, *own)
            for record, mask, mark, facts, own in pairs
        ],
    )


def write_mask_results(folder: RunFolder, inputs: SegmentationInputs, judged: JudgedMasks) -> None:
    """Write scores, timings, histories, ranking and the rest."""
    verdict = judged.verdict
    _write_scores(folder, judged)
    _write_timings(folder, judged)
    _write_chosen(folder, judged)
    write_table(folder.per_image, PER_IMAGE_COLUMNS, _image_rows(inputs, judged))
    write_table(folder.parts, PART_COLUMNS, _part_rows(judged))
    write_table(
        folder.metrics,
        METRIC_COLUMNS,
        [
            (row.estimator, metric, row.mean, row.ci_low, row.ci_high)
            for metric, rows in judged.by_metric.items()
            for row in rows
            if row.mean is not None
        ],
    )
    write_table(folder.per_class, PER_CLASS_COLUMNS, _class_rows(inputs, judged))
    write_histories(folder, [one.by(SCORES[0]) for folds in judged.results for one in folds])
    ranking = [replace(row, extractor=PIXELS) for row in verdict.ranking]
    _write_rows(folder.ranking, RANKING_COLUMNS, ranking)
    comparisons = [replace(row, family=row.family or PIXELS) for row in verdict.comparisons]
    _write_rows(folder.comparisons, list(ComparisonRow.__dataclass_fields__), comparisons)
    descriptive = [replace(row, family=row.family or PIXELS) for row in verdict.descriptive]
    _write_rows(folder.descriptive, DESCRIPTIVE_COLUMNS, descriptive)
    # Those of an earlier study of classes would be taken for this one's.
    for path in (folder.out_of_fold, folder.budget):
        with explained_storage_errors(path, "removed"):
            path.unlink(missing_ok=True)
    write_json(folder.study, _study(inputs, judged))


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[Any]) -> None:
    write_table(path, columns, [[getattr(row, name) for name in columns] for row in rows])


def _write_scores(folder: RunFolder, judged: JudgedMasks) -> None:
    write_table(
        folder.scores,
        SCORE_COLUMNS,
        [
            (
                PIXELS,
                one.candidate.estimator.label,
                one.repeat,
                one.fold,
                one.metric,
                one.score,
                one.error,
            )
            for one in judged.scores
        ],
    )


def _write_timings(folder: RunFolder, judged: JudgedMasks) -> None:
    write_table(
        folder.timings,
        TIMING_COLUMNS,
        [
            (
                PIXELS,
                one.candidate.estimator.label,
                one.repeat,
                one.fold,
                one.fit_seconds,
                one.predict_seconds,
            )
            for one in judged.all_results()
        ],
    )


def _write_chosen(folder: RunFolder, judged: JudgedMasks) -> None:
    """Write the best epoch of every training."""
    write_table(
        folder.chosen,
        CHOSEN_COLUMNS,
        [
            (PIXELS, one.candidate.estimator.label, one.repeat, one.fold, name, value)
            for one in judged.all_results()
            for name, value in sorted(one.chosen.items())
        ],
    )


def _image_rows(inputs: SegmentationInputs, judged: JudgedMasks) -> Iterator[tuple[Any, ...]]:
    """Yield every score of every image that was judged: of the image, then of its classes."""
    classes = ("", *inputs.codes.class_names)
    for result in judged.all_results():
        if not result.parts:
            continue
        part = result.parts[0]
        for place, scores in zip(part.places, part.scores, strict=True):
            record = inputs.dataset.records[int(place)]
            beginning = (
                result.candidate.estimator.label,
                result.repeat,
                result.fold,
                record.image_id,
                record.group,
            )
            for number, name in enumerate(classes):
                for metric, score in zip(SCORES, scores[:, number], strict=True):
                    if number == 0 or np.isfinite(score):
                        yield (*beginning, name, metric, score)


def _part_rows(judged: JudgedMasks) -> Iterator[tuple[Any, ...]]:
    for result in judged.all_results():
        for part in result.parts:
            for metric in OVERLAP:
                yield (
                    result.candidate.estimator.label,
                    result.repeat,
                    result.fold,
                    part.name,
                    len(part.places),
                    metric,
                    part_mean(part, metric),
                )


def part_mean(part: PartScores, metric: str) -> float:
    """Return the mean over the images that have the score; NaN where none has."""
    scores = part.of_images(metric)
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else float("nan")


def _class_rows(inputs: SegmentationInputs, judged: JudgedMasks) -> Iterator[tuple[Any, ...]]:
    for candidate, results in zip(judged.candidates, judged.results, strict=True):
        for score in class_scores(results, inputs.codes.class_names):
            yield (
                PIXELS,
                candidate.estimator.label,
                score.class_name,
                score.n_images,
                score.metric,
                score.mean,
                score.sd,
                score.n_repeats,
            )


def _study(inputs: SegmentationInputs, judged: JudgedMasks) -> dict[str, Any]:
    verdict = judged.verdict
    metric = get_metric(inputs.metric, inputs.config.base_dir)
    failed: list[MaskFoldResult] = [one for one in judged.all_results() if one.error]
    return {
        "task": inputs.config.task,
        "best": _named(verdict.best),
        "recommended": _named(verdict.recommended),
        "exported": {"extractor": PIXELS, "estimator": judged.exported.estimator.label},
        "tied_with_best": [_named(entrant) for entrant in verdict.tied_with_best],
        "honest_score": asdict(verdict.honest_score),
        "judged_by": judged_by(metric, inputs.rope, inputs.config.statistics.alpha),
        "design": inputs.plan.design,
        "classes": inputs.codes.as_dict(),
        "pixel_size": inputs.config.dataset.pixel_size,
        "left_out": list(inputs.left_out),
        "failed": sorted({f"{one.candidate.estimator.label}: {one.error}" for one in failed}),
        "tests": [
            _finite(asdict(replace(one, family=one.family or PIXELS))) for one in verdict.tests
        ],
        "in_words": verdict.in_words,
    }


def _named(entrant: Entrant) -> dict[str, str]:
    return {"extractor": PIXELS, "estimator": entrant.estimator}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Replace what JSON cannot hold (infinite statistics) by text."""
    infinite = (float("inf"), float("-inf"))
    return {
        key: str(value) if isinstance(value, float) and value in infinite else value
        for key, value in values.items()
    }
