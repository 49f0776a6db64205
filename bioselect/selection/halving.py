"""Which candidates go on when there is not time for all: successive halving over whole repeats.

Those that take less than their part of the time get every fold at once: they cost little, whoever
is better. The others are tried on one repeat of the folds, the better part of them on the next, and
so on; those that are left at the end have every fold. A rung is a whole repeat, never less, so that
whoever is judged has been tested on every image; the expected score can then count all that were
tried. Who cannot be finished in the time left, however good, takes no time from the others.

These functions only decide. Seconds come from outside, through a function that says how long a
set of candidates takes for some repeats.

Reference
---------
K. Jamieson, A. Talwalkar. Non-stochastic best arm identification and hyperparameter optimization.
AISTATS 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Candidate = TypeVar("Candidate", bound=Hashable)

#: Parts of the candidates that may go on from each rung: the largest that fits is taken.
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
#: What is reckoned with before anything was tried.
PLANNED_SHARE = 0.5
#: Part of the time left for those that are quick enough to get every fold at once.
QUICK_SHARE = 0.5
#: Where nobody can be finished in time, the best goes on whose time is at most so many times that
#: of the quickest: to be late by little more is better than a worse model.
TOLERATED = 1.5

#: Seconds that candidates take together for repeats from one number (included) to another (not).
SecondsOf = Callable[[Sequence[Candidate], int, int], float]


def rungs(n_repeats: int) -> tuple[int, ...]:
    """Return how many repeats a candidate has behind it at the end of each rung.

    Examples
    --------
    >>> rungs(10), rungs(4), rungs(1)
    ((1, 2, 4, 8, 10), (1, 2, 4), (1,))
    """
    doubled = [2**power for power in range(n_repeats.bit_length()) if 2**power < n_repeats]
    return (*doubled, n_repeats)


def quick_ones(
    candidates: Sequence[Candidate],
    n_repeats: int,
    seconds_of: SecondsOf[Candidate],
    seconds_left: float,
    n_done: int = 0,
) -> list[Candidate]:
    """Return those that are finished at once, the quickest first; perhaps nobody.

    Half of the time left is shared out evenly. Who needs less than its part is finished, and what
    it leaves of it is shared by the others.

    Parameters
    ----------
    candidates : sequence
        The quickest first.
    n_repeats, seconds_of, seconds_left, n_done
        As in :func:`survivors`.

    Examples
    --------
    >>> def seconds_of(candidates, start, stop):
    ...     return sum(1.0 if one in "ab" else 50.0 for one in candidates) * (stop - start)
    >>> quick_ones("abcd", 2, seconds_of, seconds_left=100)
    ['a', 'b']
    """
    quick: list[Candidate] = []
    unshared = QUICK_SHARE * max(0.0, seconds_left)
    for one in candidates:
        seconds = seconds_of([one], n_done, n_repeats)
        if seconds > unshared / (len(candidates) - len(quick)):
            break
        quick.append(one)
        unshared -= seconds
    return quick


def that_fit(
    candidates: Sequence[Candidate],
    n_repeats: int,
    seconds_of: SecondsOf[Candidate],
    seconds_left: float,
) -> list[Candidate]:
    """Return those that can be finished in the time left, one after the other in the order given.

    Examples
    --------
    >>> def seconds_of(candidates, start, stop):
    ...     return sum(map(int, candidates)) * (stop - start)
    >>> that_fit("9351", 2, seconds_of, seconds_left=10)
    ['3', '1']
    """
    fitting: list[Candidate] = []
    for one in candidates:
        if seconds_of([*fitting, one], 0, n_repeats) <= seconds_left:
            fitting.append(one)
    return fitting


def fit_to_try(
    candidates: Sequence[Candidate],
    n_repeats: int,
    seconds_of: SecondsOf[Candidate],
    seconds_left: float,
) -> int:
    """Return how many of the candidates, the quickest first, can be tried at all; at least one.

    There must be time for one repeat of each, and for the rungs after it when half go on from
    each. Which half is not known yet, so each is taken to cost the mean.

    Examples
    --------
    >>> def seconds_of(candidates, start, stop):
    ...     return 10.0 * len(candidates) * (stop - start)
    >>> fit_to_try("abcdefgh", 1, seconds_of, seconds_left=45)
    4
    """
    steps = rungs(n_repeats)

    def planned(n: int) -> float:
        chosen, total, start = candidates[:n], 0.0, 0
        for number, stop in enumerate(steps):
            n_alive = _rounded_up(n * PLANNED_SHARE**number)
            total += seconds_of(chosen, start, stop) * n_alive / n
            start = stop
        return total

    # The largest that fits, wherever smaller ones stand: what an extractor learns is paid once, so
    # more of its candidates can mean less for each. What is finished fits even without any time.
    seconds_left = max(0.0, seconds_left)
    numbers = range(len(candidates), 0, -1)
    return next((n for n in numbers if planned(n) <= seconds_left), 1)


@dataclass(frozen=True)
class GoingOn(Generic[Candidate]):
    """Who goes on from a rung, and what stands against the others.

    `seconds` is what each takes alone until it has every fold. `too_slow` are those that could not
    have gone on however good they were: the choice among the others was not one against them.
    """

    kept: list[Candidate]
    too_slow: list[Candidate]
    seconds: Mapping[Candidate, float]


def survivors(
    ranked: Sequence[Candidate],
    n_done: int,
    n_repeats: int,
    seconds_of: SecondsOf[Candidate],
    seconds_left: float,
    somebody: bool = True,
    grace: float = 0.0,
) -> GoingOn[Candidate]:
    """Return who goes on to the next rung, in the order given.

    Those that cannot be finished in the time left are left aside. Those that are quick beside what
    the best needs go on. Of the others the largest of :data:`SHARES` is taken with which all rungs
    to come fit; in what these leave, those behind them that can be finished go on too.

    Parameters
    ----------
    ranked : sequence
        Those that are left, from best to worst.
    n_done : int
        Repeats that each of them has behind it; one of the rungs.
    n_repeats : int
        Repeats of the whole study.
    seconds_of : callable
        See above.
    seconds_left : float
        May be less than nothing.
    somebody : bool
        Whether one has to go on although none can be finished in time: the best of those that take
        hardly longer than the quickest.
    grace : float
        By so many seconds the time left may be exceeded for the very best.

    Examples
    --------
    >>> def seconds_of(candidates, start, stop):
    ...     return 10.0 * len(candidates) * (stop - start)
    >>> survivors("abcdefgh", 1, 2, seconds_of, seconds_left=1000).kept
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    >>> survivors("abcdefgh", 1, 2, seconds_of, seconds_left=45).kept
    ['a', 'b', 'c', 'd']
    """
    seconds_left = max(0.0, seconds_left)  # What is finished fits even when there is none.
    alone = {one: seconds_of([one], n_done, n_repeats) for one in ranked}
    best_fits = bool(ranked) and alone[ranked[0]] <= seconds_left + grace
    fitting = [one for one in ranked if alone[one] <= seconds_left]
    if not fitting and not best_fits and somebody:
        limit = TOLERATED * min(alone.values())
        possible = [one for one in ranked if alone[one] <= limit]
        return GoingOn(possible[:1], [one for one in ranked if one not in possible], alone)
    # Had one of the others been the best, it would have gone on too.
    too_slow = [one for one in ranked if alone[one] > seconds_left + grace]
    if best_fits and ranked[0] not in fitting:
        return GoingOn([ranked[0]], too_slow, alone)
    quickest_first = sorted(fitting[1:], key=alone.__getitem__)
    spare = seconds_left - sum(alone[one] for one in fitting[:1])
    kept = set(quick_ones(quickest_first, n_repeats, seconds_of, spare, n_done))
    seconds_left -= sum(alone[one] for one in kept)
    slower = [one for one in fitting if one not in kept]
    later = [step for step in rungs(n_repeats) if step > n_done]
    for share in SHARES if slower else ():
        seconds = _seconds_to_come(slower, share, n_done, later, seconds_of)
        if seconds <= seconds_left:
            kept.update(slower[: _rounded_up(len(slower) * share)])
            seconds_left -= seconds
            break
    for one in slower:
        if one not in kept and alone[one] <= seconds_left:
            kept.add(one)
            seconds_left -= alone[one]
    return GoingOn([one for one in fitting if one in kept], too_slow, alone)


def _seconds_to_come(
    ranked: Sequence[Candidate],
    share: float,
    n_done: int,
    later: Sequence[int],
    seconds_of: SecondsOf[Candidate],
) -> float:
    """Return what all rungs to come cost when the same part goes on from each."""
    total, start, n_alive = 0.0, n_done, float(len(ranked))
    for stop in later:
        n_alive *= share
        total += seconds_of(ranked[: _rounded_up(n_alive)], start, stop)
        start = stop
    return total


def _rounded_up(number: float) -> int:
    # 0.7 * 10 is a little more than 7 in binary fractions.
    return max(1, math.ceil(round(number, 9)))
