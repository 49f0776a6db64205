"""The folds of a study of columns: the rows are there already, so nothing is computed before."""

from __future__ import annotations

from bioselect.features.cache import FeatureCache
from bioselect.progress import Reporter
from bioselect.selection.cross_validation import Problem
from bioselect.selection.journal import Journal
from bioselect.workflows.extractor_study import ExtractorStudy, study_extractor
from bioselect.workflows.study_inputs import StudyInputs


def study_columns(
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    journal: Journal,
    reporter: Reporter,
) -> list[ExtractorStudy]:
    """Judge all estimators on the columns of the table, on all folds."""
    return [
        study_extractor(usable, inputs, problem, cache, journal, reporter)
        for usable in inputs.extractors
    ]
