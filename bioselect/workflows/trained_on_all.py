"""One candidate trained on all images of a study."""

from __future__ import annotations

from typing import Any

from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.refit import refit
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


def trained_on_all(
    candidate: Candidate,
    usable: UsableExtractor,
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    reporter: Reporter,
) -> tuple[Any, dict[str, Any], Features]:
    """Return the fitted estimator, what its search chose, and the features it was trained on."""
    features = features_of(usable, inputs, cache, reporter)
    estimator, chosen = refit(
        candidate,
        features.rows,
        problem.class_indices,
        problem.units,
        problem.seed,
        problem.metric_name,
        problem.base_dir,
        features.learning,
    )
    return estimator, chosen, features
