"""Write the tables of a run folder; every file whole or not at all."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from bioselect import __version__
from bioselect.checks.findings import Finding, in_order
from bioselect.config.writing import config_to_yaml
from bioselect.data.splitting import SplitPlan
from bioselect.estimators.creation import chooses_threshold
from bioselect.estimators.threshold_words import DECISION_THRESHOLD
from bioselect.features.patient_file import PatientFile
from bioselect.progress import Reporter
from bioselect.run_folder import (
    CHOSEN_COLUMNS,
    DATASET_COLUMNS,
    DESCRIPTIVE_COLUMNS,
    FINDING_COLUMNS,
    PER_CLASS_COLUMNS,
    RANKING_COLUMNS,
    RANKING_COLUMNS_OF_BUDGET,
    SCORE_COLUMNS,
    TIMING_COLUMNS,
    RunFolder,
    write_table,
)
from bioselect.selection.cross_validation import Problem
from bioselect.selection.outcome import ComparisonRow
from bioselect.selection.per_label import target_scores
from bioselect.storage import (
    atomic_path,
    atomic_write_text,
    explained_storage_errors,
    write_json,
)
from bioselect.workflows.budget import Decision
from bioselect.workflows.columns.contents import told_of_columns
from bioselect.workflows.division_columns import division_columns
from bioselect.workflows.export import versions
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.judgement import Judged
from bioselect.workflows.replaced_results import written_or_later
from bioselect.workflows.study_file import study_as_data
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.training_histories import write_histories


def config_text(folder: RunFolder, inputs: StudyInputs) -> str:
    """Return the configuration as it stands in a run folder."""
    return config_to_yaml(
        inputs.config, inputs.resolved, folder.root.resolve(), inputs.explanations
    )


def begin_folder(folder: RunFolder, inputs: StudyInputs, reporter: Reporter) -> Callable[[], None]:
    """Write the inputs, or return what does so later, where an earlier study lies there."""
    write = partial(write_inputs, folder, inputs)
    return written_or_later(folder, config_text(folder, inputs), write, reporter)


def write_inputs(folder: RunFolder, inputs: StudyInputs) -> None:
    """Write what is known before the work: configuration, images with folds, findings, versions."""
    atomic_write_text(folder.config, config_text(folder, inputs))
    write_environment(folder, inputs.plan)
    write_findings(folder, inputs.findings)
    _write_images(folder, inputs)


def write_environment(folder: RunFolder, plan: SplitPlan) -> None:
    """Write what the machine and the design are."""
    values = {
        "bioselect": __version__,
        "versions": versions(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "seed": plan.seed,
        "design": plan.design,
    }
    write_json(folder.environment, values)


def _write_images(folder: RunFolder, inputs: StudyInputs) -> None:
    """Write every image with its target and where it was trained on and tested."""
    names, cells = division_columns(inputs.plan, inputs.holdout, inputs.dataset.n_images)
    write_table(
        folder.dataset,
        [*DATASET_COLUMNS, *names],
        [
            (record.image_id, record.source, record.target_text, record.group, mark.sha256, *own)
            for record, mark, own in zip(
                inputs.dataset.records, inputs.fingerprints, cells, strict=True
            )
        ],
    )


def write_findings(folder: RunFolder, findings: Sequence[Finding]) -> None:
    """Write everything that was noticed about the images, the severest first."""
    write_table(
        folder.findings,
        FINDING_COLUMNS,
        [(item.severity, item.image, item.what, item.remedy) for item in in_order(findings)],
    )


def write_results(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    studies: Sequence[ExtractorStudy],
    judged: Judged,
    decisions: Sequence[Decision] = (),
) -> None:
    """Write scores, timings, chosen values, out-of-fold predictions, ranking and the rest."""
    _write_scores(folder, judged)
    _write_timings(folder, studies)
    _write_chosen(folder, inputs, studies)
    write_histories(folder, [result for study in studies for result in study.results])
    _write_out_of_fold(folder, inputs, judged)
    columns = list(RANKING_COLUMNS)
    if inputs.config.budget is not None:
        columns += RANKING_COLUMNS_OF_BUDGET
    write_table(
        folder.ranking,
        columns,
        [[getattr(row, name) for name in columns] for row in judged.verdict.ranking],
    )
    columns = list(ComparisonRow.__dataclass_fields__)
    write_table(
        folder.comparisons,
        columns,
        [[getattr(row, name) for name in columns] for row in judged.verdict.comparisons],
    )
    write_table(
        folder.descriptive,
        DESCRIPTIVE_COLUMNS,
        [
            [getattr(row, name) for name in DESCRIPTIVE_COLUMNS]
            for row in judged.verdict.descriptive
        ],
    )
    if inputs.dataset.is_values:
        _remove(folder.per_class)
    else:
        _write_per_class(folder, inputs, judged)
    if inputs.config.budget is None:
        # Decisions of an earlier run would be taken for this one's.
        _remove(folder.budget)
    write_json(
        folder.study, told_of_columns(inputs, study_as_data(inputs, problem, judged, decisions))
    )


def _remove(path: Path) -> None:
    with explained_storage_errors(path, "removed"):
        path.unlink(missing_ok=True)


def _write_scores(folder: RunFolder, judged: Judged) -> None:
    write_table(
        folder.scores,
        SCORE_COLUMNS,
        [
            (
                score.candidate.extractor.label,
                score.candidate.estimator.label,
                score.repeat,
                score.fold,
                score.metric,
                score.score,
                score.error,
            )
            for score in judged.scores
        ],
    )


def _write_timings(folder: RunFolder, studies: Sequence[ExtractorStudy]) -> None:
    write_table(
        folder.timings,
        TIMING_COLUMNS,
        [
            (
                result.candidate.extractor.label,
                result.candidate.estimator.label,
                result.repeat,
                result.fold,
                result.fit_seconds,
                result.predict_seconds,
            )
            for study in studies
            for result in study.results
        ],
    )


def _write_per_class(folder: RunFolder, inputs: StudyInputs, judged: Judged) -> None:
    """Write the scores of every class or label; a candidate that failed has no rows."""
    out_of_fold = judged.out_of_fold
    pairs = zip(judged.candidates, out_of_fold.probabilities, strict=True)
    write_table(
        folder.per_class,
        PER_CLASS_COLUMNS,
        [
            (
                candidate.extractor.label,
                candidate.estimator.label,
                score.class_name,
                score.n_images,
                score.metric,
                score.mean,
                score.sd,
                score.n_repeats,
            )
            for candidate, probabilities in pairs
            if probabilities is not None
            for score in target_scores(probabilities, out_of_fold, inputs.dataset.class_names)
        ],
    )


def _write_chosen(
    folder: RunFolder, inputs: StudyInputs, studies: Sequence[ExtractorStudy]
) -> None:
    """Write what searches, thresholds and networks chose, as YAML has it, if there is anything."""
    searched = any(spec.search or chooses_threshold(spec) for spec in inputs.estimators)
    if not searched and not inputs.networks:
        # One from an earlier run would be taken for this one's.
        _remove(folder.chosen)
        return
    write_table(
        folder.chosen,
        CHOSEN_COLUMNS,
        [
            (
                result.candidate.extractor.label,
                result.candidate.estimator.label,
                result.repeat,
                result.fold,
                parameter,
                _chosen_text(parameter, value, inputs.dataset.class_names),
            )
            for study in studies
            for result in study.results
            for parameter, value in sorted(result.chosen.items())
        ],
    )


def _chosen_text(parameter: str, value: Any, class_names: Sequence[str]) -> str:
    """Return what was chosen as YAML has it; the borders of several labels with their names."""
    if parameter == DECISION_THRESHOLD and isinstance(value, list):
        value = dict(zip(class_names, value, strict=True))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write_out_of_fold(folder: RunFolder, inputs: StudyInputs, judged: Judged) -> None:
    import h5py

    out_of_fold = judged.all_predictions
    with atomic_path(folder.out_of_fold) as unfinished:
        patient = PatientFile(unfinished)  # HDF5 itself crashes where the disk is full.
        with closing(patient), h5py.File(patient, "w") as file:
            text = h5py.string_dtype()
            file.create_dataset(
                "image_id", data=[record.image_id for record in inputs.dataset.records], dtype=text
            )
            truth = file.create_dataset(_truth_name(inputs), data=out_of_fold.class_indices)
            if inputs.dataset.is_values:
                truth.attrs["target"], truth.attrs["unit"] = inputs.dataset.target_name, inputs.unit
            else:
                names = list(inputs.dataset.class_names)
                file.create_dataset("class_names", data=names, dtype=text)
            file.create_dataset("fold", data=out_of_fold.folds)
            pairs = zip(judged.candidates, out_of_fold.probabilities, strict=True)
            for number, (candidate, probabilities) in enumerate(pairs):
                if probabilities is None:
                    continue
                said = probabilities[..., 0] if inputs.dataset.is_values else probabilities
                data = file.create_dataset(f"candidates/{number:04d}", data=said)
                data.attrs["extractor"] = candidate.extractor.label
                data.attrs["estimator"] = candidate.estimator.label
        if patient.failure is not None:
            raise patient.failure


def _truth_name(inputs: StudyInputs) -> str:
    """Return what the truth is called; of several labels an image it is a column for each."""
    if inputs.dataset.is_values:
        return "value"
    return "labels" if inputs.dataset.is_multilabel else "class_index"
