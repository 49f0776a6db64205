"""All decisions about a data set together, as a file and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioselect.config.task_keys import CLASSIFICATION, REGRESSION
from bioselect.data.records import ImageDataset
from bioselect.exceptions import DataError
from bioselect.execution import resolve_jobs
from bioselect.progress import Reporter
from bioselect.workflows.proposal.candidates import candidates
from bioselect.workflows.proposal.choices import Choice, counted, listed, sentence, wrapped
from bioselect.workflows.proposal.group_choice import Division, divide, usual_metric
from bioselect.workflows.proposal.looking import Looks, look_at
from bioselect.workflows.proposal.looks_in_words import images_in_words
from bioselect.workflows.proposal.output_folder import output_folder
from bioselect.workflows.proposal.reading_choices import reading_choices
from bioselect.workflows.proposal.source import Source
from bioselect.workflows.proposal.yaml_text import Page, yaml_text
from bioselect.workflows.targets import counts_in_words

SEED = 0
SEVERAL_LABELS = (
    "An image may have several labels, or none: each is learnt by a classifier of its own, and an "
    "image is said to have those whose probability is above one half."
)
_MOST_CLASSES = 20
_WIDTH = 100


@dataclass(frozen=True)
class Proposal:
    """A configuration as text, and in words what was found, decided and is to be looked at."""

    text: str
    in_words: str


def proposal_for(source: Source, file: Path, jobs: int | None, reporter: Reporter) -> Proposal:
    """Look at some images, decide everything, and write it down.

    Parameters
    ----------
    source : Source
        The data set.
    file : Path
        Where the configuration will lie.
    jobs : int or None
        Threads that read images.
    reporter : Reporter
        Told about progress.
    """
    looks = look_at(source.dataset, resolve_jobs(jobs), reporter)
    reading = reading_choices(looks, source.path)
    try:
        division = divide(source, looks)
    except DataError as error:
        raise DataError(f"{error} {source.remark}".rstrip()) from error
    found = _found(source.dataset, looks)
    of_numbers = source.dataset.is_values
    chosen = candidates(looks, class_counts(source.dataset), of_numbers)
    keys = tuple(_absolute(choice) for choice in source.keys)
    folder = file.absolute().parent
    images = source.path if source.is_folder else None
    page = Page(
        folder=folder,
        file=file,
        found=found,
        dataset=(*keys, division.group, *reading),
        candidates=chosen,
        validation=validation_choices(division, source.dataset),
        task=REGRESSION if of_numbers else CLASSIFICATION,
        output=output_folder(source.name, folder, images),
    )
    return Proposal(yaml_text(page), _in_words(source, page, looks))


def class_counts(dataset: ImageDataset) -> list[int]:
    """Return how many images each class has; nothing of labels and numbers."""
    if dataset.is_multilabel or dataset.is_values:
        return []
    counts = np.bincount(dataset.class_indices(), minlength=len(dataset.class_names))
    return [int(count) for count in counts]


def _absolute(choice: Choice) -> Choice:
    if not isinstance(choice.value, Path):
        return choice
    return replace(choice, value=choice.value.absolute())


def _found(dataset: ImageDataset, looks: Looks) -> tuple[str, ...]:
    """Return what the data set is, a line each."""
    if dataset.is_values:
        return (
            f"{counted(dataset.n_images, 'image')}, each with a number: {counts_in_words(dataset)}",
            f"{images_in_words(looks)} ({looks.extent} read)",
        )
    what = "labels" if dataset.is_multilabel else "classes"
    counts = counts_in_words(dataset)
    if len(dataset.class_names) > _MOST_CLASSES:
        counts = listed(dataset.class_names, _MOST_CLASSES)
    several = (SEVERAL_LABELS,) if dataset.is_multilabel else ()
    return (
        f"{counted(dataset.n_images, 'image')} of {len(dataset.class_names)} {what}: {counts}",
        f"{images_in_words(looks)} ({looks.extent} read)",
        *several,
    )


def validation_choices(division: Division, dataset: ImageDataset) -> tuple[Choice, ...]:
    """Return the keys of `validation`, with reasons."""
    plan, warnings = division.folds.plan, division.folds.design.warnings
    metric, what = str(usual_metric(dataset)), "label" if dataset.is_multilabel else "class"
    alike = f"every {what} counts alike"
    meaning = f"The score that decides: in this one {alike}."
    if dataset.is_values:
        alike = "the mean absolute error, in the unit of the numbers"
        meaning = "The score that decides: by how much predictions are off on average."
    folds = f"The images are divided into {plan.n_folds} parts; each is the test part once."
    repeats = (
        "How often they are divided anew: more often the fewer images (or groups, where there are "
        f"any) are independent of each other, here {division.n_units:,}."
    )
    words = (
        f"validation: {plan.n_folds} folds, drawn {counted(plan.n_repeats, 'time')}; "
        f"{metric.replace('_', ' ')} decides ({alike})."
    )
    warned = " ".join(map(sentence, warnings))
    if warned:
        words = f"{words} {warned}"
    return (
        Choice("folds", plan.n_folds, f"{folds} {warned}".strip(), words, bool(warned)),
        Choice("repeats", plan.n_repeats, repeats),
        Choice("metric", metric, meaning),
        Choice("seed", SEED, "The same seed gives the same result."),
    )


def _in_words(source: Source, page: Page, looks: Looks) -> str:
    """Return what a person reads on the terminal."""
    choices = [*page.dataset, *page.validation]
    said = [choice.in_words for choice in choices if choice.in_words and not choice.to_look_at]
    to_look_at = [choice.in_words for choice in choices if choice.in_words and choice.to_look_at]
    lines = [f"Found in {source.path}:", *items(page.found[:2]), *items(source.notes), ""]
    lines += ["Decided:", *items([*said, *_compared(page)])]
    if not looks.is_complete:
        some = "" if source.dataset.is_values else ", some of each class"
        to_look_at.append(f"Only {looks.extent} were read{some}. `bioselect check` reads all.")
    if source.dataset.is_multilabel:
        to_look_at.insert(0, SEVERAL_LABELS)
    if to_look_at:
        lines += ["", "Please look at:", *items(to_look_at)]
    return "\n".join(lines)


def _compared(page: Page) -> list[str]:
    found = page.candidates
    descriptors = [one.name for one in found.descriptors]
    estimators = [one.name for one in found.estimators if not one.params]
    weighted = f" {found.why_weighted}." if found.why_weighted else ""
    kind = "regressors" if page.task == REGRESSION else "classifiers"
    return [
        f"extractors: {', '.join(descriptors)}, and the network {found.networks_in_words}.",
        f"{kind}: {', '.join(estimators)}.{weighted}",
    ]


def items(texts: Iterable[str]) -> list[str]:
    """Return texts as a list for a terminal."""
    lines: list[str] = []
    for text in texts:
        first, *others = wrapped(text, _WIDTH - 4)
        lines += [f"  - {first}", *(f"    {line}" for line in others)]
    return lines
