"""`validation.honest: nested`: the inner folds, drawn before any work, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan
from bioselect.data.target_folds import draw_target_folds
from bioselect.data.targets import fewest_units
from bioselect.exceptions import DataError
from bioselect.features.learning import Features
from bioselect.metrics.base import Metric
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate, pairings
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal
from bioselect.selection.nested import OuterFold, inner_problem, n_outer_repeats
from bioselect.selection.standings import mean_scores
from bioselect.storage import digest_of
from bioselect.workflows.one_bar import one_bar
from bioselect.workflows.study_folds import n_folds_without_value

#: An inner fold needs this many, or nothing is compared.
FEWEST_INNER_FOLDS = 2


def draw_outer_folds(
    class_indices: np.ndarray, units: np.ndarray, plan: SplitPlan, metric: Metric
) -> tuple[OuterFold, ...]:
    """Divide the training images of the outer folds again; units stay whole.

    There are as many inner folds as the study has, or fewer where a metric would have no value on
    the test images of one.

    Raises
    ------
    DataError
        If there are too few images for that.
    """
    outer = [fold for fold in plan.folds if fold.repeat < n_outer_repeats(plan)]
    for n_folds in range(plan.n_folds, FEWEST_INNER_FOLDS - 1, -1):
        inner = [_inner_plan(class_indices, units, fold, n_folds, plan.seed) for fold in outer]
        pairs = zip(outer, inner, strict=True)
        if all(
            one is not None and not n_folds_without_value(metric, class_indices[fold.train], one)
            for fold, one in pairs
        ):
            return tuple(
                OuterFold(fold, one)
                for fold, one in zip(outer, inner, strict=True)
                if one is not None
            )
    raise DataError(
        "validation.honest: nested needs enough images to divide the training images of every fold "
        f"again, so that {metric.name} has a value on each part. There are too few of a class. "
        "Write honest: bbc, which needs no further division."
    )


def _inner_plan(
    class_indices: np.ndarray, units: np.ndarray, fold: Fold, n_folds: int, seed: int
) -> SplitPlan | None:
    """Return the inner folds of an outer one; None where a class would be missing from a part."""
    targets, own_units = class_indices[fold.train], units[fold.train]
    if fewest_units(targets, own_units) < n_folds:
        return None
    drawn = derived_seed(seed, fold.repeat, fold.index)
    return draw_target_folds(targets, own_units, n_folds, 1, drawn)


def n_inner_fits(outer: Sequence[OuterFold], n_candidates: int) -> int:
    """Return how many fits the inner folds are."""
    return n_candidates * sum(len(one.inner.folds) for one in outer)


def nested_plan_in_words(outer: Sequence[OuterFold], n_candidates: int, n_fits: int) -> str:
    """Say before the work what nested cross-validation will cost."""
    n_inner = n_inner_fits(outer, n_candidates)
    return (
        f"honest score: nested cross-validation, the choice among {n_candidates} combinations "
        f"repeated in {len(outer)} outer folds by {outer[0].inner.n_folds} inner folds each: "
        f"{n_inner} more fits ({1 + n_inner / n_fits:.1f} times the work of honest: bbc)"
    )


@dataclass(frozen=True, eq=False)
class RepeatedChoice:
    """The choice that is made again inside every outer fold, the same for all extractors.

    It is one among `estimators`, of which the dummy is never chosen, by the mean of `metric`.
    """

    problem: Problem
    outer: tuple[OuterFold, ...]
    estimators: tuple[ComponentSpec, ...]
    metric: Metric


def inner_scores(
    choice: RepeatedChoice,
    features: Features,
    features_digest: str,
    journal: Journal,
    reporter: Reporter,
    n_jobs: int,
) -> dict[Candidate, tuple[float, ...]]:
    """Compare the candidates of one extractor again inside every outer fold.

    Finished inner folds are kept in the journal like all others.

    Parameters
    ----------
    choice : RepeatedChoice
        What is compared, on which folds.
    features, features_digest, journal, reporter, n_jobs
        As for :func:`~bioselect.selection.cross_validation.cross_validate`.

    Returns
    -------
    dict
        The mean score of each candidate on the inner folds of each outer fold; NaN where one of
        them failed. Baselines, which are never chosen, are left out.
    """
    learning = [spec for spec in choice.estimators if spec.name != "dummy"]
    candidates = pairings([features.spec], learning)
    found: dict[Candidate, list[float]] = {candidate: [] for candidate in candidates}
    label = f"repeating the choice inside the folds on {features.spec.label}"
    with one_bar(reporter, label, n_inner_fits(choice.outer, len(candidates))) as inside:
        for one in choice.outer:
            train = one.fold.train
            inner = inner_problem(choice.problem, one)
            rows = replace(features, rows=features.rows[train])
            digest = digest_of({"features": features_digest, "images": train.tolist()})
            results = cross_validate(inner, rows, digest, candidates, journal, inside, n_jobs)
            of = {
                candidate: [r for r in results if r.candidate == candidate] for candidate in found
            }
            for candidate, mean in mean_scores(of, inner, choice.metric).items():
                found[candidate].append(mean)
    return {candidate: tuple(means) for candidate, means in found.items()}
