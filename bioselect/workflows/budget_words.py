"""What a budget decided, as a person reads it."""

from __future__ import annotations

from bioselect.metrics.base import Metric
from bioselect.progress import duration_in_words
from bioselect.workflows.budget import COMBINATIONS, EXTRACTORS, Budget, Decision

#: So many are told one by one; of more, the tables tell.
N_TOLD = 5


def left_behind(
    place: int, n_candidates: int, score: float, metric: Metric, n_done: int, n_kept: int
) -> str:
    """Return why a candidate does not go on from a rung.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> left_behind(31, 48, 0.712, get_metric("accuracy"), n_done=1, n_kept=24)
    'after 1 repeat it was number 31 of 48 (accuracy 0.712), and there was time for 24'
    """
    repeats = "1 repeat" if n_done == 1 else f"{n_done} repeats"
    return (
        f"after {repeats} it was number {place} of {n_candidates} ({metric.in_words} "
        f"{score:.3f}), and there was time for {n_kept}"
    )


def not_tried(n_kept: int, n_candidates: int, fold_seconds: float) -> str:
    """Return why a candidate was not tried at all.

    Examples
    --------
    >>> not_tried(12, 48, 2.345)
    'there was time to try 12 of 48 combinations, the quickest; one fold of this one takes about \
2.3 s'
    """
    return (
        f"there was time to try {n_kept} of {n_candidates} combinations, the quickest; one fold of "
        f"this one takes about {fold_seconds:.2g} s"
    )


def decision_in_words(decision: Decision, seconds_left: float, is_new: bool) -> list[str]:
    """Return what was decided at a stage, a line or some.

    Examples
    --------
    >>> decision = Decision("extractors", ("hog",), {"vgg16": "it takes 4 min"})
    >>> decision_in_words(decision, 42.0, is_new=True)
    ['budget: 1 of 2 extractors is computed, 42 s left', 'budget: vgg16 is dropped: it takes 4 min']
    >>> decision_in_words(Decision("combinations", ("a", "b")), 42.0, is_new=False)
    ['budget: all 2 combinations are tried (as decided before)']
    >>> decision_in_words(Decision("after 1 of 4 repeats", ("a", "b")), 0.0, is_new=True)
    ['budget: after 1 of 4 repeats all 2 combinations go on, no time left']
    """
    left = "no time" if seconds_left < 1 else duration_in_words(seconds_left)
    when = f", {left} left" if is_new else " (as decided before)"
    first = f"budget: {_kept_in_words(decision)}{when}"
    if len(decision.dropped) > N_TOLD:
        return [f"{first}; ranking.csv will say why the others are dropped"]
    reasons = decision.dropped.items()
    return [first, *(f"budget: {label} is dropped: {reason}" for label, reason in reasons)]


def _kept_in_words(decision: Decision) -> str:
    n_kept, n_all = len(decision.kept), len(decision.kept) + len(decision.dropped)
    noun = "extractor" if decision.stage == EXTRACTORS else "combination"
    if n_all == 1:
        kept = f"the only {noun}"
    else:
        kept = f"{n_kept} of {n_all} {noun}s" if decision.dropped else f"all {n_all} {noun}s"
    if decision.stage in (EXTRACTORS, COMBINATIONS):
        done = "computed" if decision.stage == EXTRACTORS else "tried"
        return f"{kept} {'is' if n_kept == 1 else 'are'} {done}"
    return f"{decision.stage} {kept} {'goes' if n_kept == 1 else 'go'} on"


def budget_in_words(budget: Budget) -> str:
    """Return how a run kept to its budget, one line; nothing where there was none.

    Examples
    --------
    >>> from pathlib import Path
    >>> now = [0.0]
    >>> budget = Budget("1min", Path("budget.json"), lambda: now[0])
    >>> now[0] = 52.0
    >>> budget_in_words(budget)
    'Budget 1min: kept, 52 s were used.'
    >>> now[0] = 75.0
    >>> budget_in_words(budget)
    'Budget 1min: EXCEEDED by 15 s (1 min 15 s were used); times are estimated before the work.'
    """
    if budget.duration is None:
        return ""
    if budget.n_recorded and len(budget.decisions) <= budget.n_recorded:
        return (
            f"Budget {budget.duration}: this run went by what an earlier one had decided "
            f"({budget.path.name})."
        )
    used = budget.used_seconds()
    if round(used) <= round(budget.seconds):
        return f"Budget {budget.duration}: kept, {duration_in_words(used)} were used."
    why = "times are estimated before the work"
    if any(one.stage == COMBINATIONS and len(one.kept) == 1 for one in budget.decisions):
        why = "one extractor and one classifier on all folds are the least that a study needs"
    return (
        f"Budget {budget.duration}: EXCEEDED by {duration_in_words(used - budget.seconds)} "
        f"({duration_in_words(used)} were used); {why}."
    )
