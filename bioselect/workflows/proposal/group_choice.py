"""What belongs together, and the folds that follow from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from bioselect.checks.findings import ERROR
from bioselect.checks.listing import listing_findings, without_numbers
from bioselect.checks.patients import WORDS, GroupProposal
from bioselect.checks.stray_names import proposal_beside_strays, strays_in_words
from bioselect.config.validation_section import ValidationSection
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import MINIMUM_UNITS, independent_units
from bioselect.exceptions import DataError
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.registry import ComponentSpec
from bioselect.strict_yaml import parse_yaml
from bioselect.workflows.judging import DEFAULT_METRIC, DEFAULT_OF_LABELS, DEFAULT_OF_NUMBERS
from bioselect.workflows.proposal.choices import Choice, counted, plain, sentence
from bioselect.workflows.proposal.looking import Looks
from bioselect.workflows.proposal.source import Source
from bioselect.workflows.study_folds import StudyFolds, draw_study_folds

#: Draws the folds of a study, from its images and the unit of each.
Draw: TypeAlias = Callable[[ImageDataset, np.ndarray], StudyFolds]
_WORD = re.compile(rf"(?i)(?<![a-z])({'|'.join(WORDS)})s?(?![a-z])")
_WITHOUT = "Without it, scores are too good: the model is tested on what it was trained with."


@dataclass(frozen=True)
class Division:
    """How the images are divided: the group, the folds, and how many units are independent."""

    group: Choice
    folds: StudyFolds
    n_units: int


def usual_metric(dataset: ImageDataset) -> ChosenMetric:
    """Return the metric that decides unless somebody says otherwise."""
    name = DEFAULT_OF_LABELS if dataset.is_multilabel else DEFAULT_METRIC
    if dataset.is_values:
        name = DEFAULT_OF_NUMBERS
    return ChosenMetric(ComponentSpec(name), dataset.class_names, dataset.is_multilabel)


def usual_folds(dataset: ImageDataset, units: np.ndarray) -> StudyFolds:
    """Draw the folds of a study of classes or labels, as a run draws them."""
    return draw_study_folds(dataset, units, ValidationSection(), get_metric(usual_metric(dataset)))


def divide(source: Source, looks: Looks, draw: Draw = usual_folds) -> Division:
    """Propose what belongs together, and draw the folds that a run would draw, by `draw`.

    A group that is named as one is proposed; one that only names of files hint at is a comment.

    Raises
    ------
    DataError
        If the images cannot be divided: one class, or one with too few images.
    """
    dataset = source.dataset
    found = [
        item for item in listing_findings(dataset, None, is_grouped=True) if item.severity == ERROR
    ]
    if found:
        lines = (f"{source.path}: {item.what} {item.remedy}" for item in found)
        raise DataError("\n".join(lines))
    if source.group_column is not None:
        group = Choice("group", source.group_column, "Images of one group are never divided.")
        return _division(source, looks, draw, dataset, group)
    proposal = proposal_beside_strays(without_numbers(dataset), source.unused)
    if proposal is None:
        return _division(source, looks, draw, dataset, _no_group(dataset))
    if proposal.n_empty or not _is_told(proposal):
        return _division(source, looks, draw, dataset, _hinted(proposal))
    records = zip(dataset.records, proposal.groups, strict=True)
    grouped = replace(dataset, records=tuple(replace(one, group=name) for one, name in records))
    try:
        return _division(source, looks, draw, grouped, _told(proposal))
    except DataError as error:
        return _division(source, looks, draw, dataset, _too_few(proposal, dataset, error))


def _division(
    source: Source, looks: Looks, draw: Draw, dataset: ImageDataset, group: Choice
) -> Division:
    dataset, units = _units(dataset, looks)
    try:
        folds = draw(dataset, units)
    except DataError as error:
        raise DataError(f"{source.path}: {error}") from error
    return Division(group, folds, len(np.unique(units)))


def _units(dataset: ImageDataset, looks: Looks) -> tuple[ImageDataset, np.ndarray]:
    """Return the images that can be used, as far as is known, and what must not be divided."""
    if looks.stack is not None and looks.stack.lists_planes:
        names = [record.file_id for record in looks.records]
    else:
        names = [record.image_id for record in looks.records]
    mark_of = dict(zip(names, looks.marks, strict=True))
    records = [
        one
        for one in dataset.records
        if one.image_id not in mark_of or not mark_of[one.image_id].error
    ]
    # Which images are copies is known only if all were read.
    marks = [mark_of.get(one.image_id) for one in records]
    units = independent_units(
        [one.group for one in records],
        [
            mark.picture_sha256 if mark and looks.is_complete else one.image_id
            for mark, one in zip(marks, records, strict=True)
        ],
        [bool(mark and looks.is_complete and mark.is_constant) for mark in marks],
    )
    return replace(dataset, records=tuple(records)), units


def _is_told(proposal: GroupProposal) -> bool:
    """Tell whether a column, or a word in every group, says that these are patients or the like."""
    return isinstance(_value(proposal), str) or all(map(_WORD.search, proposal.said))


def _value(proposal: GroupProposal) -> Any:
    """Return what is written as `dataset.group`."""
    return parse_yaml(f"group: {proposal.rule}").value["group"]


def _found(proposal: GroupProposal) -> str:
    """Say what was found, and where."""
    value = _value(proposal)
    (commonest, count) = Counter(proposal.groups).most_common(1)[0]
    if isinstance(value, str):
        where = f"the column {value!r} names"
    elif "level" in value:
        where = f"the folders at level {value['level']} look like"
    else:
        where = "the names of the files look like those of"
    return (
        f"{where} {counted(proposal.n_groups, 'group')} of images that belong together, such as "
        f"{plain(commonest)} with {counted(count, 'image')}"
    )


def _told(proposal: GroupProposal) -> Choice:
    words = f"{_found(proposal)}. Images of one group are never on both sides of a test."
    if proposal.strays:
        words += f" Beside them, {plain(strays_in_words(proposal.strays))}."
    why = (
        f"{sentence(words)} If these are not patients, slides, plates or the like, remove the line."
    )
    return Choice("group", _value(proposal), why, f"group: {words}", to_look_at=True)


def _hinted(proposal: GroupProposal) -> Choice:
    if_these = "If these are patients, slides, plates or the like"
    if proposal.n_empty:
        if_these += f", fill its {counted(proposal.n_empty, 'empty cell')} and"
    else:
        if_these += ","
    why = f"{sentence(_found(proposal))}. {if_these} take the # away from the next line. {_WITHOUT}"
    words = (
        f"group: {_found(proposal)}. {if_these} switch on the line `group:` in the file. {_WITHOUT}"
    )
    return Choice("group", _value(proposal), why, words, to_look_at=True, is_active=False)


def _too_few(proposal: GroupProposal, dataset: ImageDataset, error: DataError) -> Choice:
    """Switch off a group with which the images cannot be divided."""
    targets = [record.target_text for record in dataset.records]
    counts = Counter(target for target, _ in set(zip(targets, proposal.groups, strict=True)))
    fewest = min(sorted(counts), key=lambda name: counts[name])
    reason = str(error)
    if counts[fewest] < MINIMUM_UNITS and dataset.class_names and not dataset.is_multilabel:
        reason = (
            f"class {plain(fewest)!r} has {counts[fewest]} of them, and a study needs "
            f"{MINIMUM_UNITS} in each class."
        )
    words = (
        f"{_found(proposal)}, but too few to keep each together: {reason} So the line `group:` is "
        f"switched off. {_WITHOUT} Collect images of more of them."
    )
    return Choice(
        "group", _value(proposal), sentence(words), f"group: {words}", True, is_active=False
    )


def _no_group(dataset: ImageDataset) -> Choice:
    if any(record.part and record.path.suffix.lower() == ".npz" for record in dataset.records):
        why = "An .npz file does not say which images are of one patient; each stands for itself."
        return Choice("group", None, why)
    if any(record.group is not None for record in dataset.records):
        why = (
            "The headers of the DICOM files say which images belong together (of one patient, "
            "study or series); these are never divided. What is named here is used in their place."
        )
        return Choice("group", None, why)
    why = (
        "What belongs together (a patient, a slide, a plate) and must not be divided between "
        "training and test; nothing here looks like it. It may be a column of a table, a folder "
        '({level: 2}) or a part of the name ({pattern: "^[^/]+/([^_]+)_"}).'
    )
    words = (
        "group: nothing looks like patients, slides or plates. If there are several images of one, "
        "say so with `group:` in the configuration."
    )
    return Choice("group", None, why, words, to_look_at=True)
