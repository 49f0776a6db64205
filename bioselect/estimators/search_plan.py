"""How many combinations of searched values are tried, and on how many images: data only.

Up to :data:`LARGE` combinations are all tried on whole inner folds. More are halved (Jamieson and
Talwalkar 2016, as in scikit-learn's ``HalvingGridSearchCV``): all on a ninth of the training
images, the better third on a third of them, the better third of these on all. Of more than
:data:`MOST_TRIED` so many are drawn at random first (Bergstra and Bengio 2012). What is tried, and
on which images, follows from the number of combinations and the seed alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from bioselect.component import ComponentSpec
from bioselect.estimators.creation import chooses_threshold

#: Raised whenever a large search would choose otherwise: journals then do their work again.
HALVING_VERSION = 1

#: More combinations than this are not all tried on all training images.
LARGE = 30
#: More than this are not all tried.
MOST_TRIED = 300
#: More than this cannot be asked for.
MOST_LISTED = 10_000
#: Part of the training images in each stage: one in so many. The last stage has all of them.
STAGES = (9, 3, 1)
#: One in so many goes on from a stage to the next.
KEPT = 3


def stages_of(n_combinations: int) -> tuple[int, ...]:
    """Return the stages that a search of so many combinations goes through.

    Examples
    --------
    >>> stages_of(30), stages_of(31)
    ((1,), (9, 3, 1))
    """
    return STAGES if n_combinations > LARGE else STAGES[-1:]


def n_going_on(n_tried: int) -> int:
    """Return how many combinations go on after a stage: a third of those tried, rounded up.

    Examples
    --------
    >>> n_going_on(100), n_going_on(34), n_going_on(1)
    (34, 12, 1)
    """
    return math.ceil(n_tried / KEPT)


def n_combinations(search: Mapping[str, Any]) -> int:
    """Return how many combinations the lists of a search make; 1 without a search.

    Examples
    --------
    >>> n_combinations({"C": [1, 10, 100], "gamma": [0.1, 1]})
    6
    """
    return math.prod(len(values) for values in search.values() if isinstance(values, list))


def tried_places(n_listed: int) -> Sequence[int]:
    """Return which of the listed combinations are tried, in the order in which they are listed.

    Of too many :data:`MOST_TRIED` are drawn, the same in every fold and for the final model.

    Examples
    --------
    >>> tried_places(3), len(tried_places(5000))
    (range(0, 3), 300)
    """
    if n_listed <= MOST_TRIED:
        return range(n_listed)
    return sorted(random.Random(n_listed).sample(range(n_listed), MOST_TRIED))


def relative_cost(spec: ComponentSpec) -> float:
    """Return how much longer a fold of a classifier takes than without its search and threshold.

    Every combination is trained three times on two thirds of the images, or of the part of them
    that its stage has; then the best one is trained on all. A threshold takes five more fits each
    time, on four fifths of the images.

    Examples
    --------
    >>> relative_cost(ComponentSpec("svm"))
    1.0
    >>> relative_cost(ComponentSpec.of("svm", search={"C": [1, 10, 100]}))
    7.0
    >>> relative_cost(ComponentSpec.of("svm", {"threshold": "youden"}))
    5.0
    """
    once = 5.0 if chooses_threshold(spec) else 1.0
    if not spec.search:
        return once
    n_tried = min(n_combinations(spec.search_dict), MOST_TRIED)
    total = 1.0
    for stage in stages_of(n_tried):
        total += 2 * n_tried / stage
        n_tried = n_going_on(n_tried)
    return once * total


def search_in_words(spec: ComponentSpec) -> str:
    """Return what is told of a large search before the work; nothing of others.

    Examples
    --------
    >>> search_in_words(ComponentSpec.of("svm", search={"C": list(range(1, 41))}))
    'svm(C searched): 40 combinations of values: all are tried on a ninth of the training images, \
the better third on a third of them, the better third of these (5) on all'
    """
    n_listed = n_combinations(spec.search_dict)
    if n_listed <= LARGE:
        return ""
    n_tried = min(n_listed, MOST_TRIED)
    drawn = "all" if n_tried == n_listed else f"{n_tried}, drawn at random,"
    return (
        f"{spec.label}: {n_listed} combinations of values: {drawn} are tried on a ninth of the "
        "training images, the better third on a third of them, the better third of these "
        f"({n_going_on(n_going_on(n_tried))}) on all"
    )
