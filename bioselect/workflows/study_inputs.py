"""Everything that must be known before the first feature is computed.

`check` stops here; `run` goes on from here. So whatever would make a run fail is found in this
file's functions, before any long work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.checks.findings import WARNING, Finding, in_order
from bioselect.checks.near_copies import near_links
from bioselect.checks.unreadable import UNREADABLE
from bioselect.config.loading import load_config
from bioselect.config.sections import Config
from bioselect.data.feature_table import FeatureTable
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageDataset, Source
from bioselect.data.splitting import Design, Fold, SplitPlan, independent_units
from bioselect.execution import resolve_jobs
from bioselect.features.cache import FeatureCache
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.nested import OuterFold
from bioselect.workflows.augmentation_use import check_views, checked_augmenter, refuse_unused
from bioselect.workflows.calibration_choice import choose_calibration
from bioselect.workflows.design_conflicts import refuse_conflicts
from bioselect.workflows.estimator_choice import studied_estimators, told_of_classes
from bioselect.workflows.examination import (
    examine_images,
    examine_listing,
    examine_scaling,
    refuse_unfit,
    told_if_refused,
    without_bad_images,
)
from bioselect.workflows.judging import Judging, check_metric, metric_of, resolve_judging
from bioselect.workflows.keepable_steps import check_keepable_steps
from bioselect.workflows.listed_images import dataset_in_words, read_dataset, unit_of_target
from bioselect.workflows.resolved_reading import resolve_reading
from bioselect.workflows.seen_images import refuse_trained_extractors
from bioselect.workflows.smallest_image import try_smallest_image
from bioselect.workflows.study_designs import draw_design, resolved_design
from bioselect.workflows.study_folds import StudyFolds
from bioselect.workflows.target_conflicts import constant_labels, refuse_unfit_for_targets
from bioselect.workflows.usable_estimators import check_keepable
from bioselect.workflows.usable_extractors import (
    UsableExtractor,
    check_channels,
    remarks,
    usable_extractors,
)
from bioselect.workflows.usable_networks import (
    UsableNetwork,
    check_validation_parts,
    usable_networks,
)

#: In the folder of the feature cache: what was found in which image file.
KNOWN_IMAGES = "images.jsonl"


@dataclass(frozen=True)
class StudyInputs:
    """A configuration whose every `auto` is resolved, and the images it speaks of.

    Where they are asked for, `outer_folds` are those of nested cross-validation, and `holdout` has
    the test part of one split. `estimators` are classifiers, or regressors where a number is
    predicted, whose unit is `unit` (empty if it is not known).
    """

    config: Config
    dataset: ImageDataset
    fingerprints: tuple[ImageFingerprint, ...]
    units: np.ndarray
    reading: Reading
    design: Design
    plan: SplitPlan
    extractors: tuple[UsableExtractor, ...]
    estimators: tuple[ComponentSpec, ...]
    metric: ChosenMetric
    rope: float
    rope_words: str
    n_jobs: int
    findings: tuple[Finding, ...]
    explanations: tuple[str, ...]
    left_out: tuple[str, ...]
    resolved: dict[str, Any]
    unit: str = ""
    outer_folds: tuple[OuterFold, ...] = ()
    holdout: Fold | None = None
    networks: tuple[UsableNetwork, ...] = ()
    columns: FeatureTable | None = None

    @property
    def images(self) -> list[tuple[Source, str]]:
        """Each file, or part of one, with the digest of its pixels."""
        pairs = zip(self.dataset.records, self.fingerprints, strict=True)
        return [(record.source, mark.pixels_sha256) for record, mark in pairs]


def read_study_inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding] | None = None,
) -> StudyInputs:
    """Read the images once, resolve every `auto`, find what would make a run fail.

    Parameters
    ----------
    config : Config
        From :func:`bioselect.config.loading.load_config`.
    cache_folder : Path
        Where it is remembered what was found in which file.
    jobs : int or None
        Threads that read images.
    reporter : Reporter
        Told about progress.
    findings : list of Finding or None
        Gets everything that is noticed, also if an error ends the work; the error is among them.

    Raises
    ------
    BioselectError
        If the images or the components cannot be used as configured.
    """
    findings = [] if findings is None else findings
    with told_if_refused(findings, reporter):
        return _study_inputs(config, cache_folder, jobs, reporter, findings)


def _study_inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding],
) -> StudyInputs:
    n_jobs = resolve_jobs(jobs if jobs is not None else config.jobs)
    refuse_conflicts(config)
    refuse_unused(config)
    check_metric(config)
    estimators = studied_estimators(config)
    dataset, marks = examined(config, cache_folder, n_jobs, reporter, findings)
    checked_augmenter(config, marks)
    estimators = told_of_classes(estimators, dataset)
    n_bad = sum(item.kind == UNREADABLE for item in findings)
    reading, explanations = resolve_reading(config, marks)
    extractors, networks, skipped = _usable(
        config, reading, dataset, marks, estimators, cache_folder, findings
    )
    units = independent_units(
        dataset.groups,
        [mark.picture_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
        near_links(findings, dataset.records),
    )
    judging = resolve_judging(config, metric_of(config, dataset), dataset.targets())
    folds = draw_design(config, dataset, units, get_metric(judging.metric, config.base_dir))
    if networks:
        findings += _of_validation_parts(config, judging, networks, folds, dataset, units)
    calibration, why = choose_calibration(
        config.bundle, units[folds.compared_by], of_numbers=dataset.is_values
    )
    findings += constant_labels(dataset, folds.plan)
    findings += judging.findings
    findings += _warnings([*folds.design.warnings, *_skipped_in_words(skipped)])
    return StudyInputs(
        config=config,
        dataset=dataset,
        fingerprints=tuple(marks),
        units=units,
        reading=reading,
        design=folds.design,
        plan=folds.plan,
        extractors=tuple(extractors),
        networks=tuple(networks),
        estimators=tuple(estimators),
        metric=judging.metric,
        rope=judging.rope,
        rope_words=judging.rope_words,
        n_jobs=n_jobs,
        findings=tuple(in_order(findings)),
        explanations=(*explanations, *judging.explanations, *folds.explanations, *why),
        left_out=(*_images_left_out(n_bad), *_extractors_left_out(skipped)),
        unit=unit_of_target(config) if dataset.is_values else "",
        resolved=_resolved(config, reading, folds.plan, judging, calibration),
        outer_folds=folds.outer_folds,
        holdout=folds.holdout,
    )


def _of_validation_parts(
    config: Config,
    judging: Judging,
    networks: Sequence[UsableNetwork],
    folds: StudyFolds,
    dataset: ImageDataset,
    units: np.ndarray,
) -> list[Finding]:
    """Return what is odd about the parts that choose the best epoch of networks."""
    is_searched = any(one.spec.search for one in networks)
    deciding = get_metric(judging.metric, config.base_dir) if is_searched else None
    return _warnings(
        check_validation_parts(folds.all_folds, dataset, units, config.validation.seed, deciding)
    )


def _usable(
    config: Config,
    reading: Reading,
    dataset: ImageDataset,
    marks: list[ImageFingerprint],
    estimators: list[ComponentSpec],
    cache_folder: Path,
    findings: list[Finding],
) -> tuple[list[UsableExtractor], list[UsableNetwork], dict[str, str]]:
    """Return the extractors and networks that can be used, and why others are left out."""
    extractors, skipped = usable_extractors(config)
    refuse_trained_extractors(config, dataset, marks)
    check_views(extractors, config, marks)
    findings += remarks(extractors)
    # Networks choose channels too.
    n_others = len(skipped) + len(config.networks)
    findings += check_channels(extractors, reading, dataset, marks, n_others)
    findings += check_keepable_steps(extractors, marks[0].n_channels, config.base_dir)
    findings += try_smallest_image(
        extractors, dataset, marks, reading, FeatureCache(cache_folder), config.base_dir
    )
    findings += check_keepable(estimators, dataset, config.validation.seed, config.base_dir)
    networks, without = usable_networks(config, reading, dataset, marks)
    findings += _warnings([text for one in networks for text in one.doubts])
    return extractors, networks, skipped | without


def _resolved(
    config: Config, reading: Reading, plan: SplitPlan, judging: Judging, calibration: str
) -> dict[str, Any]:
    """Return what each `auto` became, and how many repeats or splits there are, by key."""
    return {
        "dataset.intensity": reading.intensity.as_config(),
        **resolved_design(config.validation, plan),
        "validation.metric": judging.metric_as_written(config),
        "statistics.rope": judging.rope,
        **({"bundle.calibration": calibration} if calibration else {}),
    }


def as_config(config: Config | Path | str) -> Config:
    """Return the configuration itself, or read it from its file."""
    return config if isinstance(config, Config) else load_config(Path(config))


def examined(
    config: Config,
    cache_folder: Path,
    n_jobs: int,
    reporter: Reporter,
    findings: list[Finding],
) -> tuple[ImageDataset, list[ImageFingerprint]]:
    """Return the usable images and what is in each; add what was noticed to the findings."""
    section = config.dataset
    dataset, notes = read_dataset(config, reporter)
    refuse_unfit_for_targets(config, dataset)  # before images are read
    reporter.say(dataset_in_words(dataset))
    metric_of(config, dataset)
    findings += examine_listing(section, dataset, notes)
    refuse_unfit(findings, where=f"{section.path or section.table}: ")
    known = cache_folder / KNOWN_IMAGES
    marks, more = examine_images(section, dataset, known, n_jobs, reporter)
    findings += more
    dataset, marks = without_bad_images(section, dataset, marks)
    findings += examine_scaling(section, dataset, marks)
    refuse_unfit(findings)
    return dataset, marks


def _warnings(texts: list[str]) -> list[Finding]:
    return [Finding(WARNING, "", text, "") for text in texts]


def _skipped_in_words(skipped: dict[str, str]) -> list[str]:
    # A reason begins with the name of the component, which stands there already.
    return [
        f"{label} is left out: {reason.removeprefix(label.split('(')[0] + ': ')}"
        for label, reason in skipped.items()
    ]


def _images_left_out(n_bad: int) -> list[str]:
    if n_bad == 0:
        return []
    what = f"{n_bad} image{'s' * (n_bad != 1)} that cannot be used"
    return [f"{what} (findings.csv says which and why)"]


def _extractors_left_out(skipped: dict[str, str]) -> list[str]:
    return [
        f"{label}, which needs what cannot be had here (findings.csv says what)"
        for label in skipped
    ]
