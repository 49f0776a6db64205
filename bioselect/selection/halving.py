"""Which candidates go on when there is not time for all: successive halving over whole repeats.

All are tried on one repeat of the folds, the better part of them on the next, and so on; those
that are left at the end have every fold. A rung is a whole repeat, never less, so that whoever is
judged has been tested on every image; the expected score can then count all that were tried.

These functions only decide. Seconds come from outside, through a function that says how long a
set of candidates takes for some repeats.

Reference
---------
K. Jamieson, A. Talwalkar. Non-stochastic best arm identification and hyperparameter optimization.
AISTATS 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Candidate = TypeVar("Candidate")

#: Parts of the candidates that may go on from each rung: the largest that fits is taken.
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
#: What is reckoned with before anything was tried.
PLANNED_SHARE = 0.5

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


def survivors(
    ranked: Sequence[Candidate],
    n_done: int,
    n_repeats: int,
    seconds_of: SecondsOf[Candidate],
    seconds_left: float,
) -> list[Candidate]:
    """Return who goes on to the next rung, in the order given; never nobody.

    The largest of :data:`SHARES` is taken with which all rungs to come fit. Where not even the
    best alone fits, the first that does goes on; where none does, the quickest.

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

    Examples
    --------
    >>> def seconds_of(candidates, start, stop):
    ...     return 10.0 * len(candidates) * (stop - start)
    >>> survivors("abcdefgh", 1, 2, seconds_of, seconds_left=1000)
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    >>> survivors("abcdefgh", 1, 2, seconds_of, seconds_left=45)
    ['a', 'b', 'c', 'd']
    """
    seconds_left = max(0.0, seconds_left)  # What is finished fits even when there is none.
    later = [step for step in rungs(n_repeats) if step > n_done]
    for share in SHARES:
        n_next = _rounded_up(len(ranked) * share)
        if _seconds_to_come(ranked, share, n_done, later, seconds_of) <= seconds_left:
            return list(ranked[:n_next])
    alone = {one: seconds_of([one], n_done, n_repeats) for one in ranked}
    fitting = [one for one in ranked if alone[one] <= seconds_left]
    return fitting[:1] or [min(ranked, key=alone.__getitem__)]


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
