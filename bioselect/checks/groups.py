"""Findings about declared groups: one for all, one for each image, one class in each."""

from __future__ import annotations

from collections import Counter, defaultdict

from bioselect.checks.classes import looks_missing, spelt_alike
from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding
from bioselect.data.records import ImageDataset

#: A group with one class is told of if chance would make fewer such groups than this.
CHANCE = 0.01


def group_findings(dataset: ImageDataset) -> list[Finding]:
    """Return everything noticed about the groups, before any image is read.

    Parameters
    ----------
    dataset : ImageDataset
        With declared groups; an image that is left out later may have none.
    """
    sizes = Counter(record.group for record in dataset.records if record.group is not None)
    if not sizes:
        return []
    if len(sizes) == 1:
        return [
            Finding(
                ERROR,
                "",
                f"must have several groups, as those of one are never divided. All "
                f"{dataset.n_images} images are in the group {next(iter(sizes))!r}.",
                "Correct dataset.group.",
            )
        ]
    if (
        len({(one.group, one.target) for one in dataset.records})
        == len(sizes)
        == len(dataset.class_names)
    ):
        return [
            Finding(
                ERROR,
                "",
                f"groups must be smaller than classes. Each class is one group: "
                f"{', '.join(sorted(sizes))}.",
                "Correct dataset.group; it seems to read the class.",
            )
        ]
    findings = [*_alike(sizes), *_missing(sizes)]
    if max(sizes.values()) == 1:
        return [
            *findings,
            Finding(
                NOTE,
                "",
                f"each of the {len(sizes)} images is in a group of its own, so that groups change "
                "nothing.",
                "If some images are of one patient, slide or plate, name these in dataset.group.",
            ),
        ]
    return [*findings, *_one_class(dataset, sizes)]


def _alike(sizes: Counter[str]) -> list[Finding]:
    return [
        Finding(
            WARNING,
            "",
            f"the groups {', '.join(map(repr, same))} differ only in capitals, blanks, hyphens or "
            "the form of a number.",
            "If they are one, write them alike: now they can lie in training and in test.",
            "groups alike",
        )
        for same in spelt_alike(sorted(sizes))
    ]


def _missing(sizes: Counter[str]) -> list[Finding]:
    return [
        Finding(
            WARNING,
            "",
            f"the group {name!r} looks like a missing value; its {size} images are kept together "
            "as if they were of one.",
            "Name the group of each image, or leave these images out.",
            "missing group",
        )
        for name, size in sorted(sizes.items())
        if size > 1 and looks_missing(name)
    ]


def _one_class(dataset: ImageDataset, sizes: Counter[str]) -> list[Finding]:
    """Tell of groups with one class only: of all, or of one that chance did not make so."""
    if dataset.is_multilabel or not dataset.class_names:
        return []
    classes: dict[str, set[str]] = defaultdict(set)
    for record in dataset.records:
        if record.group is not None:
            classes[record.group].add(record.target_text)
    alone = [group for group in sorted(sizes) if len(classes[group]) == 1]
    if len(alone) == len(sizes):
        what = f"each of the {len(sizes)} groups holds images of one class only."
        remedy = (
            "That is as it must be for patients with one diagnosis. If groups are plates, days or "
            "microscopes, what is seen may be these: have every class on each."
        )
        return [Finding(NOTE, "", what, remedy, "one class in each group")]
    if 2 * len(alone) > len(sizes):
        return []
    counts = Counter(record.target_text for record in dataset.records)
    shares = {name: count / dataset.n_images for name, count in counts.items()}
    class_of = {group: next(iter(classes[group])) for group in alone}
    return [
        Finding(
            NOTE,
            "",
            f"all {sizes[group]} images of the group {group!r} are of the class "
            f"{class_of[group]!r}, while most groups hold several classes.",
            "Look whether its images have the right class. If so, nothing has to be done.",
            "one class in a group",
        )
        for group in alone
        if shares[class_of[group]] ** sizes[group] * len(sizes) < CHANCE
    ]
