"""What a report shows beside the results: pictures, a learning curve and a map, in `evidence/`.

All of it needs images, features or trainings, of which a report has none: so it is made at the end
of a run. What takes long is in the journal, and done again only where something has changed.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable

import numpy as np

from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.journal import Journal
from bioselect.storage import explained_storage_errors
from bioselect.workflows.evidence_explanations import write_explanations
from bioselect.workflows.evidence_learning_curve import CurveSubject, write_learning_curve
from bioselect.workflows.evidence_map import write_map
from bioselect.workflows.evidence_pictures import write_pictures
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs


def write_evidence(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    cache: FeatureCache,
    reporter: Reporter,
) -> None:
    """Write `evidence/` anew; what the configuration does not want is left out."""
    if folder.evidence.exists():
        with explained_storage_errors(folder.evidence, "removed"):
            shutil.rmtree(folder.evidence)
    wanted = inputs.config.report
    write_pictures(folder, inputs, judged, reporter)
    if wanted.explanations and wanted.pictures and not inputs.config.dataset.is_columns:
        with Journal(folder.journal) as journal:
            write_explanations(folder, inputs, judged, journal, reporter)
    features = _reading(inputs, cache, reporter)
    plain = plain_candidate(judged)
    with Journal(folder.journal) as journal:
        if wanted.learning_curve:
            subject = _subject(inputs, judged, plain)
            write_learning_curve(folder, inputs, problem, subject, features, journal, reporter)
        if wanted.map and plain is not None:
            write_map(folder, inputs, problem, judged, plain, features, journal, reporter)


def plain_candidate(judged: Judged) -> Candidate | None:
    """Return the exported combination, or the best one that has features of its own, if any.

    An ensemble has those of several extractors, a network none.
    """
    by_label = {
        (one.extractor.label, one.estimator.label): one
        for one in judged.candidates
        if _is_plain(one, judged)
    }
    exported = (judged.exported.extractor.label, judged.exported.estimator.label)
    ranked = [(row.extractor, row.estimator) for row in judged.verdict.ranking if row.rank]
    return next((by_label[one] for one in (exported, *ranked) if one in by_label), None)


def _is_plain(candidate: Candidate, judged: Judged) -> bool:
    is_ensemble = judged.ensemble is not None and candidate == judged.ensemble.candidate
    return not (candidate.is_network or is_ensemble or candidate.estimator.name == "dummy")


def _subject(inputs: StudyInputs, judged: Judged, plain: Candidate | None) -> CurveSubject:
    if judged.exported.is_network:
        why = "the model is a network, and to train one on parts of the images takes about as long "
        return CurveSubject(None, f"{why}as the study did")
    if judged.exported.estimator.name == "dummy" or plain is None:
        return CurveSubject(None, "the model guesses, which more images do not change")
    if inputs.config.budget is not None:
        return CurveSubject(None, "the study had a budget, which is not exceeded for it")
    return CurveSubject(plain)


def _reading(
    inputs: StudyInputs, cache: FeatureCache, reporter: Reporter
) -> Callable[[Candidate], tuple[Features, str]]:
    """Return what reads the features of a combination, once."""
    read: dict[str, tuple[Features, str]] = {}

    def features(candidate: Candidate) -> tuple[Features, str]:
        label = candidate.extractor.label
        if label not in read:
            usable = next(one for one in inputs.extractors if one.spec == candidate.extractor)
            found = features_of(usable, inputs, cache, reporter)
            digest = hashlib.sha256(np.ascontiguousarray(found.rows).data).hexdigest()
            read[label] = (found, digest)
        return read[label]

    return features
