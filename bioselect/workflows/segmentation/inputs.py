"""Everything that must be known before the first segmenter is trained.

`check` stops here; `run` goes on from here, as with
:mod:`bioselect.workflows.study_inputs`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.checks.findings import WARNING, Finding, in_order
from bioselect.checks.masks import mask_findings
from bioselect.checks.unreadable import UNREADABLE
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts, read_mask_facts
from bioselect.data.mask_pairs import MaskedImages
from bioselect.data.pair_file import PairDemand
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageDataset, Source
from bioselect.data.splitting import Design, Fold, SplitPlan, independent_units
from bioselect.exceptions import DataError
from bioselect.execution import resolve_jobs
from bioselect.metrics.base import ChosenMetric
from bioselect.progress import Reporter
from bioselect.workflows.augmentation_use import checked_augmenter
from bioselect.workflows.examination import (
    examine_images,
    examine_scaling,
    refuse_unfit,
    told_if_refused,
    without_bad_images,
)
from bioselect.workflows.judging import Judging
from bioselect.workflows.resolved_reading import resolve_reading
from bioselect.workflows.segmentation.codes import as_written, resolved_codes
from bioselect.workflows.segmentation.designs import draw_mask_design
from bioselect.workflows.segmentation.judging import check_mask_metric, resolve_mask_judging
from bioselect.workflows.segmentation.listing import list_pairs
from bioselect.workflows.segmentation.usable_segmenters import (
    UsableSegmenter,
    channels_of_images,
    usable_segmenters,
)
from bioselect.workflows.study_designs import resolved_design
from bioselect.workflows.study_inputs import KNOWN_IMAGES


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
        masks = zip(self.masks, (one.sha256 for one in self.mask_facts), strict=True)
        return PairDemand(
            tuple(self.images), tuple(masks), self.codes, self.reading, self.n_channels
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


@dataclass(frozen=True)
class _Examined:
    """The pairs that can be used, and what is in each."""

    dataset: ImageDataset
    masks: tuple[Path, ...]
    marks: list[ImageFingerprint]
    facts: list[MaskFacts]
    codes: MaskCodes
    explanations: list[str]


def _inputs(
    config: Config,
    cache_folder: Path,
    jobs: int | None,
    reporter: Reporter,
    findings: list[Finding],
) -> SegmentationInputs:
    n_jobs = resolve_jobs(jobs if jobs is not None else config.jobs)
    metric = check_mask_metric(config)
    found = _examined(config, cache_folder, n_jobs, reporter, findings)
    dataset, marks, codes = found.dataset, found.marks, found.codes
    checked_augmenter(config, marks)
    reading, explanations = resolve_reading(config, marks)
    reading = replace(reading, join_series=False)  # Each file is an image with a mask of its own.
    n_channels = channels_of_images(reading, dataset, marks)
    segmenters, skipped = usable_segmenters(config)
    units = independent_units(
        dataset.groups,
        [mark.picture_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
    )
    judging = resolve_mask_judging(config, metric, codes)
    folds = draw_mask_design(config, dataset, units)
    findings += [Finding(WARNING, "", text, "") for text in (*folds.design.warnings, *skipped)]
    n_bad = sum(item.kind in (UNREADABLE, "no mask") for item in findings)
    return SegmentationInputs(
        config=config,
        dataset=dataset,
        masks=found.masks,
        codes=codes,
        fingerprints=tuple(marks),
        mask_facts=tuple(found.facts),
        n_channels=n_channels,
        units=units,
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
        left_out=(*_images_left_out(n_bad), *(text.split(" is left out")[0] for text in skipped)),
        resolved=_resolved(config, reading, codes, folds.plan, judging),
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


def _examined(
    config: Config,
    cache_folder: Path,
    n_jobs: int,
    reporter: Reporter,
    findings: list[Finding],
) -> _Examined:
    """Return the usable pairs and what is in each; add what was noticed to the findings."""
    section = config.dataset
    pairs, listed = list_pairs(config)
    reporter.say(_pairs_in_words(pairs))
    findings += listed
    refuse_unfit(findings, where=f"{section.path or section.table}: ")
    dataset = pairs.dataset
    marks, more = examine_images(section, dataset, cache_folder / KNOWN_IMAGES, n_jobs, reporter)
    findings += more
    mask_of = dict(zip((one.image_id for one in dataset.records), pairs.masks, strict=True))
    dataset, marks = without_bad_images(section, dataset, marks)
    findings += examine_scaling(section, dataset, marks)
    masks = tuple(mask_of[record.image_id] for record in dataset.records)
    facts = read_mask_facts(
        [record.image_id for record in dataset.records], masks, reporter, n_jobs
    )
    bad = [one for one in facts if one.error]
    if bad:
        raise DataError("\n".join(f"{one.mask_id}: {one.error}" for one in bad[:5]))
    codes, explanations = resolved_codes(section, facts)
    findings += mask_findings(dataset.records, marks, facts, codes)
    refuse_unfit(findings)
    return _Examined(dataset, masks, marks, facts, codes, explanations)


def _pairs_in_words(pairs: MaskedImages) -> str:
    dataset = pairs.dataset
    groups = {record.group for record in dataset.records if record.group is not None}
    grouped = f", {len(groups)} groups" if groups else ", no groups declared"
    return f"{dataset.name}: {dataset.n_images} images with masks{grouped}"


def _images_left_out(n_bad: int) -> list[str]:
    if n_bad == 0:
        return []
    what = f"{n_bad} image{'s' * (n_bad != 1)} that cannot be used"
    return [f"{what} (findings.csv says which and why)"]
