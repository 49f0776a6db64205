"""All decisions about images with masks together, as a file and in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from bioselect.data.plain_folds import choose_plain_design, draw_plain_folds
from bioselect.data.records import ImageDataset
from bioselect.exceptions import DataError
from bioselect.execution import resolve_jobs
from bioselect.progress import Reporter
from bioselect.segmenters.builtin import SEGMENTERS
from bioselect.workflows.proposal.choices import Choice, counted, sentence
from bioselect.workflows.proposal.group_choice import Division, divide
from bioselect.workflows.proposal.looking import Looks, look_at
from bioselect.workflows.proposal.looks_in_words import images_in_words
from bioselect.workflows.proposal.mask_codes import MaskLooks, look_at_masks, on_bad_image
from bioselect.workflows.proposal.mask_source import MaskSource
from bioselect.workflows.proposal.output_folder import output_folder
from bioselect.workflows.proposal.proposing import SEED, Proposal, items
from bioselect.workflows.proposal.reading_choices import reading_choices
from bioselect.workflows.proposal.yaml_text import (
    WIDTH,
    comment,
    first_comments,
    output_lines,
    section,
    value,
)
from bioselect.workflows.study_folds import StudyFolds

#: What is proposed, the networks first, then what they have to beat.
_PROPOSED = ("unet", "otsu", "pixel_forest")
#: Most classes that a threshold can tell apart.
_MOST_OF_OTSU = 4
_STEPS = ("horizontal_flip", "vertical_flip", "rotation")
_WHY_NETWORKS = (
    "What learns the masks, all on the same folds, and the baselines that it has to beat. "
    "`bioselect components segmenter` lists more, `bioselect components segmenter unet` the "
    "parameters of one."
)
_WHY_STEPS = (
    "What is done to training images and their masks alike, anew in each epoch. Remove what does "
    "not suit: images that have an above and below must not be turned. `bioselect augment` draws "
    "it."
)
_MASKED = "task: segmentation, as there is a folder of masks beside that of images."


def mask_proposal_for(
    found: MaskSource, file: Path, jobs: int | None, reporter: Reporter
) -> Proposal:
    """Look at some images and masks, decide everything, and write it down.

    Parameters
    ----------
    found : MaskSource
        Images with masks.
    file : Path
        Where the configuration will lie.
    jobs : int or None
        Threads that read.
    reporter : Reporter
        Told about progress.
    """
    source, n_jobs = found.source, resolve_jobs(jobs)
    looks = look_at(source.dataset, n_jobs, reporter)
    *reading, bad = reading_choices(looks, source.path)
    if looks.stack is not None and looks.stack.lists_planes:
        raise DataError(
            f"{source.path}: each file must be one image with one mask. Got {looks.planes}. Save "
            "the planes as files, or write dataset.stack yourself (configs/segmentation.yaml)."
        )
    masks = look_at_masks(found, looks, n_jobs, reporter)
    division = divide(source, looks, _draw)
    absolute = (replace(one, value=one.value.absolute()) for one in source.keys)
    dataset = (
        *absolute,
        *masks.classes,
        _without_class_folder(division.group),
        *map(_without_descriptors, reading),
        _without_descriptors(on_bad_image(found, masks, bad)),
    )
    what = (
        f"{counted(source.dataset.n_images, 'image')} with masks",
        f"{images_in_words(looks)} ({looks.extent} read)",
        masks.shares,
    )
    validation = _validation(division)
    text = _text(file, what, dataset, validation, masks, source.name)
    return Proposal(text, _in_words(found, what, (*dataset, *validation), masks, looks))


def _draw(dataset: ImageDataset, units: np.ndarray) -> StudyFolds:
    """Draw the folds that a run would draw."""
    design = choose_plain_design(units, "auto", 1)
    plan = draw_plain_folds(units, design.n_folds, design.n_repeats, SEED)
    return StudyFolds(design, plan, ())


def _without_class_folder(group: Choice) -> Choice:
    """Return the choice of a group with an example in which no folder is a class."""
    return replace(group, why=group.why.replace('"^[^/]+/([^_]+)_"', '"^([^_]+)_"'))


def _without_descriptors(choice: Choice) -> Choice:
    """Return a choice whose comment does not speak of descriptors, which this task has not."""
    if choice.key != "channels":
        return choice
    if choice.value is None:
        return replace(choice, why="All channels of the images are used; grey ones are repeated "
                       "where the set mixes grey and colour.")  # fmt: skip
    words = "all channels of the images are used. Which ones can be chosen, counted from 0"
    return replace(
        choice, value=None, why=f"{sentence(words)}, for example [0, 1].", in_words="",
        to_look_at=False,
    )  # fmt: skip


def _validation(division: Division) -> tuple[Choice, ...]:
    plan, warnings = division.folds.plan, division.folds.design.warnings
    warned = " ".join(map(sentence, warnings))
    folds = (
        f"The images are divided into {plan.n_folds} parts; each is the test part once. Networks "
        "are trained anew for each. In place of folds and repeats, split: [0.7, 0.2, 0.1] trains "
        f"once and opens the test part at the end. {warned}"
    )
    words = f"validation: {plan.n_folds} folds; dice decides. {warned}"
    return (
        Choice("folds", plan.n_folds, folds.strip(), words.strip(), bool(warned)),
        Choice("repeats", plan.n_repeats, "How often they are divided anew."),
        Choice("metric", "dice", "The score that decides, the mean over images."),
        Choice("seed", SEED, "The same seed gives the same result."),
    )


def _networks(masks: MaskLooks) -> list[str]:
    """Return what is proposed, of what there is; thresholds only for few classes."""
    names = [name for name in _PROPOSED if name in SEGMENTERS]
    if masks.codes.n_classes > _MOST_OF_OTSU:
        names.remove("otsu")
    return names


def _text(
    file: Path,
    what: tuple[str, ...],
    dataset: tuple[Choice, ...],
    validation: tuple[Choice, ...],
    masks: MaskLooks,
    name: str,
) -> str:
    folder = file.absolute().parent
    names = _networks(masks)
    width = max(map(len, names)) + 4
    lines = [
        *first_comments(file, what),
        "task: segmentation",
        "",
        "dataset:",
        *section(dataset, folder),
        "",
        *comment(_WHY_NETWORKS),
        "networks:",
        *(_short(f"{f'  - {one}':<{width}}  # {SEGMENTERS[one].summary}") for one in names),
        "",
        *comment(_WHY_STEPS),
        f"augmentation: {value(list(_STEPS))}",
        "",
        "validation:",
        *section(validation, folder),
        "",
        *output_lines(output_folder(name, folder, None), folder),
    ]
    return "\n".join(lines) + "\n"


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3].rsplit(' ', 1)[0]} ..."


def _in_words(
    found: MaskSource,
    what: tuple[str, ...],
    choices: tuple[Choice, ...],
    masks: MaskLooks,
    looks: Looks,
) -> str:
    """Return what a person reads on the terminal."""
    source = found.source
    said = [one.in_words for one in choices if one.in_words and not one.to_look_at]
    to_look_at = [one.in_words for one in choices if one.in_words and one.to_look_at]
    if found.others:
        to_look_at.append(
            f"masks: {found.masks.name} is used; {' and '.join(found.others)} could stand there "
            "instead."
        )
    n_alone = len(found.pairs.without_image)
    if n_alone:
        to_look_at.append(
            f"{counted(n_alone, 'mask')} without an image of the name (such as "
            f"{found.pairs.without_image[0]}) {'is' if n_alone == 1 else 'are'} not used."
        )
    if not looks.is_complete:
        to_look_at.append(f"Only {looks.extent} were read. `bioselect check` reads all.")
    networks = f"networks: {', '.join(_networks(masks))}."
    lines = [f"Found in {source.path}:", *items(what), *items(source.notes), ""]
    lines += ["Decided:", *items([_MASKED, *said, networks])]
    lines += ["", "Please look at:", *items(to_look_at)]
    return "\n".join(lines)
