"""Everything that must be known before the first segmenter is trained.

`check` stops here; `run` goes on from here, as with
:mod:`bioselect.workflows.study_inputs`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.augmentation.pipeline import Augmenter
from bioselect.checks.contrast import contrast_findings
from bioselect.checks.findings import WARNING, Finding, in_order
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts
from bioselect.data.pair_file import PairDemand
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageDataset, Source
from bioselect.data.splitting import Design, Fold, SplitPlan
from bioselect.exceptions import ConfigurationError
from bioselect.execution import resolve_jobs
from bioselect.metrics.base import ChosenMetric
from bioselect.progress import Reporter
from bioselect.workflows.augmentation_use import checked_augmenter
from bioselect.workflows.examination import told_if_refused
from bioselect.workflows.judging import Judging
from bioselect.workflows.resolved_reading import resolve_reading
from bioselect.workflows.segmentation.codes import as_written
from bioselect.workflows.segmentation.designs import draw_mask_design
from bioselect.workflows.segmentation.examining import examine_pairs
from bioselect.workflows.segmentation.judging import check_mask_metric, resolve_mask_judging
from bioselect.workflows.segmentation.usable_segmenters import (
    UsableSegmenter,
    channels_of_images,
    usable_segmenters,
    without_seen,
)
from bioselect.workflows.study_designs import resolved_design


@dataclass(frozen=True)
class SegmentationInputs:
    """A configuration whose every `auto` is resolved, and the images and masks it speaks of.

    `holdout` has the test part of one split, where that is asked for; `n_channels` are those that
    every image has for a segmenter.
    """

    config: Config
    dataset: ImageDataset
    masks: tuple[Path, ...]
    codes: MaskCodes
    fingerprints: tuple[ImageFingerprint, ...]
    mask_facts: tuple[MaskFacts, ...]
    n_channels: int
    units: np.ndarray
    reading: Reading
    design: Design
    plan: SplitPlan
    holdout: Fold | None
    segmenters: tuple[UsableSegmenter, ...]
    metric: ChosenMetric
    rope: float
    rope_words: str
    n_jobs: int
    findings: tuple[Finding, ...]
    explanations: tuple[str, ...]
    left_out: tuple[str, ...]
    resolved: dict[str, Any]

    @property
    def images(self) -> list[tuple[Source, str]]:
        """Each file with the digest of its pixels."""
        pairs = zip(self.dataset.records, self.fingerprints, strict=True)
        return [(record.source, mark.pixels_sha256) for record, mark in pairs]

    @property
    def all_folds(self) -> tuple[Fold, ...]:
        """The folds that segmenters are compared on, and the one of the test part."""
        return (*self.plan.folds, *([] if self.holdout is None else [self.holdout]))

    def demand(self) -> PairDemand:
        """Return what :func:`bioselect.data.pair_file.pair_file` has to be asked for."""
        masks = zip(self.masks, (one.pixels_sha256 for one in self.mask_facts), strict=True)
        return PairDemand(
            tuple(self.images),
            tuple(masks),
            self.codes,
            self.reading,
            self.n_channels,
            tuple(
                one.height * one.width * (one.n_channels * np.dtype(one.dtype).itemsize + 1)
                for one in self.fingerprints
            ),
        )


def read_segmentation_inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding] | None = None,
) -> SegmentationInputs:
    """Read images and masks once, resolve every `auto`, find what would make a run fail.

    Parameters
    ----------
    config : Config
        With ``task: segmentation``.
    cache_folder : Path
        Where it is remembered what was found in which file.
    jobs : int or None
        Threads that read.
    reporter : Reporter
        Told about progress.
    findings : list of Finding or None
        Gets everything that is noticed, also if an error ends the work; the error is among them.

    Raises
    ------
    BioselectError
        If images, masks or segmenters cannot be used as configured.
    """
    findings = [] if findings is None else findings
    with told_if_refused(findings, reporter):
        return _inputs(config, cache_folder, jobs, reporter, findings)


def _inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding],
) -> SegmentationInputs:
    n_jobs = resolve_jobs(jobs if jobs is not None else config.jobs)
    metric = check_mask_metric(config)
    found = examine_pairs(config, cache_folder, n_jobs, reporter, findings)
    dataset, marks, codes = found.dataset, found.marks, found.codes
    check_mask_steps(checked_augmenter(config, marks))
    reading, explanations = resolve_reading(config, marks)
    reading = replace(reading, join_series=False)  # Each file is an image with a mask of its own.
    n_channels = channels_of_images(reading, dataset, marks)
    findings += contrast_findings(marks, reading.intensity)
    usable, skipped = usable_segmenters(config)
    segmenters, doubts = without_seen(config, usable, dataset, marks)
    judging = resolve_mask_judging(config, metric, codes)
    folds = draw_mask_design(config, dataset, found.units)
    findings += [
        Finding(WARNING, "", text, "") for text in (*folds.design.warnings, *skipped, *doubts)
    ]
    return SegmentationInputs(
        config=config,
        dataset=dataset,
        masks=found.masks,
        codes=codes,
        fingerprints=tuple(marks),
        mask_facts=tuple(found.facts),
        n_channels=n_channels,
        units=found.units,
        reading=reading,
        design=folds.design,
        plan=folds.plan,
        holdout=folds.holdout,
        segmenters=tuple(segmenters),
        metric=judging.metric,
        rope=judging.rope,
        rope_words=judging.rope_words,
        n_jobs=n_jobs,
        findings=tuple(in_order(findings)),
        explanations=(
            *explanations,
            *found.explanations,
            *judging.explanations,
            *folds.explanations,
        ),
        left_out=(
            *_images_left_out(found.n_left_out),
            *(text.split(" is left out")[0] for text in skipped),
        ),
        resolved=_resolved(config, reading, codes, folds.plan, judging),
    )


def check_mask_steps(augmenter: Augmenter) -> None:
    """Refuse steps that change images and not their masks.

    Raises
    ------
    ConfigurationError
        With the step.
    """
    for named in augmenter.steps:
        if named.is_batch_step:
            raise ConfigurationError(
                f"augmentation {named.label}: does not go with task: segmentation: it mixes images "
                "with their classes, and masks have a class for each pixel. Remove it."
            )
        if not hasattr(named.step, "mask"):
            raise ConfigurationError(
                f"augmentation {named.label}: with task: segmentation, a step needs a method mask, "
                "which changes a mask as its image. Add it (return mask where only colours change)."
            )


def _resolved(
    config: Config, reading: Reading, codes: MaskCodes, plan: SplitPlan, judging: Judging
) -> dict[str, Any]:
    """Return what each `auto` became, by key."""
    return {
        "dataset.intensity": reading.intensity.as_config(),
        "dataset.classes": as_written(codes),
        **resolved_design(config.validation, plan),
        "validation.metric": judging.metric_as_written(config),
        "statistics.rope": judging.rope,
    }


def _images_left_out(n_bad: int) -> list[str]:
    if n_bad == 0:
        return []
    what = f"{n_bad} image{'s' * (n_bad != 1)} that cannot be used"
    return [f"{what} (findings.csv says which and why)"]
