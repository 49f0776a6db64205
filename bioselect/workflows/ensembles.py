"""`ensemble: tied`: who is in it, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bioselect.features.base import ImageShape, declared_operations
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.ensemble import Ensemble, averaged_folds
from bioselect.selection.outcome import Entrant, HonestScore, Verdict
from bioselect.workflows.usable_extractors import UsableExtractor

#: A candidate, its folds, and what the study is told of it.
Tried: TypeAlias = tuple[Candidate, list[FoldResult], Entrant]


def not_computed(metric: str) -> HonestScore:
    """Return what stands for the honest score as long as nobody knows who is tied."""
    return HonestScore(metric, None, None, None, math.nan, None)


def tied_ensemble(verdict: Verdict, candidates: Sequence[Candidate]) -> Ensemble | None:
    """Return the best and those tied with it; None when there is nothing to average."""
    by_label = {candidate.label: candidate for candidate in candidates}
    members = [by_label[one.label] for one in (verdict.best, *verdict.tied_with_best)]
    return Ensemble(tuple(members)) if len(members) > 1 else None


def joined_tried(
    ensemble: Ensemble,
    tried: Sequence[Tried],
    usable: Mapping[ComponentSpec, UsableExtractor],
    shape: ImageShape,
) -> Tried:
    """Return the ensemble as one more candidate, with its averaged folds.

    Its cost is the sum of those of its members; an extractor that several share is counted once.
    """
    by_candidate = {candidate: (results, entrant) for candidate, results, entrant in tried}
    results = [by_candidate[member][0] for member in ensemble.members]
    entrants = [by_candidate[member][1] for member in ensemble.members]
    cost = sum(entrant.cost for entrant in entrants)
    n_features, counted = 0, set()
    for member, entrant in zip(ensemble.members, entrants, strict=True):
        if member.extractor not in counted:
            n_features += entrant.n_features
            counted.add(member.extractor)
        elif math.isfinite(cost):
            cost -= declared_operations(usable[member.extractor].extractor, shape)
    candidate = ensemble.candidate
    joined = Entrant(
        extractor=candidate.extractor.label,
        estimator=candidate.estimator.label,
        cost=cost,
        n_features=n_features,
        is_ensemble=True,
    )
    return candidate, averaged_folds(ensemble, results), joined


def ensemble_in_words(ensemble: Ensemble | None, n_compared: int) -> str:
    """Say what the ensemble is made of, or why there is none.

    Examples
    --------
    >>> ensemble_in_words(None, 1)
    'There is no ensemble: there is nothing but one combination.'
    """
    if ensemble is None and n_compared == 1:
        return "There is no ensemble: there is nothing but one combination."
    if ensemble is None:
        return (
            "There is no ensemble: every other combination is clearly behind the best or "
            "significantly worse."
        )
    return ensemble.in_words()
