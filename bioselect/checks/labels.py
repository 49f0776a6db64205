"""Findings about the labels of images that may have several: names and numbers that look odd."""

from __future__ import annotations

import numpy as np

from bioselect.checks.classes import spelt_alike
from bioselect.checks.findings import WARNING, Finding
from bioselect.data.records import ImageDataset

#: Labels that so many images have, or have not, are hardly the same by chance.
FEWEST_ALIKE = 3
#: Words with which people say that nothing was seen.
WORDS_FOR_NOTHING = (
    "no finding",
    "no findings",
    "none",
    "normal",
    "negative",
    "healthy",
    "nothing",
)


def label_findings(dataset: ImageDataset) -> list[Finding]:
    """Return everything noticed about the labels.

    Parameters
    ----------
    dataset : ImageDataset
        With labels; see :attr:`bioselect.data.records.ImageDataset.is_multilabel`.
    """
    labels = dataset.label_matrix()
    return [
        *_alike(dataset.class_names),
        *_words_for_nothing(dataset.class_names, labels),
        *_one_each(labels),
        *_the_same(dataset.class_names, labels),
    ]


def _alike(names: tuple[str, ...]) -> list[Finding]:
    return [
        Finding(
            WARNING,
            "",
            f"the labels {', '.join(map(repr, same))} differ only in capitals, blanks, hyphens or "
            "the form of a number.",
            "If they mean the same, write them alike.",
        )
        for same in spelt_alike(names)
    ]


def _words_for_nothing(names: tuple[str, ...], labels: np.ndarray) -> list[Finding]:
    n_labels = labels.sum(axis=1)
    return [
        Finding(
            WARNING,
            "",
            f"the label {name!r} looks as if it meant none of the labels, but is one of them.",
            "If it does, leave its column out, or name it as none_label of dataset.target.",
        )
        for name, column in zip(names, labels.T, strict=True)
        if name.casefold().replace("_", " ") in WORDS_FOR_NOTHING
        and not (n_labels[column == 1] > 1).any()
    ]


def _one_each(labels: np.ndarray) -> list[Finding]:
    if not (labels.sum(axis=1) == 1).all():
        return []
    return [
        Finding(
            WARNING,
            "",
            "every image has exactly one label.",
            "If it cannot have several, the labels are classes: write one column with the class.",
        )
    ]


def _the_same(names: tuple[str, ...], labels: np.ndarray) -> list[Finding]:
    """Tell of labels that the very same images have."""
    having: dict[bytes, list[str]] = {}
    for name, column in zip(names, labels.T, strict=True):
        if FEWEST_ALIKE <= column.sum() <= len(column) - FEWEST_ALIKE:
            having.setdefault(column.tobytes(), []).append(name)
    return [
        Finding(
            WARNING,
            "",
            f"the labels {', '.join(map(repr, same))} stand at exactly the same images.",
            "If they mean the same, or one was copied, leave out all but one: each counts in every "
            "score.",
        )
        for same in having.values()
        if len(same) > 1
    ]
