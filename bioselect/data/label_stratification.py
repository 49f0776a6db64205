"""Folds for images with several labels each: iterative stratification over units.

Sechidis, Tsoumakas and Vlahavas (2011), "On the stratification of multi-label data", with units
(patients, or images with their copies) in the place of single examples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.partitions import Spread, UnitContents, spread_by_class
from bioselect.data.splitting import (
    MINIMUM_UNITS,
    Design,
    SplitPlan,
    Stratification,
    design_for,
    draw_plan,
)
from bioselect.exceptions import DataError


def units_of_labels(label_matrix: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return in how many units each label is seen, and in how many it is not.

    A unit whose images differ in a label counts for both.

    Parameters
    ----------
    label_matrix : np.ndarray
        int ``(n_images, n_labels)``, 1 where the image has the label, else 0.
    units : np.ndarray
        int ``(n_images,)`` of :func:`bioselect.data.splitting.independent_units`.

    Returns
    -------
    np.ndarray
        int64 ``(n_labels, 2)``: units with an image that has the label, units with one that has
        it not.

    Examples
    --------
    >>> units_of_labels(np.array([[1, 0], [0, 0], [1, 0]]), np.array([0, 0, 1]))
    array([[2, 1],
           [0, 2]])
    """
    return np.array(
        [
            [len(np.unique(units[column == value])) for value in (1, 0)]
            for column in np.asarray(label_matrix).T
        ],
        dtype=np.int64,
    )


