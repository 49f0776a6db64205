"""What a budget decided, as a person reads it."""

from __future__ import annotations

from bioselect.progress import duration_in_words
from bioselect.workflows.budget import (
    COMBINATIONS,
    EXTRACTORS,
    QUICK,
    TIME_LEFT,
    Budget,
    Decision,
)

#: So many are told one by one; of more, the tables tell.
N_TOLD = 5


def left_behind(
    place_of: tuple[int, int],
    score: tuple[str, float],
    n_done: int,
    needed_and_left: tuple[float, float],
    n_before: int,
) -> str:
    """Return why a candidate does not go on from a rung.

    Parameters
    ----------
    place_of : tuple of int
        Its place, and among how many.
    score : tuple of (str, float)
        The metric in words, and the mean of its folds.
    n_done : int
        Repeats that it has.
    needed_and_left : tuple of float
        Seconds that it would still have taken until it has all folds, and that were left.
    n_before : int
        How many that were better go on.

    Examples
    --------
    >>> left_behind((1, 6), ("accuracy", 0.894), 2, (40.2, 12.3), 0)
    'after 2 repeats it was number 1 of 6 (accuracy 0.894); to finish it would have taken about \
40 s, and 12 s were left'
    >>> left_behind((31, 48), ("accuracy", 0.712), 1, (4.0, 60.0), 24)
    'after 1 repeat it was number 31 of 48 (accuracy 0.712); to finish it would have taken about \
4.0 s, and 1 min 0 s were left for it and the 24 better ones that go on'
    """
    repeats = "1 repeat" if n_done == 1 else f"{n_done} repeats"
    (place, n_candidates), (name, value), (needed, left) = place_of, score, needed_and_left
    better = "the better one that goes on"
    if n_before > 1:
        better = f"the {n_before} better ones that go on"
    return (
        f"after {repeats} it was number {place} of {n_candidates} ({name} "
        f"{value:.3f}); to finish it would have taken about {_seconds(needed)}, and "
        f"{_left(left)} left{f' for it and {better}' if n_before and needed <= left else ''}"
    )


def not_tried(n_kept: int, n_candidates: int, needed: float, left: float) -> str:
    """Return why a candidate was not tried at all.

    Examples
    --------
    >>> not_tried(12, 48, 234.5, 70.0)
    'all its folds would take about 3 min 54 s, and 1 min 10 s were left'
    >>> not_tried(12, 48, 34.5, 70.0)
    'there was time to try 12 of 48 combinations, the quickest; all folds of this one would take \
about 34 s'
    """
    if needed > left:
        return f"all its folds would take about {_seconds(needed)}, and {_left(left)} left"
    return (
        f"there was time to try {n_kept} of {n_candidates} combinations, the quickest; all folds "
        f"of this one would take about {_seconds(needed)}"
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 9.95 else duration_in_words(seconds)


def _left(seconds: float) -> str:
    return f"{_seconds(seconds)} were" if seconds >= 0.05 else "no time was"


def decision_in_words(
    decision: Decision, seconds_left: float, is_new: bool, others: bool = False
) -> list[str]:
    """Return what was decided at a stage, a line or some.

    `others` says that there are combinations about which nothing had to be decided any more.

    Examples
    --------
    >>> decision = Decision("extractors", ("hog",), {"vgg16": "it takes 4 min"})
    >>> decision_in_words(decision, 42.0, is_new=True)
    ['budget: 1 of 2 extractors is computed, 42 s left', 'budget: vgg16 is dropped: it takes 4 min']
    >>> decision_in_words(Decision("combinations", ("a", "b")), 42.0, is_new=False)
    ['budget: all 2 combinations are tried (as decided before)']
    >>> decision_in_words(Decision("after 1 of 4 repeats", ("a", "b")), 0.0, is_new=True)
    ['budget: after 1 of 4 repeats all 2 combinations go on, no time left']
    >>> decision_in_words(Decision("quick combinations", ("a", "b")), 42.0, is_new=True)
    ['budget: 2 combinations are quick and get all folds at once, 42 s left']
    """
    if not decision.kept and decision.stage in (QUICK, TIME_LEFT):
        return []
    left = "no time" if seconds_left < 1 else duration_in_words(seconds_left)
    when = f", {left} left" if is_new else " (as decided before)"
    first = f"budget: {_kept_in_words(decision, others)}{when}"
    if len(decision.dropped) > N_TOLD:
        return [f"{first}; ranking.csv will say why the others are dropped"]
    reasons = decision.dropped.items()
    return [first, *(f"budget: {label} is dropped: {reason}" for label, reason in reasons)]


def _kept_in_words(decision: Decision, others: bool) -> str:
    n_kept = len(decision.kept)
    some = "1 combination" if n_kept == 1 else f"{n_kept} combinations"
    verb = "is" if n_kept == 1 else "are"
    if decision.stage == QUICK:
        return f"{some} {verb} quick and {'gets' if n_kept == 1 else 'get'} all folds at once"
    if decision.stage == TIME_LEFT:
        return f"{some} that {'was' if n_kept == 1 else 'were'} dropped can be finished after all"
    n_all = n_kept + len(decision.dropped)
    noun = "extractor"
    if decision.stage != EXTRACTORS:
        noun = "other combination" if others else "combination"
    if n_all == 1:
        kept = f"the only {noun}"
    else:
        kept = f"{n_kept} of {n_all} {noun}s" if decision.dropped else f"all {n_all} {noun}s"
    if decision.stage in (EXTRACTORS, COMBINATIONS):
        done = "computed" if decision.stage == EXTRACTORS else "tried"
        return f"{kept} {verb} {done}"
    return f"{decision.stage} {kept} {'goes' if n_kept == 1 else 'go'} on"


def budget_plan_in_words(duration: str | None) -> str:
    """Return what a budget will mean for a study, before it runs; nothing where there is none.

    Examples
    --------
    >>> budget_plan_in_words("20min").split(":")[0]
    'budget 20min'
    >>> budget_plan_in_words(None)
    ''
    """
    if duration is None:
        return ""
    return (
        f"budget {duration}: combinations that do not fit are dropped, with the reason; those that "
        "are left get all folds. `bioselect run` times some images and folds first, and then says "
        "what fits"
    )


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
            f"({budget.path.name}). `--fresh` decides anew, and repeats all folds."
        )
    used = budget.used_seconds()
    if round(used) <= round(budget.seconds):
        return f"Budget {budget.duration}: kept, {duration_in_words(used)} were used."
    return (
        f"Budget {budget.duration}: EXCEEDED by {duration_in_words(used - budget.seconds)} "
        f"({duration_in_words(used)} were used); {_why_exceeded(budget)}."
    )


def _why_exceeded(budget: Budget) -> str:
    n_kept = {EXTRACTORS: 0, QUICK: 0, COMBINATIONS: 0, TIME_LEFT: 0}
    for decision in budget.decisions:
        if decision.stage in n_kept:
            n_kept[decision.stage] += len(decision.kept)
    n_tried = n_kept[QUICK] + n_kept[COMBINATIONS] + n_kept[TIME_LEFT]
    if n_kept[EXTRACTORS] == 1 and n_tried == 1:
        return "one combination on all folds is the least that a study needs"
    why = "times are estimated before the work"
    unused = budget.unused_at_last_decision
    if unused is None:
        return why
    if unused <= 0:
        return f"{why}, and it had run out before the last decision"
    return (
        f"{why}: {duration_in_words(unused)} were left after the last decision, and what remained "
        f"took {duration_in_words(unused + budget.used_seconds() - budget.seconds)}"
    )
