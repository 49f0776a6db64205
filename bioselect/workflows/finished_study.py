"""An extractor of which all is done: what it needs no features for, should they have gone."""

from __future__ import annotations

import numpy as np

from bioselect.features.cache import FeatureCache
from bioselect.features.keys import feature_key, specified_parts
from bioselect.features.learning import Features
from bioselect.features.looks import looks_of
from bioselect.progress import Reporter
from bioselect.selection.candidates import pairings
from bioselect.selection.cross_validation import Problem, finished_folds
from bioselect.selection.journal import Journal
from bioselect.workflows.extractor_study import ExtractorStudy, warnings_in_words
from bioselect.workflows.remembered_rows import known_rows
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


def finished_study(
    usable: UsableExtractor,
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    journal: Journal,
    reporter: Reporter,
) -> ExtractorStudy | None:
    """Return the study of an extractor whose rows have gone but whose folds are all done.

    None means that it has to be studied; also where rows are there, which then costs little, and
    with nested cross-validation, whose inner folds are not looked at here, and with columns, whose
    rows are not known by the images alone.
    """
    if inputs.outer_folds or inputs.columns is not None:
        return None
    try:
        known = known_rows(usable, inputs, journal) if _lacks_all(usable, inputs, cache) else None
    except Exception:
        return None  # Anybody's own extractor may raise anything: its study says what is wrong.
    if known is None:
        return None
    candidates = pairings([usable.spec], inputs.estimators)
    # The rows themselves do not count for what is found in the journal, their digest does.
    none = np.empty((0, 0), dtype=np.float32)
    features = Features(usable.spec, none, looks=looks_of(usable.extractor))
    results = finished_folds(problem, features, known.digest, candidates, journal)
    if len(results) < len(candidates) * len(problem.plan.folds):
        return None
    for line in warnings_in_words(results):
        reporter.warn(line)
    n_features = max(result.n_features for result in results)
    return ExtractorStudy(usable, n_features or known.n_features, tuple(results))


def _lacks_all(usable: UsableExtractor, inputs: StudyInputs, cache: FeatureCache) -> bool:
    base_dir = inputs.config.base_dir
    digests = [digest for _, digest in inputs.images]
    return all(
        cache.lacks(spec.name, feature_key(spec, part, inputs.reading, base_dir), digests).all()
        for spec, part in specified_parts(usable.extractor) or [(usable.spec, usable.extractor)]
    )
