"""One candidate trained on all images of a study."""

from __future__ import annotations

from typing import Any

from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.refit import refit
from bioselect.selection.unfolding import unfolded
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
    """Return the fitted estimator, what its search chose, and the features it was trained on.

    An estimator that looks at views takes rows with all looks, others rows of one.
    """
    apart = unfolded(problem, features_of(usable, inputs, cache, reporter))
    features = apart.features
    estimator, chosen = refit(
        candidate,
        features.rows,
        apart.problem.class_indices,
        apart.problem.units,
        problem.seed,
        problem.metric_name,
        problem.base_dir,
        features.learning,
    )
    if apart.n_tables > 1:
        from bioselect.estimators.averaged_views import AveragedViews

        estimator = AveragedViews(estimator, apart.n_tables, problem.n_classes)
    return estimator, chosen, features
