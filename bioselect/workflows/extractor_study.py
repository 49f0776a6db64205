"""One extractor's part of a study: its features, then every classifier on every fold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bioselect.exceptions import ClusterError, StorageError
from bioselect.features.cache import FeatureCache
from bioselect.features.columns import COLUMNS, column_features, with_columns
from bioselect.features.extraction import extract_parts
from bioselect.features.learning import Features, learning_of
from bioselect.features.looks import looks_of
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem, cross_validate
from bioselect.selection.journal import Journal
from bioselect.workflows.changed_images import refuse_changed_images
from bioselect.workflows.nested_study import RepeatedChoice, inner_scores
from bioselect.workflows.remembered_rows import remember_rows
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


@dataclass(frozen=True)
class ExtractorStudy:
    """What came of one extractor: every fold of its candidates.

    `n_features` is how many numbers of an image its estimators were given. `dropped` says of each
    candidate that a budget left without some of its folds why; of these, `passed_over` could not
    have been finished in time however good they were. `inner_scores` are those of
    nested cross-validation: the mean score of each candidate inside each outer fold. `candidates`
    are those that share the extractor, where they are not every classifier of the study.
    """

    usable: UsableExtractor
    n_features: int
    results: tuple[FoldResult, ...]
    dropped: Mapping[Candidate, str] = field(default_factory=dict)
    passed_over: frozenset[Candidate] = frozenset()
    inner_scores: Mapping[Candidate, tuple[float, ...]] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()


def study_extractor(
    usable: UsableExtractor,
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    journal: Journal,
    reporter: Reporter,
) -> ExtractorStudy:
    """Compute one extractor's features and judge all its classifiers on all folds."""
    candidates = [Candidate(usable.spec, spec) for spec in inputs.estimators]
    features = features_or_reason(usable, inputs, cache, reporter)
    if isinstance(features, str):
        return ExtractorStudy(usable, 0, tuple(failed_folds(candidates, problem, features)))
    digest = hashlib.sha256(np.ascontiguousarray(features.rows).data).hexdigest()
    remember_rows(usable, inputs, features, digest, journal)
    results = cross_validate(
        problem, features, digest, candidates, journal, reporter, inputs.n_jobs
    )
    for line in warnings_in_words(results):
        reporter.warn(line)
    inside: Mapping[Candidate, tuple[float, ...]] = {}
    if inputs.outer_folds:
        metric = get_metric(inputs.metric, problem.base_dir)
        choice = RepeatedChoice(problem, inputs.outer_folds, inputs.estimators, metric)
        inside = inner_scores(choice, features, digest, journal, reporter, inputs.n_jobs)
    n_features = max((result.n_features for result in results), default=0)
    return ExtractorStudy(
        usable, n_features or features.rows.shape[1], tuple(results), inner_scores=inside
    )


def warnings_in_words(results: Sequence[FoldResult]) -> list[str]:
    """Return a line for each candidate in whose folds a library warned of something.

    Examples
    --------
    >>> from bioselect.registry import ComponentSpec
    >>> candidate = Candidate(ComponentSpec("hog"), ComponentSpec("mlp"))
    >>> warned = FoldResult(candidate, 0, 1, None, warning="ConvergenceWarning: too few passes")
    >>> warnings_in_words([FoldResult(candidate, 0, 0, None), warned])
    ['hog + mlp: in 1 of 2 test rounds: ConvergenceWarning: too few passes']
    """
    by_candidate: dict[Candidate, list[str]] = {}
    for result in results:
        by_candidate.setdefault(result.candidate, []).append(result.warning)
    return [
        f"{candidate.label}: in {sum(map(bool, texts))} of {len(texts)} test rounds: "
        f"{next(filter(None, texts))}"
        for candidate, texts in by_candidate.items()
        if any(texts)
    ]


def features_or_reason(
    usable: UsableExtractor, inputs: StudyInputs, cache: FeatureCache, reporter: Reporter
) -> Features | str:
    """Return the rows of every image for one extractor, or why they cannot be had.

    Anybody's own extractor may raise anything: its combinations are rows with the reason, and the
    others go on.

    Raises
    ------
    StorageError
        If the cache cannot be read or written.
    ChangedImageError
        If images are not what they were when the study began.
    ClusterError
        If the workers that should compute are gone.
    """
    try:
        return features_of(usable, inputs, cache, reporter)
    except (StorageError, ClusterError):
        raise
    except Exception as error:
        # Not the extractor is to blame where the images are not what they were.
        refuse_changed_images(inputs.images, inputs.reading.stack)
        reason = f"{type(error).__name__}: {error}".split("\n")[0]
        reporter.warn(f"{usable.spec.label}: its features cannot be computed: {reason}")
        return reason


def features_of(
    usable: UsableExtractor, inputs: StudyInputs, cache: FeatureCache, reporter: Reporter
) -> Features:
    """Return the rows of every image for one extractor, from the cache or computed."""
    if usable.spec == COLUMNS and inputs.columns is not None:
        return column_features(inputs.columns)
    base_dir = inputs.config.base_dir
    parts = extract_parts(
        usable.spec,
        usable.extractor,
        inputs.images,
        inputs.reading,
        cache,
        reporter,
        inputs.n_jobs,
        base_dir,
    )
    widths = [part.shape[1] for part in parts]
    features = Features(
        usable.spec,
        parts[0] if len(parts) == 1 else np.hstack(parts),
        learning_of(usable.spec, usable.extractor, widths, base_dir),
        looks_of(usable.extractor),
    )
    return features if inputs.columns is None else with_columns(features, inputs.columns)


def failed_folds(
    candidates: Sequence[Candidate], problem: Problem, reason: str
) -> list[FoldResult]:
    """Return every fold of candidates that cannot be tried, each with the reason."""
    return [
        FoldResult(
            candidate=candidate,
            repeat=fold.repeat,
            fold=fold.index,
            probabilities=None,
            chosen={},
            fit_seconds=0.0,
            predict_seconds=0.0,
            error=reason,
        )
        for candidate in candidates
        for fold in problem.plan.folds
    ]
