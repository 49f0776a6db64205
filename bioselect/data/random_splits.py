"""Random divisions into parts of unequal size: stratified, units whole, always different.

The parts are drawn as folds are (:mod:`bioselect.data.partitions`), only that each has a share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.label_stratification import contents_of_labels, spread_labels
from bioselect.data.partitions import (
    Defects,
    Spread,
    UnitContents,
    drawn_order,
    new_partition,
    numbered_by_appearance,
)
from bioselect.data.splitting import Fold, SplitPlan
from bioselect.data.targets import is_label_sets, is_values
from bioselect.data.value_quantiles import quantile_places
from bioselect.exceptions import DataError


def spread_by_share(shares: Sequence[float], weight_of_size: float = 0.0) -> Spread:
    """Return how units are put into parts of these shares, the first the largest.

    Each unit goes where the sum over classes of ``(images of the class)**2 / share`` grows least.
    A single image costs nothing in a part that has none of its class yet, so that small parts get
    one of every class before large parts get many. With `weight_of_size` the last class is that of
    all images, and so much is made of it: many small classes would else round the parts alike.
    """

    def spread(
        contents: UnitContents, n_parts: int, generator: np.random.Generator, jitter: float
    ) -> np.ndarray:
        weights = (1.0 / contents.counts.sum(axis=0) ** 2.0).tolist()
        if weight_of_size:
            weights[-1] *= weight_of_size
        counts = [[0] * len(weights) for _ in range(n_parts)]
        sizes = [0] * n_parts
        assignment = np.zeros(contents.n_units, dtype=np.int64)
        for unit in drawn_order(contents, generator, jitter).tolist():
            pairs = contents.pairs[unit]
            _, _, chosen = min(
                (
                    sum(weights[c] * n * (2 * counts[part][c] + n - 1) for c, n in pairs) / share,
                    sizes[part] / share,
                    part,
                )
                for part, share in enumerate(shares)
            )
            assignment[unit] = chosen
            for place, n in pairs:
                counts[chosen][place] += n
                sizes[chosen] += n
        return assignment

    return spread


def draw_splits(
    class_indices: np.ndarray, units: np.ndarray, n_splits: int, test_size: float, seed: int
) -> SplitPlan:
    """Divide the images into a training and a test part, several times, always differently.

    Parameters
    ----------
    class_indices, units : np.ndarray
        int ``(n_images,)``: the class of each image, and what must not be split. Or the labels of
        each, 0 and 1 ``(n_images, n_labels)``; or its value, float64 ``(n_images,)``.
    n_splits : int
        At least 2. If fewer different ones are found, there are fewer and `design` says so. The
        first splits are the same whatever it is.
    test_size : float
        Share of the images that is tested, in (0, 0.5].
    seed : int
        At least 0.

    Returns
    -------
    SplitPlan
        Every split is a repeat of a single fold.

    Examples
    --------
    >>> plan = draw_splits(np.repeat([0, 1], 50), np.arange(100), 3, 0.2, seed=0)
    >>> [(fold.repeat, len(fold.train), len(fold.test)) for fold in plan.folds]
    [(0, 80, 20), (1, 80, 20), (2, 80, 20)]
    >>> plan.design
    '3 random splits, 20 % tested, stratified by class, over 100 independent images'
    """
    contents, spread = _contents(class_indices, units, (1.0 - test_size, test_size))
    seen: set[bytes] = set()
    folds: list[Fold] = []
    accepted = Defects(0, 0)
    for split in range(n_splits):
        found = new_partition(contents, 2, (seed, split), seen, accepted, spread)
        if found is None or (split and found[1].untrained > accepted.untrained):
            break
        assignment, defects = found
        accepted = accepted if split else defects
        seen.add(numbered_by_appearance(assignment).tobytes())
        tested = assignment[contents.unit_of_image] == 1
        folds.append(Fold(split, 0, np.flatnonzero(~tested), np.flatnonzero(tested)))
    fewer = ""
    if len(folds) < n_splits:
        fewer = f"; {n_splits} were asked for, but no further different one was found"
    design = (
        f"{len(folds)} random splits, {100 * test_size:g} % tested, stratified by "
        f"{_strata(class_indices)}, over {_units_in_words(contents)}{fewer}"
    )
    return SplitPlan(tuple(folds), 1, len(folds), seed, design)


def draw_parts(
    class_indices: np.ndarray, units: np.ndarray, shares: Sequence[float], seed: int
) -> np.ndarray:
    """Divide the images once into parts of these shares.

    Returns
    -------
    np.ndarray
        int64 ``(n_images,)``: the part of each image, 0 for the first share.

    Raises
    ------
    DataError
        If there are fewer units than parts.

    Examples
    --------
    >>> parts = draw_parts(np.repeat([0, 1], 50), np.arange(100), (0.6, 0.2, 0.2), seed=0)
    >>> np.bincount(parts)
    array([60, 20, 20])
    """
    contents, spread = _contents(class_indices, units, shares)
    found = new_partition(contents, len(shares), (seed, 0), set(), Defects(0, 0), spread)
    if found is None or contents.n_units < len(shares):
        raise DataError(
            f"validation.split: {contents.n_units} independent images or groups cannot be divided "
            f"into {len(shares)} parts. Collect more."
        )
    parts: np.ndarray = found[0][contents.unit_of_image]
    return parts


def _contents(
    targets: np.ndarray, units: np.ndarray, shares: Sequence[float]
) -> tuple[UnitContents, Spread]:
    """Return what each unit holds, classes or labels, and how units are put into parts."""
    if not is_label_sets(targets) and is_values(targets):
        return _contents_of_values(targets, units, shares)
    by_share = spread_by_share(shares)
    if not is_label_sets(targets):
        return UnitContents.of(targets, units), by_share

    def spread(
        contents: UnitContents, n_parts: int, generator: np.random.Generator, jitter: float
    ) -> np.ndarray:
        return spread_labels(contents, shares, by_share, generator, jitter)

    return contents_of_labels(targets, units), spread


def _contents_of_values(
    values: np.ndarray, units: np.ndarray, shares: Sequence[float]
) -> tuple[UnitContents, Spread]:
    """Return what each unit holds: images of each quantile, and images."""
    # As many as there could be parts as small as the smallest.
    places = quantile_places(values, units, round(1.0 / min(shares)))
    n_places = int(places.max()) + 1
    members = np.concatenate([np.eye(n_places)[places], np.ones((len(places), 1))], axis=1)
    # An image too many in a part weighs as much as half an image too many of a quantile.
    return UnitContents.of_members(members.astype(np.int8), units), spread_by_share(
        shares, n_places**2 / 2
    )


def _strata(targets: np.ndarray) -> str:
    if is_label_sets(targets):
        return "label"
    return "quantiles of the target" if is_values(targets) else "class"


def _units_in_words(contents: UnitContents) -> str:
    n_images = len(contents.unit_of_image)
    if contents.n_units == n_images:
        return f"{n_images} independent images"
    return f"{n_images} images in {contents.n_units} units (groups, or copies) that are never split"
