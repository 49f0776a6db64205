"""Do groups differ in how their images were taken: in light, stain, sharpness, exposure.

A plate, a day or a scanner of its own shows in all of its images. What classes differ in is taken
out first (the median of each class), so that a patient is not told of for his disease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.checks.saturation import clipped_share
from bioselect.data.fingerprint import ImageFingerprint

#: Groups of fewer images say nothing of themselves, fewer groups nothing of what is usual.
N_IMAGES, N_GROUPS = 5, 8
#: A group is told of if chance puts one so far out in fewer sets than this.
CHANCE = 0.01
#: The spread of a few groups is itself uncertain, as if it had so many degrees of freedom a group;
#: that of many never has more than the second number, as some patients are always far from usual.
DF_OF_GROUP, MOST_DF = 0.4, 10.0
#: They are at most so many of the groups, and so much further out than any other group.
FEW, GAP = 0.1, 2.0
#: Groups are told of if so much of what differs between images lies between them.
SHARE_BETWEEN = 0.5
#: A median absolute deviation is so much of a standard deviation; a median varies so much more
#: than a mean does.
MAD, OF_MEDIAN = 1.4826, 1.2533


@dataclass(frozen=True, eq=False)
class Measure:
    """One number an image: what groups are compared in, and how it is told.

    Groups that differ by less than `least` are not told of. `is_log`: `values` are logarithms.
    """

    name: str
    values: np.ndarray
    form: str
    least: float
    is_log: bool = True

    def in_words(self, value: float) -> str:
        """Return a value as it was before it became a logarithm."""
        return self.form.format(float(np.exp(value)) if self.is_log else value)


def group_drift(readable: Readable) -> list[Finding]:
    """Return the groups that were taken otherwise than the rest, and in what all groups differ."""
    readable = [
        (record, mark)
        for record, mark in readable
        if record.group is not None and not mark.is_constant
    ]
    names, of_group = np.unique([str(one.group) for one, _ in readable], return_inverse=True)
    sizes = np.bincount(of_group, minlength=len(names))
    if int(np.sum(sizes >= N_IMAGES)) < N_GROUPS:
        return []
    classes = _classes([record.target for record, _ in readable])
    measures = _measures([mark for _, mark in readable])
    findings = []
    between = []
    for measure in measures:
        adjusted = _without_classes(measure.values, classes)
        far = outlying_groups(adjusted, of_group, len(measures), measure.least)
        for place, distance in far.items():
            own = measure.values[of_group == place]
            findings.append(_of_group(str(names[place]), own, measure, distance))
        share = share_between(adjusted, of_group)
        if share >= SHARE_BETWEEN:
            between.append((measure.name, share))
    if between:
        pairs = {(group, one) for group, one in zip(of_group.tolist(), classes, strict=True)}
        is_nested = len(set(classes)) > 1 and len(pairs) == len(names)
        findings.append(_of_all(between, is_nested))
    return findings


def _classes(targets: Sequence[object]) -> list[str]:
    """Return the class of each image; numbers and labels are of one class."""
    return [one if isinstance(one, str) else "" for one in targets]


def _measures(marks: Sequence[ImageFingerprint]) -> list[Measure]:
    """Return what is measured of each image; what is not to be had of all is left out."""
    found = []
    light = np.array([float(np.mean(mark.brightness or (0,))) for mark in marks])
    focus = np.array([mark.focus for mark in marks])
    clipped = np.array([clipped_share(mark) for mark in marks])
    if len({mark.dtype for mark in marks}) == 1 and (light > 0).all():
        found.append(Measure("mean brightness", np.log(light), "{:.4g}", 0.1))
    if all(len(mark.brightness) == 3 and min(mark.brightness) > 0 for mark in marks):
        logs = np.log([mark.brightness for mark in marks])
        for place, name in ((0, "first"), (2, "third")):
            ratio = logs[:, place] - logs[:, 1]
            found.append(Measure(f"colour ({name} to second channel)", ratio, "{:.2f}", 0.1))
    if (focus > 0).all():
        found.append(Measure("sharpness", np.log(focus), "{:.3g}", 0.4))
    found.append(Measure("over-exposed pixels", clipped, "{:.1%}", 0.05, is_log=False))
    return [one for one in found if len(np.unique(one.values)) > 2]


def _without_classes(values: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return values less the median of their class, where classes have images enough."""
    adjusted: np.ndarray = values.astype(np.float64)
    of_class = np.unique(classes, return_inverse=True)[1]
    for place in range(int(of_class.max()) + 1):
        adjusted[of_class == place] -= np.median(values[of_class == place])
    return adjusted


