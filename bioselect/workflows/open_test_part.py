"""One split: the selected candidate, and nobody else, meets the test part, once."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from bioselect.data.splitting import SplitPlan
from bioselect.features.cache import FeatureCache
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem, cross_validate
from bioselect.selection.held_out import held_out_score
from bioselect.selection.journal import Journal
from bioselect.selection.network_folds import train_on_folds
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.judgement import Judged
from bioselect.workflows.network_study import PixelSources, compared
from bioselect.workflows.opened_test_part import OpenedTestPart
from bioselect.workflows.openings import tell_opening
from bioselect.workflows.study_inputs import StudyInputs


def open_test_part(
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    cache: FeatureCache,
    folder: RunFolder,
    reporter: Reporter,
) -> OpenedTestPart:
    """Train the selected candidate on all images but those of the test part, and test it on these.

    The result is kept in the journal like any fold, and for whom the part was opened: where that
    was another candidate before, a warning says so.
    """
    if inputs.holdout is None:
        raise ValueError("there is no test part.")
    selected = judged.exported
    plan = SplitPlan((inputs.holdout,), 1, 1, problem.plan.seed, problem.plan.design)
    alone = replace(problem, plan=plan)
    tested = [inputs.fingerprints[int(place)].pixels_sha256 for place in inputs.holdout.test]
    with Journal(folder.journal) as journal:
        tell_opening(journal, tested, selected.label, reporter)
        result = _tested(selected, inputs, alone, cache, folder, journal, reporter)
    if result.error:
        reporter.warn(f"{selected.label}: cannot be scored on the test part: {result.error}")
    metric = get_metric(inputs.metric, problem.base_dir)
    before = judged.verdict.honest_score
    naive = next(
        row.mean
        for row in judged.verdict.ranking
        if f"{row.extractor} + {row.estimator}" == selected.label
    )
    opened = OpenedTestPart(alone, result, before)
    score = held_out_score(
        opened.tested(), metric, problem.seed, before, selected.label, float(naive or 0.0)
    )
    return replace(opened, score=score)


def _tested(
    selected: Candidate,
    inputs: StudyInputs,
    alone: Problem,
    cache: FeatureCache,
    folder: RunFolder,
    journal: Journal,
    reporter: Reporter,
) -> FoldResult:
    """Return what comes of one candidate on the one fold of a problem."""
    if selected.is_network:
        network = next(item for item in inputs.networks if item.spec == selected.estimator)
        pixels = PixelSources(inputs, cache, reporter)
        trained = compared(network, inputs, alone, pixels)
        [result] = train_on_folds(alone, trained, journal, reporter, folder.training)
        return result
    usable = next(item for item in inputs.extractors if item.spec == selected.extractor)
    features = features_of(usable, inputs, cache, reporter)
    digest = hashlib.sha256(np.ascontiguousarray(features.rows).data).hexdigest()
    [result] = cross_validate(alone, features, digest, [selected], journal, reporter, inputs.n_jobs)
    return result
