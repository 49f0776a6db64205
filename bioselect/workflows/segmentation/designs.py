"""How the images of a segmentation study are divided: folds over units, or one split."""

from __future__ import annotations

import numpy as np

from bioselect.config.sections import Config
from bioselect.data.plain_folds import choose_plain_design, draw_plain_folds, draw_plain_parts
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import Fold, SplitPlan
from bioselect.exceptions import DataError
from bioselect.workflows.study_designs import few_repeats
from bioselect.workflows.study_folds import StudyFolds
from bioselect.workflows.written_parts import PARTS, crossing, part_numbers, written_parts


def draw_mask_design(config: Config, dataset: ImageDataset, units: np.ndarray) -> StudyFolds:
    """Divide the images as the configuration asks; there are no classes to be balanced in.

    Raises
    ------
    BioselectError
        If there are too few images, a part is empty, or the design is not to be had.
    """
    if config.validation.split is not None:
        return _one_split(config, dataset, units)
    validation, why = few_repeats(config)
    design = choose_plain_design(units, validation.folds, validation.repeats)
    plan = draw_plain_folds(units, design.n_folds, design.n_repeats, validation.seed)
    if plan.n_repeats < design.n_repeats:
        why.append(
            f"repeats: {plan.n_repeats} ({design.n_repeats} were meant, but no further way to "
            f"divide these images into {plan.n_folds} folds was found)"
        )
    return StudyFolds(design, plan, tuple(why))


def _one_split(config: Config, dataset: ImageDataset, units: np.ndarray) -> StudyFolds:
    split, seed = config.validation.split, config.validation.seed
    usual = choose_plain_design(units, "auto", "auto")
    warnings = list(usual.warnings)
    if isinstance(split, tuple):
        part_of = draw_plain_parts(units, split, seed)
        origin = "drawn at random"
    else:
        part_of = part_numbers(written_parts(config, dataset), dataset)
        warnings += crossing(part_of, dataset, units)
        origin = "as the data set has it"
    train, validation, test = (np.flatnonzero(part_of == number) for number in range(len(PARTS)))
    for name, some in zip(PARTS, (train, validation, test), strict=True):
        if not len(some):
            raise DataError(f"validation.split: the {name} part must hold images. Got none.")
    sizes = ", ".join(
        f"{len(some)} {name}" for name, some in zip(PARTS, (train, validation, test), strict=True)
    )
    words = f"one split, {origin} ({sizes} images)"
    plan = SplitPlan((Fold(0, 0, train, validation),), 1, 1, seed, words)
    holdout = Fold(0, 1, np.sort(np.concatenate([train, validation])), test)
    design = type(usual)(1, 1, tuple(warnings), usual.exploratory)
    return StudyFolds(design, plan, (), holdout)
