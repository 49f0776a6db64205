"""Two runs of one study: the same, tied, or different."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from bioselect.report.results import RunResults

SAME, TIED, DIFFERENT = "same", "tied", "different"
#: Scores that differ by less are called the same: the last bits of a sum, of numbers around one.
ROUNDING = 1e-9
#: What identifies a score in `scores.csv`.
PLACE = ("extractor", "estimator", "repeat", "fold", "metric")


@dataclass(frozen=True)
class Comparison:
    """What two runs of one study have in common.

    Attributes
    ----------
    answer : str
        `same`: every score and the order of the ranking. `tied`: scores differ, and whoever reads
        either run decides alike (see :func:`compared_runs`). `different`: neither.
    n_scores : int
        Scores that both have.
    n_different : int
        How many of them differ by more than `ROUNDING`.
    largest_difference : float
        Of scores of the metric by which candidates were judged, in its units.
    reasons : tuple of str
        What speaks against `same`, then what speaks against `tied`.
    other_versions : dict
        What is not as it was: names to (then, now).
    is_exact : bool
        Whether every score that both have is equal to the last digit.
    """

    answer: str
    n_scores: int
    n_different: int
    largest_difference: float
    reasons: tuple[str, ...] = ()
    other_versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_exact: bool = False


def compared_runs(then: RunResults, now: RunResults) -> Comparison:
    """Compare scores and conclusions of two finished runs.

    They are tied if what each exports is in the other exported, best, recommended or tied with the
    best, and if the expected score of each lies in the interval of the other.
    """
    before, today = _scores(then), _scores(now)
    both = before.keys() & today.keys()
    apart = {place: _difference(before[place], today[place]) for place in both}
    n_different = sum(difference > ROUNDING for difference in apart.values())
    judged = [difference for place, difference in apart.items() if place[-1] == then.metric]
    reasons = []
    if n_different:
        reasons.append(f"{n_different} of {len(both)} scores differ")
    if missing := before.keys() ^ today.keys():
        reasons.append(f"{len(missing)} scores are in one of the runs only")
    if _order(then) != _order(now):
        reasons.append("the ranking has another order")
    against = [*_other_choice(then, now), *_other_score(then, now)]
    answer = DIFFERENT if against else TIED if reasons else SAME
    return Comparison(
        answer,
        len(both),
        n_different,
        max(judged, default=0.0),
        (*reasons, *against),
        _other_versions(then, now),
        not any(apart.values()),
    )


def _scores(results: RunResults) -> dict[tuple[str, ...], str]:
    rows = results.table(results.folder.scores)
    return {tuple(row[key] for key in PLACE): row["score"] for row in rows}


def _difference(before: str, today: str) -> float:
    """Return how far apart two cells are: infinitely, if only one of them is a number."""
    if before == today:
        return 0.0
    if not before or not today:
        return math.inf
    difference = abs(float(before) - float(today))
    return math.inf if math.isnan(difference) else difference


def _order(results: RunResults) -> list[tuple[str, str, str]]:
    return [(row["extractor"], row["estimator"], row["role"]) for row in results.ranking]


def _other_choice(then: RunResults, now: RunResults) -> list[str]:
    """Return which exported candidate the other run does not hold for one of the best."""
    found = []
    for one, other, when in ((then, now, "now"), (now, then, "then")):
        if one.exported not in _good(other):
            found.append(f"{' + '.join(one.exported)} is not among the best and tied {when}")
    return found


def _good(results: RunResults) -> set[tuple[str, str]]:
    study = results.study
    named = [study["best"], study["recommended"], *study["tied_with_best"]]
    return {results.exported, *((one["extractor"], one["estimator"]) for one in named)}


def _other_score(then: RunResults, now: RunResults) -> list[str]:
    first, second = then.study["honest_score"], now.study["honest_score"]
    for one, other, when in ((first, second, "of now"), (second, first, "of then")):
        if not _lies_in(one["value"], other):
            return [
                f"the expected {one['metric']} of {first['value']:.4g} and "
                f"{second['value']:.4g}: one is outside of the interval {when}"
            ]
    return []


def _lies_in(value: float | None, honest: dict[str, Any]) -> bool:
    low, high = honest["ci_low"], honest["ci_high"]
    if value is None or low is None or high is None:  # Nothing is claimed of too few images.
        return bool(value == honest["value"])
    return bool(low <= value <= high)


def _other_versions(then: RunResults, now: RunResults) -> dict[str, tuple[str, str]]:
    """Return what was computed with other programs or on another machine."""
    before, today = _environment(then), _environment(now)
    return {
        name: (before.get(name, "none"), today.get(name, "none"))
        for name in sorted(before.keys() | today.keys())
        if before.get(name) != today.get(name)
    }


def _environment(results: RunResults) -> dict[str, str]:
    values = results.environment
    machine = {name: str(values.get(name)) for name in ("bioselect", "platform", "processors")}
    return {**machine, **{name: str(one) for name, one in values.get("versions", {}).items()}}
