"""Everything that must be known before the first feature is computed.

`check` stops here; `run` goes on from here. So whatever would make a run fail is found in this
file's functions, before any long work.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding, in_order
from bioselect.checks.images import image_findings
from bioselect.config.loading import load_config
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint, fingerprint_images
from bioselect.data.intensities import Intensity, resolve_auto
from bioselect.data.layouts import GroupRule, from_class_folders
from bioselect.data.preparation import N_COLOURS, Reading
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import Design, choose_design, independent_units
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError, UnavailableError
from bioselect.execution import resolve_jobs
from bioselect.features.base import parts_of, traits
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec, create

N_LISTED = 5


@dataclass(frozen=True)
class UsableExtractor:
    """An extractor that can be computed on this machine."""

    spec: ComponentSpec
    extractor: Any


@dataclass(frozen=True)
class StudyInputs:
    """A configuration whose every `auto` is resolved, and the images it speaks of."""

    config: Config
    dataset: ImageDataset
    fingerprints: tuple[ImageFingerprint, ...]
    units: np.ndarray
    reading: Reading
    design: Design
    extractors: tuple[UsableExtractor, ...]
    classifiers: tuple[ComponentSpec, ...]
    metric: str
    rope: float
    n_jobs: int
    findings: tuple[Finding, ...]
    explanations: tuple[str, ...]
    left_out: tuple[str, ...]
    resolved: dict[str, Any]


def read_study_inputs(
    config: Config, cache_folder: Path, jobs: int | None, reporter: Reporter
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

    Raises
    ------
    BioselectError
        If the images or the components cannot be used as configured.
    """
    n_jobs = resolve_jobs(jobs if jobs is not None else config.jobs)
    dataset, notes = read_dataset(config)
    reporter.say(_dataset_in_words(dataset))
    marks = fingerprint_images(dataset.records, cache_folder / "images.jsonl", reporter, n_jobs)
    findings = [Finding(NOTE, "", note, "") for note in notes]
    findings += image_findings(
        dataset.records, marks, excluding=config.dataset.on_bad_image == "exclude"
    )
    n_bad = sum(bool(mark.error) for mark in marks)
    dataset, marks = _without_bad_images(config, dataset, marks)
    reading, explanations = _resolve_reading(config, marks)
    extractors, skipped = _usable_extractors(config)
    _check_channels(extractors, reading, dataset, marks)
    units = independent_units(
        dataset.groups,
        [mark.pixels_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
    )
    validation = config.validation
    design = choose_design(
        dataset.class_indices(), units, validation.folds, validation.repeats, dataset.class_names
    )
    findings += [Finding(WARNING, "", text, "") for text in design.warnings]
    findings += [
        Finding(WARNING, "", f"{label} is left out: {reason}", "")
        for label, reason in skipped.items()
    ]
    metric = "balanced_accuracy" if validation.metric == "auto" else validation.metric
    rope = 0.01 if config.statistics.rope == "auto" else float(config.statistics.rope)
    return StudyInputs(
        config=config,
        dataset=dataset,
        fingerprints=tuple(marks),
        units=units,
        reading=reading,
        design=design,
        extractors=tuple(extractors),
        classifiers=tuple(with_dummy(config.classifier_specs)),
        metric=metric,
        rope=rope,
        n_jobs=n_jobs,
        findings=tuple(in_order(findings)),
        explanations=tuple(explanations),
        left_out=(*_images_left_out(n_bad), *_extractors_left_out(skipped)),
        resolved={
            "dataset.intensity": reading.intensity.as_config(),
            "validation.folds": design.n_folds,
            "validation.repeats": design.n_repeats,
            "validation.metric": metric,
            "statistics.rope": rope,
        },
    )


def as_config(config: Config | Path | str) -> Config:
    """Return the configuration itself, or read it from its file."""
    return config if isinstance(config, Config) else load_config(Path(config))


def read_dataset(config: Config) -> tuple[ImageDataset, list[str]]:
    """Read the folder or table that the configuration names."""
    section = config.dataset
    if section.path is not None:
        return from_class_folders(section.path, section.group_rule)
    if section.table is None or section.image is None:  # the configuration makes sure of it
        raise DataError("dataset: neither a folder nor a table with an image column is named.")
    return from_table(
        section.table, section.image, section.target, section.group_rule, section.root
    )


def group_rule_of_column(column: str | None) -> GroupRule | None:
    """Return the rule that reads the group from a table's column."""
    return None if column is None else GroupRule(column=column, folder_level=None, pattern=None)


def with_dummy(classifiers: list[ComponentSpec]) -> list[ComponentSpec]:
    """Add the floor of every study, the classifier that looks at no feature."""
    if any(spec.name == "dummy" for spec in classifiers):
        return list(classifiers)
    return [*classifiers, ComponentSpec.of("dummy")]


def _dataset_in_words(dataset: ImageDataset) -> str:
    counts = Counter(str(record.target) for record in dataset.records)
    classes = ", ".join(f"{name} {counts[name]}" for name in dataset.class_names)
    groups = {record.group for record in dataset.records if record.group is not None}
    grouped = f", {len(groups)} groups" if groups else ", no groups declared"
    return f"{dataset.name}: {dataset.n_images} images ({classes}){grouped}"


def _without_bad_images(
    config: Config, dataset: ImageDataset, marks: list[ImageFingerprint]
) -> tuple[ImageDataset, list[ImageFingerprint]]:
    bad = [mark for mark in marks if mark.error]
    if bad and config.dataset.on_bad_image == "stop":
        listed = "\n".join(f"  {mark.error}" for mark in bad[:N_LISTED])
        more = f"\n  ... and {len(bad) - N_LISTED} more" if len(bad) > N_LISTED else ""
        raise DataError(
            f"{len(bad)} of {len(marks)} images cannot be read. Repair or remove them, or write "
            f"`on_bad_image: exclude` under `dataset:`.\n{listed}{more}"
        )
    good = [place for place, mark in enumerate(marks) if not mark.error]
    records = tuple(dataset.records[place] for place in good)
    present = {record.target for record in records}
    class_names = tuple(name for name in dataset.class_names if name in present)
    if not records:
        raise DataError(f"{dataset.root}: none of the {len(marks)} images can be read.")
    return (
        replace(dataset, records=records, class_names=class_names),
        [marks[place] for place in good],
    )


def _images_left_out(n_bad: int) -> list[str]:
    if n_bad == 0:
        return []
    what = "1 image is" if n_bad == 1 else f"{n_bad} images are"
    return [f"{what} left out as unreadable (findings.csv says which and why)"]


def _extractors_left_out(skipped: dict[str, str]) -> list[str]:
    return [
        f"{label} is left out: it needs what cannot be had here (findings.csv says what)"
        for label in skipped
    ]


def _resolve_reading(config: Config, marks: list[ImageFingerprint]) -> tuple[Reading, list[str]]:
    section = config.dataset
    explanations = []
    if section.intensity == "auto":
        intensity, why = resolve_auto(
            {mark.dtype for mark in marks},
            min(mark.minimum for mark in marks),
            max(mark.maximum for mark in marks),
        )
        explanations.append(f"intensity: {intensity.as_config()} ({why})")
    else:
        intensity = Intensity.from_config(section.intensity)
    channels = None if section.channels is None else tuple(section.channels)
    repeat_grey = {mark.n_channels for mark in marks} == {1, N_COLOURS}
    if repeat_grey:
        explanations.append(
            "channels: the set mixes grey and colour images; grey ones get three equal channels"
        )
    return Reading(intensity, channels, repeat_grey), explanations


def _usable_extractors(config: Config) -> tuple[list[UsableExtractor], dict[str, str]]:
    """Create every extractor and make sure that what it needs is there.

    All that cannot be had are named in one error, unless they may be skipped.
    """
    usable, problems = [], []
    skipped: dict[str, str] = {}
    for spec in config.extractor_specs:
        extractor = create("extractor", spec, config.base_dir)
        try:
            for part in parts_of(extractor):
                if hasattr(part, "check_available"):
                    part.check_available()
        except UnavailableError as error:
            if config.may_skip(spec):
                skipped[spec.label] = str(error)
            else:
                problems.append(f"{spec.label}: {error}")
            continue
        usable.append(UsableExtractor(spec, extractor))
    if problems:
        raise UnavailableError(
            "\n".join(problems)
            + "\nTo run without what cannot be had, write `on_unavailable: skip`."
        )
    if not usable:
        raise UnavailableError("no extractor is left: all of them had to be skipped.")
    return usable, skipped


def _check_channels(
    extractors: list[UsableExtractor],
    reading: Reading,
    dataset: ImageDataset,
    marks: list[ImageFingerprint],
) -> None:
    """Stop before the work when images do not have the channels that an extractor takes."""
    problems = []
    for usable in extractors:
        wanted = {traits(part).n_channels for part in parts_of(usable.extractor)} - {None}
        if not wanted:
            continue
        for record, mark in zip(dataset.records, marks, strict=True):
            problem = channel_problem(mark.n_channels, reading.channels)
            if problem:
                problems.append(
                    f"{usable.spec.label} accepts images with 3 channels. {problem} "
                    f"({record.image_id})."
                )
                break
    if problems:
        raise DataError("\n".join(problems))


def channel_problem(n_channels: int, channels: tuple[int, ...] | None) -> str:
    """Return why an image cannot go to a three-channel network, or nothing.

    Examples
    --------
    >>> channel_problem(1, None), channel_problem(5, (0, 2, 4))
    ('', '')
    >>> channel_problem(5, None)
    'Choose three with dataset.channels, for example [0, 1, 2]. Got 5'
    """
    if channels is None:
        if n_channels in (1, 3):
            return ""
        return f"Choose three with dataset.channels, for example [0, 1, 2]. Got {n_channels}"
    if max(channels) < n_channels or n_channels == 1:
        return ""
    return (
        f"dataset.channels asks for channel {max(channels)}, counted from 0. "
        f"Got an image with {n_channels}"
    )
