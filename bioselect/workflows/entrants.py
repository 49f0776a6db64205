"""What a candidate is called and what it costs, as the verdict is told."""

from __future__ import annotations

import math

from bioselect.data.targets import n_models
from bioselect.estimators.cost import prediction_operations
from bioselect.estimators.search import grid
from bioselect.features.base import ImageShape, declared_operations
from bioselect.features.looks import ONE_LOOK, looks_of
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.outcome import Entrant
from bioselect.workflows.extractor_study import ExtractorStudy


def entrant_of(
    candidate: Candidate,
    results: list[FoldResult],
    study: ExtractorStudy,
    problem: Problem,
    shape: ImageShape,
) -> Entrant:
    """Return what the verdict is told of a candidate beside its scores."""
    error = next((result.error for result in results if result.error), "")
    if candidate.is_network:
        declared = [one.operations for one in results if one.operations is not None]
        cost, n_features = max(declared, default=math.inf), max(one.n_features for one in results)
    else:
        cost, n_features = _cost(candidate, study, problem, shape), study.n_features
    return Entrant(
        extractor=candidate.extractor.label,
        estimator=candidate.estimator.label,
        cost=cost,
        n_features=n_features,
        is_baseline=candidate.estimator.name == "dummy",
        error=error,
    )


def _cost(
    candidate: Candidate, study: ExtractorStudy, problem: Problem, shape: ImageShape
) -> float:
    """Return the operations of a classifier for one image, those of its extractor included."""
    operations, looks = 0.0, ONE_LOOK
    if candidate.extractor != IMAGES:
        operations = declared_operations(study.usable.extractor, shape)
        looks = looks_of(study.usable.extractor)
    if candidate in study.dropped and not study.n_features:
        operations = math.inf  # What a classifier of its rows costs is not known either.
    # Of searched values the most expensive counts: which one is chosen differs between folds.
    n_each, n_classes = n_models(problem.class_indices, problem.n_classes)
    prediction = n_each * max(
        prediction_operations(
            tried.name,
            study.n_features,
            n_classes,
            looks.n_rows * len(problem.class_indices),
            tried.params_dict,
        )
        for _, tried in grid(candidate.estimator)
    )
    return operations + looks.n_tested * prediction