def choose_label_design(
    label_matrix: np.ndarray,
    units: np.ndarray,
    folds: int | str,
    repeats: int | str,
    label_names: Sequence[str],
) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    Parameters
    ----------
    label_matrix : np.ndarray
        int ``(n_images, n_labels)`` of 0 and 1.
    units, folds, repeats
        As for :func:`bioselect.data.splitting.choose_design`.
    label_names : sequence of str
        The name of each column.

    Raises
    ------
    DataError
        If a label is present in, or absent from, fewer than 5 units, or if there are fewer units
        than folds.
    ConfigurationError
        If `folds` is below 2 or `repeats` below 1.

    Examples
    --------
    >>> labels = np.stack([np.arange(120) % 2, np.arange(120) % 3 == 0], axis=1)
    >>> choose_label_design(labels, np.arange(120), "auto", "auto", ["nodule", "mass"])
    Design(n_folds=5, n_repeats=10, warnings=(), exploratory=False)
    """
    counts: dict[str, int] = {}
    short = []
    for name, (present, absent) in zip(
        label_names, units_of_labels(label_matrix, units).tolist(), strict=True
    ):
        counts[f"label {name!r}"] = present
        counts[f"images without label {name!r}"] = absent
        if present < MINIMUM_UNITS:
            short.append(f"label {name!r} is present in {present or 'no image'}")
        if absent < MINIMUM_UNITS:
            short.append(
                f"label {name!r} is absent from {absent}" if absent else f"all have label {name!r}"
            )
    if short:
        raise DataError(
            f"each label must be present in at least {MINIMUM_UNITS}, and absent from at least "
            f"{MINIMUM_UNITS}, images or groups that are independent of each other (copies of an "
            f"image count once). Got too few: {', '.join(short)}. Collect more, merge the label "
            "with another one, or leave it out of the data."
        )
    return design_for(counts, units, folds, repeats)


def draw_label_folds(
    label_matrix: np.ndarray, units: np.ndarray, n_folds: int, n_repeats: int, seed: int
) -> SplitPlan:
    """Divide images with several labels into folds, several times, always differently.

    Each unit lies in one test fold of each repeat; the images with each label, and the sizes of
    the folds, are spread as evenly as one pass allows. A label that more than half of the images
    have is spread by the images without it, which are the rarer ones. Repeats, seeds and `design`
    are as in :func:`bioselect.data.splitting.draw_folds`.

    Parameters
    ----------
    label_matrix : np.ndarray
        int ``(n_images, n_labels)`` of 0 and 1.
    units : np.ndarray
        int ``(n_images,)``, what must not be split.
    n_folds, n_repeats : int
        At least 2 folds, at most as many as units; at least 1 repeat.
    seed : int
        At least 0.

    Examples
    --------
    >>> labels = np.array([[1, 1], [1, 0], [1, 0], [0, 1], [0, 0], [0, 0]])
    >>> plan = draw_label_folds(labels, np.arange(6), 2, 3, seed=0)
    >>> [labels[fold.test].sum(axis=0).tolist() for fold in plan.folds[:2]]
    [[1, 1], [2, 1]]
    >>> plan.design
    '2 folds, drawn 3 times, stratified by label, over 6 independent images'
    """
    by_label = Stratification("label", "labels", spread_by_label)
    return draw_plan(contents_of_labels(label_matrix, units), n_folds, n_repeats, seed, by_label)


def contents_of_labels(label_matrix: np.ndarray, units: np.ndarray) -> UnitContents:
    """Count the images with each label in each unit; of a common label those without it."""
    labels = np.asarray(label_matrix)
    rarer = np.where(labels.mean(axis=0) > 0.5, 1 - labels, labels).astype(np.int8)
    return UnitContents.of_members(rarer, units)


def spread_by_label(
    contents: UnitContents, n_folds: int, generator: np.random.Generator, spread: float
) -> np.ndarray:
    """Put each unit into a fold; all folds are wanted equally large."""
    return spread_labels(contents, (1.0,) * n_folds, spread_by_class, generator, spread)


def spread_labels(
    contents: UnitContents,
    shares: Sequence[float],
    spread_lumps: Spread,
    generator: np.random.Generator,
    spread: float,
) -> np.ndarray:
    """Put each unit into a part: those of several images first, then one image at a time.

    Units of several images, in which labels come in lumps, are spread like those of classes, from
    large to small, with the number of images counted like one more label. The single images then
    even out what these left uneven, by iterative stratification: the label with fewest images left
    goes first, and each of its images goes into the part where most of the label is wanted, of
    several such parts into the one where most images are wanted, else by lot. What is wanted most
    is what a part holds least of for its share. As long as there is an empty part it is the one
    chosen, because it holds least of everything.
    """
    n_folds = len(shares)
    assignment = np.full(contents.n_units, -1, dtype=np.int64)
    lumps = np.flatnonzero(contents.sizes > 1)
    if len(lumps):
        counts = np.column_stack([contents.counts, contents.sizes])[lumps]
        of_lumps = UnitContents.of_counts(
            counts[:, counts.any(axis=0)], np.repeat(np.arange(len(lumps)), contents.sizes[lumps])
        )
        assignment[lumps] = spread_lumps(of_lumps, n_folds, generator, spread)
    _spread_single_images(contents, shares, generator, assignment)
    return assignment


def _spread_single_images(
    contents: UnitContents,
    shares: Sequence[float],
    generator: np.random.Generator,
    assignment: np.ndarray,
) -> None:
    """Fill in the -1 of `assignment` by iterative stratification."""
    n_folds = len(shares)
    folds = range(n_folds)
    placed = [assignment == fold for fold in folds]
    held = np.array([contents.counts[units].sum(axis=0) for units in placed]).T.tolist()
    sizes = [int(contents.sizes[units].sum()) for units in placed]
    waiting = assignment < 0
    left = contents.counts[waiting].sum(axis=0)
    lots = generator.random((contents.n_units, n_folds)).tolist()
    label_lots = generator.random(len(left))
    nothing_held = [0] * n_folds
    while waiting.any():
        chosen_units, held_of_label = waiting, nothing_held
        if left.any():
            # One pass of the loop takes all images of a label; those without any come last.
            rarest = np.lexsort((label_lots, np.where(left > 0, left, np.inf)))[0]
            chosen_units, held_of_label = waiting & (contents.counts[:, rarest] > 0), held[rarest]
        for unit in generator.permutation(np.flatnonzero(chosen_units)).tolist():
            *_, fold = min(
                (held_of_label[f] / shares[f], sizes[f] / shares[f], lots[unit][f], f)
                for f in folds
            )
            assignment[unit] = fold
            sizes[fold] += 1
            for label, n in contents.pairs[unit]:
                held[label][fold] += n
                left[label] -= n
        waiting &= ~chosen_units
