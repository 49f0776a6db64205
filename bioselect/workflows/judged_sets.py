"""The prediction sets of the exported candidate: made where they are wanted and have a meaning."""

from __future__ import annotations

from bioselect.data.targets import is_label_sets
from bioselect.selection.calibrating import CalibratedModel
from bioselect.selection.candidates import Candidate
from bioselect.selection.conformal_sets import PredictedClasses
from bioselect.selection.cross_validation import Problem
from bioselect.selection.model_sets import ModelSets, model_sets
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.set_words import NOT_OF_LABELS, set_words
from bioselect.workflows.study_inputs import StudyInputs


def judged_sets(
    inputs: StudyInputs,
    problem: Problem,
    out_of_fold: OutOfFold,
    exported: int,
    calibrated: CalibratedModel | None,
) -> ModelSets | None:
    """Return the sets of the candidate with the place `exported`, calibrated as the model is.

    None where they are not wanted, and of numbers and of several labels an image.
    """
    level = inputs.config.bundle.coverage
    if calibrated is None or level is None or is_label_sets(problem.class_indices):
        return None
    predicted = PredictedClasses.of(out_of_fold, exported, calibrated.calibration)
    return model_sets(predicted, problem.seed, level)


def sets_in_words(
    inputs: StudyInputs, sets: ModelSets | None, exported: Candidate, noun: str
) -> str:
    """Say what the sets are worth, or why there are none; nothing where none are wanted."""
    if sets is not None:
        return set_words(sets, inputs.dataset.class_names, exported.label, noun)
    wanted = inputs.config.bundle.coverage is not None
    return NOT_OF_LABELS if wanted and inputs.dataset.is_multilabel else ""
