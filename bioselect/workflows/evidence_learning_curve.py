"""The learning curve of the exported combination, whose features are there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bioselect.explain.learning_curve import (
    FEWEST_SIZES,
    LEVEL,
    POWER,
    Curve,
    Forecast,
    forecasts,
)
from bioselect.explain.training_parts import SHARES, Part, training_parts
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.run_folder import CURVE_COLUMNS, RunFolder, write_table
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.scores import score_folds
from bioselect.storage import digest_of, write_json
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.study_key import study_key

#: Raised when the same study would get other scores.
CURVE_VERSION = 1
#: What is asked: so many images more, and twice as many as there are. Farther than that no curve is
#: followed.
N_MORE = 200


@dataclass(frozen=True, eq=False)
class CurveSubject:
    """Of what the curve is drawn: a combination with its features, or why of none.

    `features` are computed or read when they are asked for; `digest` tells them from others.
    """

    candidate: Candidate | None
    why_not: str = ""


def write_learning_curve(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    subject: CurveSubject,
    features: Callable[[Candidate], tuple[Features, str]],
    journal: Journal,
    reporter: Reporter,
) -> None:
    """Write the scores of all trainings, the curve and what it says; or why there is none."""
    if subject.candidate is None:
        write_json(folder.learning_forecast, {"why_not": subject.why_not})
        return
    candidate = subject.candidate
    plan = problem.plan
    parts = training_parts(plan, problem.class_indices, problem.units, problem.seed)
    scores = _kept_scores(inputs, problem, candidate, parts, features, journal, reporter)
    rows = [
        (part.share, part.draw, part.place, len(part.fold.train), float(score))
        for part, score in zip(parts, scores, strict=True)
    ]
    write_table(folder.learning_curve, CURVE_COLUMNS, rows)
    write_json(folder.learning_forecast, _told(problem, candidate, parts, scores))


def _kept_scores(
    inputs: StudyInputs,
    problem: Problem,
    candidate: Candidate,
    parts: Sequence[Part],
    features: Callable[[Candidate], tuple[Features, str]],
    journal: Journal,
    reporter: Reporter,
) -> np.ndarray:
    """Return the score of each training, from the journal if nothing has changed."""
    key = digest_of(
        {
            "learning_curve": CURVE_VERSION,
            "study": study_key(inputs, problem),
            "extractor": candidate.extractor.label,
            "estimator": candidate.estimator.label,
            "trainings": [np.asarray(part.fold.train).tolist() for part in parts],
        }
    )
    kept = journal.get(key)
    if kept is not None and kept.array is not None:
        return kept.array
    rows, digest = features(candidate)
    smaller = replace(problem, plan=replace(problem.plan, folds=tuple(part.fold for part in parts)))
    results = cross_validate(
        smaller,
        rows,
        digest,
        [candidate],
        journal,
        reporter,
        inputs.n_jobs,
        "training on parts of the images, for the learning curve",
    )
    metric = get_metric(inputs.metric, problem.base_dir)
    scores = np.array([one.score for one in score_folds(results, smaller, [metric])])
    journal.put(key, JournalEntry({}, scores))
    return scores


def _told(
    problem: Problem, candidate: Candidate, parts: Sequence[Part], scores: np.ndarray
) -> dict[str, Any]:
    """Return what `learning_curve.json` holds."""
    told: dict[str, Any] = {
        "extractor": candidate.extractor.label,
        "estimator": candidate.estimator.label,
    }
    shares, sizes, table = scores_by_size(parts, scores)
    told["sizes"] = [
        {"share": share, "n_training": float(size), "mean": float(row.mean())}
        for share, size, row in zip(shares, sizes, table, strict=True)
    ]
    if len(shares) < FEWEST_SIZES:
        return {**told, "why_not": "there are too few images to train on parts of them"}
    metric = get_metric(problem.metric_name, problem.base_dir)
    n_images = len(problem.class_indices)
    asked = sorted({min(N_MORE, n_images), n_images})
    more = [(n, float(sizes[-1]) * (1 + n / n_images)) for n in asked]
    test_to_train = float(np.mean([len(part.fold.test) for part in parts])) / float(sizes[-1])
    curve, found = forecasts(
        sizes, table, more, metric.higher_is_better, metric.bounds, problem.seed, test_to_train
    )
    if len(problem.plan.folds) == 1:
        # Tests on one part of the images do not say how another part would be.
        found = [one.without_intervals() for one in found]
    return {**told, **_as_data(curve, found), "n_images": n_images}


def _as_data(curve: Curve, found: Sequence[Forecast]) -> dict[str, Any]:
    return {
        "power": POWER,
        "curve": asdict(curve),
        "interval": LEVEL,
        "forecasts": [asdict(one) for one in found],
    }


def scores_by_size(
    parts: Sequence[Part], scores: np.ndarray
) -> tuple[list[float], np.ndarray, np.ndarray]:
    """Return shares, mean sizes and scores ``(n_sizes, n_folds)``.

    Folds that have no score at a size are left out of it all, if there are others; else the size.
    """
    columns = sorted({(part.draw, part.place) for part in parts})
    table = np.full((len(SHARES), len(columns)), np.nan)
    sizes = np.full((len(SHARES), len(columns)), np.nan)
    for part, score in zip(parts, scores, strict=True):
        place = SHARES.index(part.share), columns.index((part.draw, part.place))
        table[place], sizes[place] = score, len(part.fold.train)
    known = np.isfinite(table)
    usable = known.mean(axis=1) > 0.5
    whole = known[usable].all(axis=0)
    if not usable.any() or not whole.any():
        return [], np.array([]), np.empty((0, 0))
    shares = [share for share, one in zip(SHARES, usable, strict=True) if one]
    return shares, sizes[usable][:, whole].mean(axis=1), table[usable][:, whole]
