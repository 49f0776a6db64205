"""How the images of a study are divided: folds, random splits, or one split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bioselect.config.sections import Config
from bioselect.config.validation_section import ValidationSection
from bioselect.data.random_splits import draw_parts, draw_splits
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import DEFAULT_FOLDS, Design, Fold, SplitPlan
from bioselect.data.target_folds import choose_target_design
from bioselect.exceptions import DataError
from bioselect.metrics.base import Metric
from bioselect.selection.significance import effective_folds
from bioselect.workflows.nested_study import draw_outer_folds
from bioselect.workflows.slow_training import slow_training_in_words
from bioselect.workflows.study_folds import (
    StudyFolds,
    draw_study_folds,
    n_folds_without_value,
    what_differs,
)
from bioselect.workflows.written_parts import PARTS, crossing, part_numbers, written_parts

DEFAULT_TEST_SIZE = 0.2


def draw_design(
    config: Config, dataset: ImageDataset, units: np.ndarray, metric: Metric
) -> StudyFolds:
    """Divide the images as the configuration asks, and make sure that each part can be judged.

    What learns too slowly from so many images in so many folds is among the warnings.

    Raises
    ------
    BioselectError
        If there are too few images, a part lacks what it needs, or the design is not to be had.
    """
    folds = _drawn(config, dataset, units, metric)
    n_train = [*(len(fold.train) for fold in folds.all_folds), dataset.n_images]
    n_extractors = max(1, len(config.extractors))
    slow = slow_training_in_words(config.estimator_specs, n_train, n_extractors)
    warnings = (*folds.design.warnings, *slow)
    return replace(folds, design=replace(folds.design, warnings=warnings))


def _drawn(config: Config, dataset: ImageDataset, units: np.ndarray, metric: Metric) -> StudyFolds:
    validation, why = few_repeats(config)
    if validation.splits is None and validation.split is None:
        folds = draw_study_folds(dataset, units, validation, metric)
        folds = replace(folds, explanations=(*folds.explanations, *why))
        if validation.honest != "nested":
            return folds
        outer = draw_outer_folds(dataset.targets(), units, folds.plan, metric)
        return replace(folds, outer_folds=outer)
    if validation.splits is not None:
        return _random_splits(dataset, units, validation, metric)
    return _one_split(config, dataset, units, metric)


def resolved_design(validation: ValidationSection, plan: SplitPlan) -> dict[str, Any]:
    """Return what the configuration of a run says of the division, by key."""
    if validation.split is not None:
        return {}
    if validation.splits is not None:
        return {
            "validation.splits": max(2, plan.n_repeats),
            "validation.test_size": _test_size(validation),
        }
    return {"validation.folds": plan.n_folds, "validation.repeats": plan.n_repeats}


def _test_size(validation: ValidationSection) -> float:
    return DEFAULT_TEST_SIZE if validation.test_size is None else validation.test_size


def _random_splits(
    dataset: ImageDataset, units: np.ndarray, validation: ValidationSection, metric: Metric
) -> StudyFolds:
    classes = dataset.targets()
    asked = validation.splits or 0
    plan = draw_splits(classes, units, asked, _test_size(validation), validation.seed)
    if any(not len(fold.test) for fold in plan.folds):
        raise DataError(
            "validation.test_size: must leave room for a group in the test part. Got "
            f"{_test_size(validation):g}, which is less than one group is of a class. Write more."
        )
    if plan.n_repeats < 2:
        raise DataError(
            "validation.splits: at least 2 different random splits are needed. Got "
            f"{plan.n_repeats}: there are too few independent images or groups. Write folds."
        )
    if n_without := n_folds_without_value(metric, classes, plan):
        raise DataError(
            f"validation.splits: must leave enough {what_differs(dataset)} in every test part for "
            f"{metric.name} to have a value. Got none in {n_without} of {plan.n_repeats} test "
            "parts. Write a larger test_size, or choose another metric."
        )
    fewer = []
    if plan.n_repeats < asked:
        fewer = [
            f"splits: {plan.n_repeats} ({asked} were meant, but no further way to divide these "
            "images was found)"
        ]
    return StudyFolds(_design(dataset, units, plan.n_repeats), plan, tuple(fewer))


def _design(
    dataset: ImageDataset, units: np.ndarray, n_repeats: int, warnings: Sequence[str] = ()
) -> Design:
    """Return the design, after the same look at the number of images as folds get."""
    usual = choose_target_design(dataset.targets(), units, "auto", "auto", dataset.class_names)
    return Design(1, n_repeats, (*usual.warnings, *warnings), usual.exploratory)


def _one_split(
    config: Config, dataset: ImageDataset, units: np.ndarray, metric: Metric
) -> StudyFolds:
    split, seed = config.validation.split, config.validation.seed
    classes = dataset.targets()
    warnings: list[str] = []
    if isinstance(split, tuple):
        _design(dataset, units, 1)  # Too few images are refused in its words.
        part_of = draw_parts(classes, units, split, seed)
        origin = f"drawn at random, stratified by {_strata(dataset)}"
    else:
        words = written_parts(config, dataset)
        part_of = part_numbers(words, dataset)
        warnings = crossing(part_of, dataset, units)
        origin = "as the data set has it"
    places = [np.flatnonzero(part_of == number) for number in range(len(PARTS))]
    _check_parts(places, classes, dataset, metric)
    train, validation, test = places
    sizes = ", ".join(f"{len(some)} {name}" for some, name in zip(places, PARTS, strict=True))
    plan = SplitPlan(
        (Fold(0, 0, train, validation),), 1, 1, seed, f"one split, {origin} ({sizes} images)"
    )
    holdout = Fold(0, 1, np.sort(np.concatenate([train, validation])), test)
    return StudyFolds(_design(dataset, units, 1, warnings), plan, (), holdout)


def _strata(dataset: ImageDataset) -> str:
    if dataset.is_values:
        return "quantiles of the target"
    return "label" if dataset.is_multilabel else "class"


def _check_training_part(targets: np.ndarray, dataset: ImageDataset) -> None:
    """Refuse a part from which a class, or a label, cannot be learnt."""
    if dataset.is_values:
        return
    if dataset.is_multilabel:
        constant = np.flatnonzero((targets == targets[0]).all(axis=0)).tolist()
        rule, not_so = "images with each label, and some without it, must be", "has no such two"
    else:
        constant = sorted(set(range(len(dataset.class_names))) - set(targets.tolist()))
        rule, not_so = "every class must be", "is not"
    if constant:
        raise DataError(
            f"validation.split: {rule} in the training part. "
            f"{dataset.class_names[constant[0]]!r} {not_so}. Choose another split."
        )


def _check_parts(
    places: Sequence[np.ndarray], classes: np.ndarray, dataset: ImageDataset, metric: Metric
) -> None:
    for name, some in zip(PARTS, places, strict=True):
        if not len(some):
            raise DataError(f"validation.split: the {name} part must hold images. Got none.")
    _check_training_part(classes[places[0]], dataset)
    for name, some in zip(PARTS[1:], places[1:], strict=True):
        alone = SplitPlan((Fold(0, 0, places[0], some),), 1, 1, 0, "")
        if n_folds_without_value(metric, classes, alone):
            raise DataError(
                f"validation.split: {metric.name} has no value on the {name} part, which lacks "
                f"{what_differs(dataset)}. Choose another split or another metric."
            )


def few_repeats(config: Config) -> tuple[ValidationSection, list[str]]:
    """Return how to validate, and why `repeats: auto` is 1 where networks are listed.

    All candidates have the same folds, and a network takes minutes or hours for each.
    """
    validation = config.validation
    if not config.networks or validation.repeats != "auto":
        return validation, []
    n_folds = DEFAULT_FOLDS if validation.folds == "auto" else int(validation.folds)
    rounds = round(effective_folds(n_folds, 1))
    worth = f"about {rounds} independent ones" if rounds > 1 else "hardly more than one"
    words = (
        f"repeats: 1 (networks are trained anew in every fold; one run of {n_folds} folds is worth "
        f"{worth}, so only large differences can be seen: write validation.repeats for more)"
    )
    return validation.model_copy(update={"repeats": 1}), [words]
