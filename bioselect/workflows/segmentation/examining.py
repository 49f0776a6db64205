"""The doctor's round of images and masks: what can be used, what is left out, what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.mask_codes import unknown_codes
from bioselect.checks.mask_contents import content_findings, ignored_masks, shares_in_words
from bioselect.checks.mask_copies import copied_masks
from bioselect.checks.mask_files import unusable_masks
from bioselect.checks.near_copies import near_links
from bioselect.config.dataset_section import DatasetSection
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts, read_mask_facts
from bioselect.data.mask_pairs import MaskedImages
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import independent_units
from bioselect.exceptions import DataError
from bioselect.progress import Reporter
from bioselect.workflows.examination import (
    examine_images,
    examine_scaling,
    refuse_unfit,
    without_bad_images,
)
from bioselect.workflows.segmentation.codes import resolved_codes
from bioselect.workflows.segmentation.listing import list_pairs
from bioselect.workflows.study_inputs import KNOWN_IMAGES

#: In the folder of the feature cache: what was found in which mask.
KNOWN_MASKS = "masks.jsonl"
_LEFT_OUT = "It is left out with its image."


@dataclass(frozen=True)
class ExaminedPairs:
    """The pairs that can be used, and what is in each; `n_left_out` are those that cannot."""

    dataset: ImageDataset
    masks: tuple[Path, ...]
    marks: list[ImageFingerprint]
    facts: list[MaskFacts]
    codes: MaskCodes
    units: np.ndarray
    explanations: list[str]
    n_left_out: int


def examine_pairs(
    config: Config,
    cache_folder: Path,
    n_jobs: int,
    reporter: Reporter,
    findings: list[Finding],
) -> ExaminedPairs:
    """Read images and masks once; add what was noticed to the findings.

    Raises
    ------
    DataError
        If some cannot be used and may not be left out, or nothing can be learnt from them.
    """
    section = config.dataset
    pairs, listed = list_pairs(config)
    reporter.say(_pairs_in_words(pairs))
    findings += listed
    refuse_unfit(findings, where=f"{section.path or section.table}: ")
    known = cache_folder / KNOWN_IMAGES
    marks, more = examine_images(section, pairs.dataset, known, n_jobs, reporter)
    findings += more
    mask_of = dict(zip((one.image_id for one in pairs.dataset.records), pairs.masks, strict=True))
    dataset, marks = without_bad_images(section, pairs.dataset, marks)
    findings += examine_scaling(section, dataset, marks)
    names = [record.image_id for record in dataset.records]
    masks = [mask_of[name] for name in names]
    facts = read_mask_facts(names, masks, cache_folder / KNOWN_MASKS, reporter, n_jobs)
    findings += _excluded(section, unusable_masks(marks, facts))
    refuse_unfit(findings)
    usable = _without(findings, dataset, marks, facts)
    codes, explanations = resolved_codes(section, usable[2])
    findings += _excluded(section, unknown_codes(usable[2], codes))
    refuse_unfit(findings)
    findings += ignored_masks(usable[2], codes, _LEFT_OUT)
    dataset, marks, facts = _without(findings, *usable)
    units = _units(dataset, marks, findings)
    findings += [*copied_masks(marks, facts), *content_findings(facts, codes, units)]
    refuse_unfit(findings)
    return ExaminedPairs(
        dataset,
        tuple(mask_of[record.image_id] for record in dataset.records),
        marks,
        facts,
        codes,
        units,
        [*explanations, shares_in_words(facts, codes)],
        len(pairs.dataset.records) - dataset.n_images + len(pairs.without_mask),
    )


def _excluded(section: DatasetSection, found: Sequence[Finding]) -> list[Finding]:
    """Return findings about masks; where such are left out, errors of single ones are warnings."""
    if section.on_bad_image != "exclude":
        return list(found)
    return [
        replace(one, severity=WARNING, remedy=_LEFT_OUT if one.image else one.remedy)
        for one in found
    ]


def _without(
    findings: Sequence[Finding],
    dataset: ImageDataset,
    marks: Sequence[ImageFingerprint],
    facts: Sequence[MaskFacts],
) -> tuple[ImageDataset, list[ImageFingerprint], list[MaskFacts]]:
    """Return the pairs that no finding leaves out.

    Raises
    ------
    DataError
        If nothing is left.
    """
    gone = {one.image for one in findings if one.remedy == _LEFT_OUT}
    kept = [place for place, one in enumerate(dataset.records) if one.image_id not in gone]
    if not kept:
        first = next(one for one in findings if one.remedy == _LEFT_OUT)
        raise DataError(
            f"{dataset.root}: none of the {dataset.n_images} masks can be used. The first: "
            f"{first.image}: {first.what}"
        )
    records = tuple(dataset.records[place] for place in kept)
    return (
        replace(dataset, records=records),
        [marks[place] for place in kept],
        [facts[place] for place in kept],
    )


def _units(
    dataset: ImageDataset, marks: Sequence[ImageFingerprint], findings: Sequence[Finding]
) -> np.ndarray:
    return independent_units(
        dataset.groups,
        [mark.picture_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
        near_links(findings, dataset.records),
    )


def _pairs_in_words(pairs: MaskedImages) -> str:
    dataset = pairs.dataset
    groups = {record.group for record in dataset.records if record.group is not None}
    grouped = f", {len(groups)} groups" if groups else ", no groups declared"
    return f"{dataset.name}: {dataset.n_images} images with masks{grouped}"
