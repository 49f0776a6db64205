"""Which images are trained on and which are tested, drawn once for every candidate.

A *unit* is what must never be split: a patient, a plate, or an image with its copies. Folds
are drawn over units, balanced in the images of each class. scikit-learn's `StratifiedGroupKFold`
is not used: when groups hold one class each and differ in size it shuffles so little that most
repeats are the same partition, and repeats that repeat nothing make scores look more certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.partitions import (
    Defects,
    Spread,
    UnitContents,
    new_partition,
    numbered_by_appearance,
    spread_by_class,
)
from bioselect.exceptions import ConfigurationError, DataError

#: Fewer units of a class than this: nothing honest can be said. Fewer than `COMFORTABLE_UNITS`:
#: about one in each of five test folds.
MINIMUM_UNITS = 5
COMFORTABLE_UNITS = 10
#: Below these the study only ranks; it does not claim.
EXPLORATORY_IMAGES = 30
EXPLORATORY_UNITS = 10

DEFAULT_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Fold:
    """One division of the images: `train` and `test` are int64 places, each sorted."""

    repeat: int
    index: int
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, eq=False)
class SplitPlan:
    """All folds of a study in the order repeat, index; `design` says in words what they are."""

    folds: tuple[Fold, ...]
    n_folds: int
    n_repeats: int
    seed: int
    design: str


@dataclass(frozen=True)
class Stratification:
    """What folds are balanced in (its name, for one and several), and how units are spread."""

    noun: str
    plural: str
    spread: Spread


@dataclass(frozen=True)
class Design:
    """How many folds and repeats; `exploratory` studies rank but claim nothing."""

    n_folds: int
    n_repeats: int
    warnings: tuple[str, ...] = ()
    exploratory: bool = False


def independent_units(
    groups: Sequence[str | None],
    picture_sha256: Sequence[str],
    constant: Sequence[bool],
    near: Sequence[tuple[int, int]] = (),
) -> np.ndarray:
    """Return the unit of each image: images linked by a group or by equal pixels share one.

    Parameters
    ----------
    groups : sequence of str or None
        The declared group of each image; None links nothing.
    picture_sha256 : sequence of str
        The digest of what each image shows.
    constant : sequence of bool
        Whether the image has a single value. Such an image stays with its own group, or with the
        other blanks when it has none; it never links two groups, because one blank slide in
        every folder would merge all patients into one unit.
    near : sequence of tuple of int
        Places of near copies, which are linked besides.

    Returns
    -------
    np.ndarray
        int64 ``(n_images,)``: 0, 1, ... numbered by first appearance.

    Examples
    --------
    >>> independent_units(["p1", "p2", "p1", "p3"], ["a", "b", "c", "b"], [False] * 4)
    array([0, 1, 0, 1])
    """
    n_images = len(groups)
    lengths = (n_images, len(picture_sha256), len(constant))
    if len(set(lengths)) > 1:
        raise ValueError(f"groups, picture_sha256, constant must be of one length. Got {lengths}.")
    parents = list(range(n_images))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    first_seen: dict[tuple[str, str], int] = {}
    for place, (group, pixels, blank) in enumerate(
        zip(groups, picture_sha256, constant, strict=True)
    ):
        links = [] if group is None else [("group", group)]
        if not blank or group is None:
            links.append(("pixels", pixels))
        for link in links:
            parents[root(place)] = root(first_seen.setdefault(link, place))
    for one, other in near:
        parents[root(other)] = root(one)
    return numbered_by_appearance([root(place) for place in range(n_images)])


def choose_design(
    class_indices: np.ndarray | None,
    units: np.ndarray,
    folds: int | str,
    repeats: int | str,
    class_names: Sequence[str],
) -> Design:
    """Choose the number of folds and repeats, and stop a study that could say nothing.

    Parameters
    ----------
    class_indices : np.ndarray or None
        int ``(n_images,)``, places in `class_names`; None when the target is a number.
    units : np.ndarray
        int ``(n_images,)`` of :func:`independent_units`.
    folds, repeats : int or "auto"
        `auto`: 5 folds; 20 repeats below 100 units, 10 up to 1,000, then 5.
    class_names : sequence of str
        Every class of the study. A unit that holds several classes counts for each.

    Raises
    ------
    DataError
        If there is one class only, if a class has fewer than 5 units, or if there are fewer units
        than folds.
    ConfigurationError
        If `folds` is below 2 or `repeats` below 1.

    Examples
    --------
    >>> choose_design(np.repeat([0, 1], 60), np.arange(120), "auto", "auto", ["cell", "debris"])
    Design(n_folds=5, n_repeats=10, warnings=(), exploratory=False)
    """
    if class_indices is None:
        counts = {"the data set": len(np.unique(units))}
    else:
        counts = _units_of_classes(class_indices, units, class_names)
    _check_enough_units(counts)
    return design_for(counts, units, folds, repeats)


def design_for(
    counts: dict[str, int], units: np.ndarray, folds: int | str, repeats: int | str
) -> Design:
    """Choose the number of folds and repeats for what is stratified by.

    Parameters
    ----------
    counts : dict
        In how many units each class or label is, by its name in words.
    units, folds, repeats
        As for :func:`choose_design`.
    """
    n_images, n_units = len(units), len(np.unique(units))
    n_folds = DEFAULT_FOLDS if folds == "auto" else int(folds)
    automatic = 20 if n_units < 100 else 10 if n_units <= 1000 else 5
    n_repeats = automatic if repeats == "auto" else int(repeats)
    if n_folds < 2:
        raise ConfigurationError(f"validation.folds: must be at least 2. Got {n_folds}.")
    if n_repeats < 1:
        raise ConfigurationError(f"validation.repeats: must be at least 1. Got {n_repeats}.")
    if n_folds > n_units:
        raise DataError(
            f"validation.folds: must be at most {n_units}, the number of images or groups that "
            f"are independent of each other. Got {n_folds}. Choose fewer folds."
        )
    exploratory = n_images < EXPLORATORY_IMAGES or n_units < EXPLORATORY_UNITS
    warnings = _design_warnings(counts, n_folds)
    if exploratory:
        warnings.append(
            f"{n_images} images in {n_units} independent units are few: the results are "
            f"exploratory, a ranking without claims of significance. Claims need at least "
            f"{EXPLORATORY_IMAGES} images and {EXPLORATORY_UNITS} groups."
        )
    return Design(n_folds, n_repeats, tuple(warnings), exploratory)


def _units_of_classes(
    class_indices: np.ndarray, units: np.ndarray, class_names: Sequence[str]
) -> dict[str, int]:
    if len(class_names) < 2:
        found = ", ".join(class_names) or "none"
        raise DataError(
            f"the data set: must have at least 2 classes. Got {found}. Check that the images of "
            "each class lie in a folder of their own, or the target column of the table."
        )
    return {
        f"class {name!r}": len(np.unique(units[class_indices == place]))
        for place, name in enumerate(class_names)
    }


def _check_enough_units(counts: dict[str, int]) -> None:
    short = [f"{name} has {count}" for name, count in counts.items() if count < MINIMUM_UNITS]
    if short:
        raise DataError(
            f"each class must have at least {MINIMUM_UNITS} images or groups that are independent "
            "of each other (copies of an image count once, and so do DICOM images of one patient). "
            f"Got too few: {', '.join(short)}. "
            "Collect more, merge it with another class, or leave it out."
        )


def _design_warnings(counts: dict[str, int], n_folds: int) -> list[str]:
    warnings = []
    few = [f"{name}: {count}" for name, count in counts.items() if count < COMFORTABLE_UNITS]
    if few:
        each = _in_each_fold(min(counts.values()), n_folds)
        warnings.append(
            f"few independent images or groups ({', '.join(few)}): about {each} in each test fold, "
            f"so scores will vary widely. {COMFORTABLE_UNITS} is a working minimum, 30 is "
            "comfortable."
        )
    absent = [name for name, count in counts.items() if count < n_folds]
    if absent:
        warnings.append(
            f"validation.folds: {n_folds} is more than the independent images or groups of "
            f"{', '.join(absent)}: some test folds hold none of it. Choose at most "
            f"{min(counts.values())} folds."
        )
    return warnings


def _in_each_fold(count: int, n_folds: int) -> str:
    share = max(1, round(count / n_folds))
    return "one" if share == 1 else str(share)


def draw_folds(
    class_indices: np.ndarray, units: np.ndarray, n_folds: int, n_repeats: int, seed: int
) -> SplitPlan:
    """Divide the images into folds, several times, always differently.

    Each unit lies in one test fold of each repeat. Images of each class are spread evenly; if the
    images are independent, a fold's count of a class differs from the even share by less than
    1. Every class is in every training part, unless one unit holds all its images. No two repeats
    are the same partition; if no further one is found, there are fewer repeats and `design` says
    so. The first repeats are the same whatever `n_repeats` is.

    Parameters
    ----------
    class_indices : np.ndarray
        int ``(n_images,)``, the class of each image.
    units : np.ndarray
        int ``(n_images,)``, what must not be split; see :func:`independent_units`.
    n_folds, n_repeats : int
        At least 2 folds, at most as many as units; at least 1 repeat.
    seed : int
        At least 0.

    Examples
    --------
    >>> plan = draw_folds(np.array([0, 0, 0, 1, 1, 1]), np.arange(6), 3, 2, seed=0)
    >>> [len(fold.test) for fold in plan.folds]
    [2, 2, 2, 2, 2, 2]
    >>> plan.design
    '3 folds, drawn 2 times, stratified by class, over 6 independent images'
    """
    by_class = Stratification("class", "classes", spread_by_class)
    return draw_plan(UnitContents.of(class_indices, units), n_folds, n_repeats, seed, by_class)


def draw_plan(
    contents: UnitContents, n_folds: int, n_repeats: int, seed: int, by: Stratification
) -> SplitPlan:
    """Draw the folds of :func:`draw_folds`, stratified by classes or by something else."""
    if not 2 <= n_folds <= contents.n_units:
        raise DataError(
            f"the number of folds must be between 2 and the number of units, {contents.n_units}. "
            f"Got {n_folds}. Choose fewer folds, or collect more images or groups."
        )
    if n_repeats < 1:
        raise ConfigurationError(f"the number of repeats must be at least 1. Got {n_repeats}.")
    seen: set[bytes] = set()
    folds: list[Fold] = []
    accepted = Defects(0, 0)
    for repeat in range(n_repeats):
        found = new_partition(contents, n_folds, (seed, repeat), seen, accepted, by.spread)
        if found is None or (repeat and found[1].untrained > accepted.untrained):
            break
        assignment, defects = found
        accepted = accepted if repeat else defects
        seen.add(numbered_by_appearance(assignment).tobytes())
        folds.extend(_folds_of(assignment[contents.unit_of_image], n_folds, repeat))
    n_drawn = len(folds) // n_folds
    design = _design_in_words(contents, n_folds, n_drawn, by)
    if n_drawn < n_repeats:
        design += (
            f"; {n_repeats} repeats were asked for, but no further different partition was found"
        )
    n_missing = int(((contents.counts > 0).sum(axis=0) == 1).sum()) + accepted.untrained
    if n_missing:
        design += f"; {n_missing} {by.plural} are missing from the training part of a fold"
    return SplitPlan(tuple(folds), n_folds, n_drawn, seed, design)


def _folds_of(fold_of_image: np.ndarray, n_folds: int, repeat: int) -> list[Fold]:
    places = [(fold_of_image == index, index) for index in range(n_folds)]
    return [
        Fold(repeat, index, np.flatnonzero(~tested), np.flatnonzero(tested))
        for tested, index in places
    ]


def _design_in_words(contents: UnitContents, n_folds: int, n_drawn: int, by: Stratification) -> str:
    n_images = len(contents.unit_of_image)
    if contents.n_units == n_images:
        what = f"{n_images} independent images"
    else:
        what = (
            f"{n_images} images in {contents.n_units} units (groups, or copies) that are "
            "never split"
        )
    times = "once" if n_drawn == 1 else f"{n_drawn} times"
    stratified = f"stratified by {by.noun}, " if by.noun else ""
    return f"{n_folds} folds, drawn {times}, {stratified}over {what}"
