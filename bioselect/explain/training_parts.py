"""Smaller trainings for a learning curve: parts of the training images, tested on the same images.

The parts of a fold lie inside one another, hold whole units, and have every class about as often as
the whole. So what differs between two sizes is the number of images, and as little else as can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan
from bioselect.data.targets import is_label_sets, is_values

#: Shares of the training images; the whole has been trained on in the study itself.
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
#: Draws at most; no more than the study has repeats, so that the curve takes little beside it.
MOST_DRAWS = 3
#: Of random splits, which have one fold each, so many stand for the folds of a draw.
N_SPLITS = 5
#: Parts with fewer images teach nothing.
FEWEST_IMAGES = 8
#: Repeats of trainings on parts begin here: their seeds are then nobody else's.
FIRST_REPEAT = 1_000
#: Values are spread evenly over a part by this many quantiles.
_N_QUANTILES = 5


@dataclass(frozen=True, eq=False)
class Part:
    """One training: which share of the images, in which draw, of which of its folds, as a fold."""

    share: float
    draw: int
    place: int
    fold: Fold


def training_parts(
    plan: SplitPlan, targets: np.ndarray, units: np.ndarray, seed: int
) -> list[Part]:
    """Return the trainings of a learning curve, in the order draw, fold, share.

    Parameters
    ----------
    plan : SplitPlan
        Of the study; a draw takes the folds of one repeat. Trainings on everything are its own.
    targets, units : np.ndarray
        Of all images, see :mod:`bioselect.data.targets`.
    seed : int
        The study's.
    """
    parts = []
    for draw, folds in enumerate(_draws(plan)):
        for place, fold in enumerate(folds):
            order = _order(targets[fold.train], units[fold.train], [seed, draw, place])
            for step, share in enumerate(SHARES):
                if share == 1.0:
                    parts.append(Part(share, draw, place, fold))
                    continue
                train = _first(fold.train[order], units, share)
                if len(train) < FEWEST_IMAGES:
                    continue
                repeat = FIRST_REPEAT + draw * len(SHARES) + step
                parts.append(Part(share, draw, place, Fold(repeat, place, train, fold.test)))
    return parts


def _draws(plan: SplitPlan) -> list[tuple[Fold, ...]]:
    if len(plan.folds) == 1:  # One split: parts are drawn several times, tests are the same.
        return [plan.folds] * MOST_DRAWS
    n_folds = plan.n_folds if plan.n_folds > 1 else min(N_SPLITS, len(plan.folds))
    n_draws = min(MOST_DRAWS, max(1, len(plan.folds) // n_folds))
    return [plan.folds[draw * n_folds : (draw + 1) * n_folds] for draw in range(n_draws)]


def _order(targets: np.ndarray, units: np.ndarray, seed: Sequence[int]) -> np.ndarray:
    """Return the places of images, unit by unit, every kind spread evenly over the order.

    A unit counts as the kind of its rarest image; the first unit of each kind comes first.
    """
    random = np.random.default_rng(np.random.SeedSequence([*seed, 11]))
    kinds = _kinds(targets)
    counts = np.bincount(kinds)
    names, of_unit = np.unique(units, return_inverse=True)
    rarest = np.full(len(names), -1)
    for place in np.argsort(-counts[kinds], kind="stable"):
        rarest[of_unit[place]] = kinds[place]
    position = np.empty(len(names))
    for kind in np.unique(rarest):
        own = random.permutation(np.flatnonzero(rarest == kind))
        position[own] = (np.arange(len(own)) + random.random(len(own))) / len(own)
        position[own[0]] = 0.0
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.lexsort((np.arange(len(names)), position))] = np.arange(len(names))
    return np.argsort(rank[of_unit], kind="stable")


def _kinds(targets: np.ndarray) -> np.ndarray:
    """Return a number for each image: its class, its set of labels, or its fifth of the values."""
    if is_values(targets):
        ranks = np.argsort(np.argsort(targets, kind="stable"), kind="stable")
        return np.asarray(ranks * _N_QUANTILES // max(1, len(targets)))
    if is_label_sets(targets):
        return np.asarray(np.unique(targets, axis=0, return_inverse=True)[1].ravel())
    return np.asarray(np.unique(targets, return_inverse=True)[1])


def _first(ordered: np.ndarray, units: np.ndarray, share: float) -> np.ndarray:
    """Return the first images in an order, sorted: whole units, about so great a share."""
    of_unit = units[ordered]
    last_of_unit = np.flatnonzero(np.append(of_unit[1:] != of_unit[:-1], True)) + 1
    wanted = share * len(ordered)
    n_taken = last_of_unit[np.argmin(np.abs(last_of_unit - wanted))]
    return np.sort(ordered[:n_taken])
