"""Findings about the numbers that images have: all equal, few different ones, far away, codes."""

from __future__ import annotations

import numpy as np

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding
from bioselect.data.records import ImageDataset

#: So few different numbers may be classes.
FEW_NUMBERS = 5
#: A number is told of if it is so many times as far from the middle half as that is wide.
FAR_AWAY = 10.0
#: So many of these are named.
N_NAMED = 5
#: What people and programs write for a number that is not known; small ones may be meant so.
CODES = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0})
#: A number that so many images share leaves little to predict.
MOST = 0.5


def value_findings(dataset: ImageDataset) -> list[Finding]:
    """Return everything noticed about the numbers, before any image is read.

    Parameters
    ----------
    dataset : ImageDataset
        With a number for each image.
    """
    values = dataset.values()
    different, counts = np.unique(values, return_counts=True)
    name = dataset.target_name
    if len(different) < 2:
        return [
            Finding(
                ERROR,
                "",
                f"must have numbers that differ. {name!r} is {values[0]:g} for all "
                f"{len(values)} images.",
                "Check dataset.target.",
            )
        ]
    if len(different) <= FEW_NUMBERS:
        listed = ", ".join(f"{one:g}" for one in different)
        return [
            Finding(
                WARNING,
                "",
                f"{name!r} has only {len(different)} different numbers ({listed}). If they are "
                "names of classes, distances between them mean nothing.",
                "Then write task: classification, with classifiers.",
            )
        ]
    coded = _codes(name, different, counts)
    return [*coded, *([] if coded else _far_away(dataset, values)), *_most(name, different, counts)]


def _codes(name: str, different: np.ndarray, counts: np.ndarray) -> list[Finding]:
    """Tell of numbers that are written where there is none, and lie beside all others."""
    found = []
    for place in (0, len(different) - 1):
        value, count = float(different[place]), int(counts[place])
        others = np.delete(different, place)
        gap = np.abs(others - value).min()
        is_beside = gap > others.max() - others.min() or (value < 0 <= others.min())
        if value in CODES and count > 1 and is_beside:
            found.append(
                Finding(
                    WARNING,
                    "",
                    f"{name!r} is {value:g} for {count} images, and from {others.min():g} to "
                    f"{others.max():g} for all others: it looks like a code for a missing number, "
                    "and is learnt as a number.",
                    "Remove the rows of images whose number is not known.",
                )
            )
    return found


def _far_away(dataset: ImageDataset, values: np.ndarray) -> list[Finding]:
    """Tell of numbers far away from all others, which one typing error makes."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    beyond = np.maximum(low - values, values - high)
    far = np.flatnonzero(beyond > FAR_AWAY * (high - low)) if high > low else np.array([], int)
    far = far[np.argsort(-beyond[far], kind="stable")]
    return [
        Finding(
            WARNING,
            dataset.records[place].image_id,
            f"its {dataset.target_name!r} is {values[place]:g}, far from all others (half of the "
            f"images have {low:g} to {high:g}, the middle one {middle:g}).",
            "If it is a slip of the pen, correct it: one such number can decide over errors.",
            "number far away",
        )
        for place in far[:N_NAMED].tolist()
    ]


def _most(name: str, different: np.ndarray, counts: np.ndarray) -> list[Finding]:
    place = int(counts.argmax())
    share = counts[place] / counts.sum()
    if share <= MOST:
        return []
    return [
        Finding(
            NOTE,
            "",
            f"{name!r} is {different[place]:g} for {100 * share:.0f} % of the images: whoever "
            "always predicts that has the middle error right.",
            "Look at the errors of the other images too.",
        )
    ]
