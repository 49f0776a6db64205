"""Everything that must be known before a study of columns, or of images joined with columns.

A table of columns has no images, so that nothing is read but the table; what its columns hold is
found, and everything else is resolved as for images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding, in_order
from bioselect.checks.groups import group_findings
from bioselect.checks.kept_rows import kept_row_findings
from bioselect.checks.listing import target_findings, without_numbers
from bioselect.checks.table_columns import column_findings
from bioselect.checks.table_leaks import leak_findings
from bioselect.checks.table_names import repeating_findings
from bioselect.checks.table_rows import row_findings
from bioselect.config.sections import Config
from bioselect.data.feature_table import ColumnDataset, FeatureTable, read_feature_table
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageDataset
from bioselect.data.row_marks import row_marks
from bioselect.data.row_words import of_rows
from bioselect.data.splitting import independent_units
from bioselect.exceptions import DataError
from bioselect.execution import resolve_jobs
from bioselect.features.columns import COLUMNS, ColumnRows
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.workflows.calibration_choice import choose_calibration
from bioselect.workflows.columns.joining import refuse_with_joined, with_joined_columns
from bioselect.workflows.columns.telling import RowReporter, errors_of_rows, finding_of_rows
from bioselect.workflows.design_conflicts import refuse_conflicts
from bioselect.workflows.estimator_choice import studied_estimators, told_of_classes
from bioselect.workflows.examination import refuse_unfit, told_if_refused
from bioselect.workflows.judging import check_metric, metric_of, resolve_judging
from bioselect.workflows.listed_images import target_of, unit_of_target
from bioselect.workflows.study_designs import draw_design, resolved_design
from bioselect.workflows.study_inputs import StudyInputs, read_study_inputs
from bioselect.workflows.target_conflicts import constant_labels, refuse_unfit_for_targets
from bioselect.workflows.targets import counts_in_words
from bioselect.workflows.usable_estimators import check_keepable
from bioselect.workflows.usable_extractors import UsableExtractor

#: How nothing is read: what stands where images have their scaling.
NO_READING = Reading(Intensity("dtype"))


def read_inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding] | None = None,
) -> StudyInputs:
    """Read the images or the table once, resolve every `auto`, find what would make a run fail.

    The parameters are those of :func:`bioselect.workflows.study_inputs.read_study_inputs`.

    Raises
    ------
    BioselectError
        If the table, the images or the components cannot be used as configured.
    """
    findings = [] if findings is None else findings
    if not config.dataset.is_columns:
        refuse_with_joined(config)
        inputs = read_study_inputs(config, cache_folder, jobs, reporter, findings)
        with told_if_refused(findings, reporter):
            return with_joined_columns(inputs)
    told = RowReporter(reporter)
    with told_if_refused(findings, told), errors_of_rows():
        return _column_inputs(config, jobs, told, findings)


@dataclass(frozen=True, eq=False)
class _Examined:
    dataset: ImageDataset
    table: FeatureTable
    marks: list[ImageFingerprint]


def _column_inputs(
    config: Config, jobs: int | None, reporter: Reporter, findings: list[Finding]
) -> StudyInputs:
    refuse_conflicts(config)
    check_metric(config)
    estimators = studied_estimators(config)
    found = _examined(config, reporter, findings)
    dataset, marks = found.dataset, found.marks
    estimators = told_of_classes(estimators, dataset)
    findings += check_keepable(estimators, dataset, config.validation.seed, config.base_dir)
    units = independent_units(
        dataset.groups,
        [mark.picture_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
    )
    judging = resolve_judging(config, metric_of(config, dataset), dataset.targets())
    folds = draw_design(config, dataset, units, get_metric(judging.metric, config.base_dir))
    calibration, why = choose_calibration(
        config.bundle, units[folds.compared_by], of_numbers=dataset.is_values
    )
    findings += constant_labels(dataset, folds.plan)
    findings += kept_row_findings(estimators)
    findings += judging.findings
    findings += [Finding(WARNING, "", text, "") for text in folds.design.warnings]
    explanations = (*_columns_in_words(found.table), *judging.explanations, *folds.explanations)
    resolved: dict[str, Any] = {
        **resolved_design(config.validation, folds.plan),
        "validation.metric": judging.metric_as_written(config),
        "statistics.rope": judging.rope,
        **({"bundle.calibration": calibration} if calibration else {}),
    }
    return StudyInputs(
        config=config,
        dataset=dataset,
        fingerprints=tuple(marks),
        units=units,
        reading=NO_READING,
        design=folds.design,
        plan=replace(folds.plan, design=of_rows(folds.plan.design)),
        extractors=(UsableExtractor(COLUMNS, ColumnRows(found.table.columns)),),
        estimators=tuple(estimators),
        metric=judging.metric,
        rope=judging.rope,
        rope_words=judging.rope_words,
        n_jobs=resolve_jobs(jobs if jobs is not None else config.jobs),
        findings=tuple(map(finding_of_rows, in_order(findings))),
        explanations=tuple(map(of_rows, (*explanations, *why))),
        left_out=(),
        unit=unit_of_target(config) if dataset.is_values else "",
        resolved=resolved,
        outer_folds=folds.outer_folds,
        holdout=folds.holdout,
        columns=found.table,
    )


def _examined(config: Config, reporter: Reporter, findings: list[Finding]) -> _Examined:
    """Read the table; add what was noticed about classes, groups, columns and rows."""
    read = read_columns(config)
    dataset, table = read.dataset, read.table
    refuse_unfit_for_targets(config, dataset)
    reporter.say(_dataset_in_words(dataset, table))
    metric_of(config, dataset)
    marks = row_marks(dataset, table)
    target = str(config.dataset.target) if isinstance(config.dataset.target, str) else "the labels"
    findings += [Finding(NOTE, "", note, "") for note in read.notes]
    findings += target_findings(dataset)
    plain = without_numbers(dataset)
    findings += group_findings(plain) if config.dataset.group else repeating_findings(table)
    names = [record.image_id for record in dataset.records]
    findings += column_findings(table, names, config.dataset.categorical or ())
    findings += leak_findings(table, dataset.targets(), target)
    findings += row_findings(dataset, marks)
    refuse_unfit(list(map(finding_of_rows, findings)), where=f"{config.dataset.table}: ")
    return _Examined(dataset, table, marks)


def read_columns(config: Config) -> ColumnDataset:
    """Read the table that the configuration names."""
    section = config.dataset
    target, group = target_of(config), section.group
    if section.table is None or target is None:  # the configuration makes sure of it
        raise DataError("dataset: no table with a target is named.")
    column = group if isinstance(group, str) else None
    return read_feature_table(section.table, target, column, section.column_choice)


def _dataset_in_words(dataset: ImageDataset, table: FeatureTable) -> str:
    groups = {record.group for record in dataset.records if record.group is not None}
    grouped = f", {len(groups)} groups" if groups else ", no groups declared"
    return (
        f"{dataset.name}: {dataset.n_images} rows ({counts_in_words(dataset)}), "
        f"{len(table.columns)} columns to learn from{grouped}"
    )


def _columns_in_words(table: FeatureTable) -> list[str]:
    """Say which columns are taken for categories, and what is filled in."""
    categorical = [one for one in table.columns if one.categories is not None]
    lines = []
    if categorical:
        listed = ", ".join(f"{one.name} ({len(one.categories or ())})" for one in categorical)
        lines.append(f"columns: {listed} hold categories, the others numbers")
    if np.isnan(table.rows).any():
        lines.append(
            "missing values: filled in inside each fold, numbers with the median of its training "
            "rows; of categories none holds"
        )
    return lines
