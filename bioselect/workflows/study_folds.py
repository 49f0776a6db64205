"""The folds of a study: drawn before any work, each with a value of the deciding metric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.config.validation_section import ValidationSection
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import Design, Fold, SplitPlan
from bioselect.data.target_folds import choose_target_design, draw_target_folds
from bioselect.data.targets import blind_guess, n_kinds
from bioselect.exceptions import DataError
from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate
from bioselect.selection.nested import OuterFold


@dataclass(frozen=True)
class StudyFolds:
    """How the images are divided: what was meant, what was drawn, and in words why they differ.

    Where they are divided once, `plan` trains on the training part and tests on the validation
    part; `holdout` trains on both and tests on the test part. `outer_folds` are those of nested
    cross-validation.
    """

    design: Design
    plan: SplitPlan
    explanations: tuple[str, ...]
    holdout: Fold | None = None
    outer_folds: tuple[OuterFold, ...] = ()

    @property
    def all_folds(self) -> tuple[Fold, ...]:
        """The folds that combinations are compared on, and the one of the test part."""
        return (*self.plan.folds, *([] if self.holdout is None else [self.holdout]))

    @property
    def compared_by(self) -> np.ndarray:
        """The places of the images that combinations are compared by; never the test part."""
        return np.unique(np.concatenate([fold.test for fold in self.plan.folds]))


def draw_study_folds(
    dataset: ImageDataset, units: np.ndarray, validation: ValidationSection, metric: Metric
) -> StudyFolds:
    """Choose how many folds there are, draw them, and make sure that each can be judged.

    Raises
    ------
    DataError
        If there are too few images, or if the metric has no value on some test images.
    """
    targets = dataset.targets()
    design = choose_target_design(
        targets, units, validation.folds, validation.repeats, dataset.class_names
    )
    plan = draw_target_folds(targets, units, design.n_folds, design.n_repeats, validation.seed)
    n_without = n_folds_without_value(metric, targets, plan)
    if n_without:
        fewer = _most_folds(metric, targets, units, plan)
        remedy = f"Choose at most {fewer} folds" if fewer else "Choose another metric"
        raise DataError(
            f"validation.folds: must leave enough {what_differs(dataset)} in every test fold for "
            f"{metric.name} to have a value. Got {plan.n_folds} folds, and none in {n_without} of "
            f"{len(plan.folds)} test folds. {remedy}."
        )
    return StudyFolds(design, plan, tuple(_fewer_repeats(design, plan)))


def what_differs(dataset: ImageDataset) -> str:
    """Return what a metric needs several of among images to have a value, in words."""
    if dataset.is_values:
        return "different numbers"
    return "labels" if dataset.is_multilabel else "classes"


def n_folds_without_value(metric: Metric, targets: np.ndarray, plan: SplitPlan) -> int:
    """Count the test folds on which somebody who always guesses alike gets no score."""
    guesses = np.tile(blind_guess(targets, n_kinds(targets)), (len(targets), 1))
    n_without = 0
    for fold in plan.folds:
        try:
            evaluate(metric, targets[fold.test], guesses[fold.test])
        except UndefinedMetricError:
            n_without += 1
        except Exception:
            # Somebody's own metric may raise anything. That is no question of how many folds
            # there are: each of its scores is a row with the reason in the study.
            return 0
    return n_without


def _most_folds(metric: Metric, targets: np.ndarray, units: np.ndarray, plan: SplitPlan) -> int:
    """Return the largest number of folds that can all be judged; 0 if there is none."""
    for n_folds in range(plan.n_folds - 1, 1, -1):
        fewer = draw_target_folds(targets, units, n_folds, plan.n_repeats, plan.seed)
        if not n_folds_without_value(metric, targets, fewer):
            return n_folds
    return 0


def _fewer_repeats(design: Design, plan: SplitPlan) -> list[str]:
    if plan.n_repeats == design.n_repeats:
        return []
    return [
        f"repeats: {plan.n_repeats} ({design.n_repeats} were meant, but no further way to divide "
        f"these images into {plan.n_folds} folds was found)"
    ]