def outlying_groups(
    values: np.ndarray, of_group: np.ndarray, n_measures: int, least: float = 0.0
) -> dict[int, float]:
    """Return the groups that lie far from all others, each with how far from the usual one.

    Parameters
    ----------
    values : array of shape (n_images,)
        What is compared.
    of_group : array of shape (n_images,)
        The group of each image, from 0.
    n_measures : int
        In how many measures groups are compared: chance has as many tries.
    least : float
        Groups that are nearer are as usual.

    Examples
    --------
    >>> groups = np.repeat(np.arange(12), 5)
    >>> values = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 12) + np.where(groups == 7, 100.0, groups)
    >>> list(outlying_groups(values, groups, 1))
    [7]
    """
    from scipy.special import stdtrit

    sizes = np.bincount(of_group)
    looked_at = np.flatnonzero(sizes >= N_IMAGES)
    own = [values[of_group == place] for place in looked_at]
    medians = np.array([np.median(one) for one in own])
    of_images = MAD * float(np.median([np.median(np.abs(one - np.median(one))) for one in own]))
    far = np.abs(medians - np.median(medians))
    of_groups = MAD * float(np.median(far))
    error = np.hypot(of_groups, OF_MEDIAN * of_images / np.sqrt(sizes[looked_at]))
    df = min(MOST_DF, DF_OF_GROUP * (len(looked_at) - 1))
    sure = float(stdtrit(df, 1 - CHANCE / 2 / (len(looked_at) * n_measures)))
    is_out = far > np.maximum(np.maximum(sure * error, of_images), least)
    if not is_out.any() or is_out.sum() > max(1, FEW * len(looked_at)):
        return {}
    if far[is_out].min() < GAP * far[~is_out].max():
        return {}
    usual = float(np.median(medians))
    return {
        int(looked_at[place]): float(medians[place] - usual) for place in np.flatnonzero(is_out)
    }


def share_between(values: np.ndarray, of_group: np.ndarray) -> float:
    """Return which part of the variance between images lies between groups (ICC), from 0.

    Examples
    --------
    >>> groups = np.repeat([0, 1, 2], 4)
    >>> share_between(groups * 1.0, groups)
    1.0
    >>> share_between(np.tile([1.0, 2.0, 3.0, 4.0], 3), groups)
    0.0
    """
    sizes = np.bincount(of_group)
    kept = np.isin(of_group, np.flatnonzero(sizes >= 2))
    groups, of_group = np.unique(of_group[kept], return_inverse=True)
    sizes, values = np.bincount(of_group), values[kept]
    n_images, n_groups = len(values), len(groups)
    if n_groups < 2 or n_images <= n_groups:
        return 0.0
    means = np.bincount(of_group, values) / sizes
    within = float(np.sum((values - means[of_group]) ** 2)) / (n_images - n_groups)
    between = float(np.sum(sizes * (means - values.mean()) ** 2)) / (n_groups - 1)
    size = (n_images - float(np.sum(sizes**2)) / n_images) / (n_groups - 1)
    gained = max(0.0, (between - within) / size)
    return gained / (gained + within) if gained > 0 else 0.0


def _of_group(name: str, own: np.ndarray, measure: Measure, distance: float) -> Finding:
    middle = float(np.median(own))
    said, usual = measure.in_words(middle), measure.in_words(middle - distance)
    return Finding(
        WARNING,
        "",
        f"the {len(own)} images of the group {name!r} differ from those of all other groups in "
        f"{measure.name}: {said} in the middle, {usual} where groups are as usual.",
        "Look whether it was stained, lit or focused otherwise. If so, take it again or leave it "
        "out, or expect a model to do worse on such images.",
        "group taken otherwise",
    )


def _of_all(between: Sequence[tuple[str, float]], is_nested: bool) -> Finding:
    told = ", ".join(f"{name} ({100 * share:.0f} %)" for name, share in between)
    what = f"groups differ in {told}: so much of what differs between images lies between groups."
    remedy = (
        "Images of a new group may differ as much: scores allow for it, as groups are never "
        "divided, and more groups help more than more images."
    )
    if is_nested:
        remedy += (
            " As each group is of one class, what differs between classes cannot be told from what "
            "differs between groups: have groups of all classes taken together."
        )
    return Finding(NOTE, "", what, remedy, "groups differ")
