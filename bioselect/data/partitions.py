"""One division of units into folds: balanced in every class, drawn at random, new.

A *unit* is what must never be split. Units go greedily, the large ones first, into the fold that
has least of their classes; jitter in the order makes every draw another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

#: How often a partition is drawn anew before it is said that there is no further one.
MAX_ATTEMPTS = 200
#: Spread of the jitter of log sizes that orders the units; it grows with every new attempt, so
#: that well balanced partitions come first and unusual ones are found too.
JITTER = 0.5


def numbered_by_appearance(labels: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return int64 labels 0, 1, ... in the order in which they first appear.

    Two divisions are the same partition exactly when these labels are equal.

    Examples
    --------
    >>> numbered_by_appearance([7, 3, 7, 9])
    array([0, 1, 0, 2])
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    number: np.ndarray = np.argsort(np.argsort(first))[inverse]
    return number.astype(np.int64)


@dataclass(frozen=True, eq=False)
class UnitContents:
    """How many images of each class, or with each label, each unit holds.

    `counts` is int64 ``(n_units, n_classes)``, `sizes` the images of each unit, `pairs` the
    nonzero entries of `counts` as (class, number of images) for each unit, `unit_of_image` int64
    ``(n_images,)``.
    """

    unit_of_image: np.ndarray
    pairs: list[list[tuple[int, int]]]
    sizes: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, class_indices: np.ndarray, units: np.ndarray) -> UnitContents:
        """Count the images of each class in each unit."""
        if len(class_indices) != len(units):
            raise ValueError(
                "class_indices and units must be of one length. "
                f"Got {len(class_indices)} and {len(units)}."
            )
        classes = np.unique(class_indices, return_inverse=True)[1]
        members = np.zeros((len(units), classes.max() + 1), dtype=np.int8)
        members[np.arange(len(units)), classes] = 1
        return cls.of_members(members, units)

    @classmethod
    def of_members(cls, members: np.ndarray, units: np.ndarray) -> UnitContents:
        """Sum ``(n_images, n_classes)`` of 0 and 1, any number of 1 in a row, over each unit."""
        if len(members) != len(units):
            raise ValueError(
                "the rows of members and units must be as many. "
                f"Got {len(members)} and {len(units)}."
            )
        unit_of_image = numbered_by_appearance(units)
        counts = np.zeros((unit_of_image.max() + 1, members.shape[1]), dtype=np.int64)
        np.add.at(counts, unit_of_image, members)
        return cls.of_counts(counts, unit_of_image)

    @classmethod
    def of_counts(cls, counts: np.ndarray, unit_of_image: np.ndarray) -> UnitContents:
        """Take the counts as they are; `unit_of_image` numbers the rows of `counts`."""
        pairs: list[list[tuple[int, int]]] = [[] for _ in counts]
        for unit, place in zip(*np.nonzero(counts), strict=True):
            pairs[unit].append((int(place), int(counts[unit, place])))
        return cls(unit_of_image, pairs, np.bincount(unit_of_image), counts)

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.sizes)


@dataclass(frozen=True, order=True)
class Defects:
    """Classes missing from a training part, and from test folds, that need not be missing."""

    untrained: int
    untested: int


def _defects(contents: UnitContents, assignment: np.ndarray, n_folds: int) -> Defects:
    held = contents.counts > 0
    present = np.zeros((n_folds, held.shape[1]), dtype=bool)
    unit, place = np.nonzero(held)
    present[assignment[unit], place] = True
    n_folds_with, n_units_with = present.sum(axis=0), held.sum(axis=0)
    return Defects(
        untrained=int(((n_folds_with == 1) & (n_units_with > 1)).sum()),
        untested=int((np.minimum(n_folds, n_units_with) - n_folds_with).sum()),
    )


def drawn_order(
    contents: UnitContents, generator: np.random.Generator, spread: float
) -> np.ndarray:
    """Return units from large to small with jitter; single images last, class by class.

    Large ones first, because small ones can still even out what large ones left uneven; class by
    class, because then the sizes of the folds differ by one image at most.
    """
    jittered = np.log(contents.sizes) + spread * generator.standard_normal(contents.n_units)
    first_class = contents.counts.argmax(axis=1)
    shuffled_class = generator.permutation(contents.counts.shape[1])[first_class]
    single = contents.sizes == 1
    rank = np.where(single, shuffled_class, -jittered)
    return np.lexsort((generator.random(contents.n_units), rank, single))


def spread_by_class(
    contents: UnitContents, n_folds: int, generator: np.random.Generator, spread: float
) -> np.ndarray:
    """Put each unit into the fold that has the smallest share of the unit's classes so far.

    Minimising ``sum over classes of (share of the class)**2`` greedily comes down to
    ``sum of weight * images in the fold * images in the unit``. An empty fold costs nothing and
    is the smallest, so no fold stays empty.
    """
    order = drawn_order(contents, generator, spread).tolist()
    weights = (1.0 / contents.counts.sum(axis=0) ** 2.0).tolist()
    counts = [[0] * len(weights) for _ in range(n_folds)]
    sizes = [0] * n_folds
    assignment = np.zeros(contents.n_units, dtype=np.int64)
    for unit in order:
        pairs = contents.pairs[unit]
        _, _, chosen = min(
            (sum(weights[place] * counts[fold][place] * n for place, n in pairs), sizes[fold], fold)
            for fold in range(n_folds)
        )
        assignment[unit] = chosen
        for place, n in pairs:
            counts[chosen][place] += n
            sizes[chosen] += n
    return assignment


#: Returns the fold of each unit, from the units, the number of folds, a generator and the jitter.
Spread: TypeAlias = Callable[[UnitContents, int, np.random.Generator, float], np.ndarray]


def new_partition(
    contents: UnitContents,
    n_folds: int,
    stream: tuple[int, int],
    seen: set[bytes],
    accepted: Defects,
    spread_units: Spread = spread_by_class,
) -> tuple[np.ndarray, Defects] | None:
    """Return the first partition that is new and no worse than `accepted`, else the best new."""
    best = None
    for attempt in range(MAX_ATTEMPTS):
        generator = np.random.default_rng([*stream, attempt])
        assignment = spread_units(contents, n_folds, generator, JITTER * (1 + attempt / 20))
        if numbered_by_appearance(assignment).tobytes() in seen:
            continue
        defects = _defects(contents, assignment, n_folds)
        if best is None or defects < best[1]:
            best = assignment, defects
        if defects <= accepted:
            break
    return best
