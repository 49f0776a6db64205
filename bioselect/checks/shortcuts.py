"""Can class or number be told without looking at the image: by its size, its type, its ending.

A classifier that finds such a shortcut scores high and fails on images from elsewhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.readable import Readable

#: Told of if a guess is right for so much more of an average class than chance would be, in parts
#: of what is left above chance ...
CLEARLY = 0.4
#: ... and if that is so many standard errors.
SURELY = 4.0
N_BINS = 8
N_FOLDS = 5
#: Fewer images of a class than this say nothing.
N_NEEDED = 10


def shortcuts(readable: Readable) -> list[Finding]:
    """Return a warning for each fact about files by which the class can be told.

    What is known of a fact in four fifths of the images (of whole groups where they are declared)
    guesses the classes of the last fifth; where images have numbers, whether
    these are low, middle or high. Copies count once. Nothing is returned for several
    labels an image.
    """
    readable = list({mark.picture_sha256: (record, mark) for record, mark in readable}.values())
    targets = [record.target for record, _ in readable]
    of_numbers = bool(targets) and isinstance(targets[0], float)
    classes = _thirds(targets) if of_numbers else targets
    counts = Counter(classes)
    if len(counts) < 2 or min(counts.values()) < N_NEEDED or isinstance(classes[0], tuple):
        return []
    class_indices = np.unique([str(one) for one in classes], return_inverse=True)[1]
    folds = _folds(readable, class_indices)
    findings = []
    for what, facts in _facts(readable).items():
        right = max(_share_right(_coded(values), class_indices, folds) for values in facts)
        if _is_sure(right, class_indices):
            findings.append(_finding(what, right, len(counts), of_numbers))
    return findings


def _thirds(targets: Sequence[Any]) -> list[str]:
    """Return of each number whether it is among the low, the middle or the high ones."""
    values = np.array(targets, dtype=np.float64)
    places = np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values)
    return [("low", "middle", "high")[place] for place in places]


def _finding(what: str, right: float, n_classes: int, of_numbers: bool = False) -> Finding:
    if of_numbers:
        return Finding(
            WARNING,
            "",
            "whether the number is low, middle or high (a third of the images each) can be told by "
            f"{what} alone: such a guess is right for {100 * right:.0f} % of the images of an "
            f"average third (chance: {100 / n_classes:.0f} %).",
            "Good scores may come from that and not from what is seen. Take or save all images "
            "alike.",
        )
    return Finding(
        WARNING,
        "",
        f"the class can be told by {what} alone: such a guess is right for {100 * right:.0f} % of "
        f"the images of an average class (chance: {100 / n_classes:.0f} %).",
        "Good scores may come from that and not from what is seen. Take or save the images of all "
        "classes alike.",
    )


def _facts(readable: Readable) -> dict[str, list[np.ndarray]]:
    """Return, by its name, the numbers or words that each fact is looked at in."""
    marks = [mark for _, mark in readable]
    width = np.array([float(mark.width) for mark in marks])
    height = np.array([float(mark.height) for mark in marks])
    # A folder and an .npz have no ending that says anything.
    endings = [Path(record.path).suffix.lower() for record, _ in readable]
    return {
        "the size of the image": [width, height, width * height, width / height],
        "its number of channels": [np.array([str(mark.n_channels) for mark in marks])],
        "the type of its pixels": [np.array([mark.dtype for mark in marks])],
        "the ending of its file": [np.array([_ENDINGS.get(one, one) for one in endings])],
    }


_ENDINGS = {".jpeg": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".btf": ".tif"}


def _coded(values: np.ndarray) -> np.ndarray:
    """Return each value as a number below `N_BINS`, or as that of its word."""
    if values.dtype.kind != "f":
        return np.unique(values, return_inverse=True)[1]
    if len(np.unique(values)) <= N_BINS:
        return np.unique(values, return_inverse=True)[1]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, N_BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def _folds(readable: Readable, class_indices: np.ndarray) -> np.ndarray:
    """Return a fold of each image, evenly in each class; images of a group share theirs."""
    fold_of_group: dict[str, int] = {}
    n_of_class: dict[int, int] = defaultdict(int)
    folds = []
    for (record, _), place in zip(readable, class_indices.tolist(), strict=True):
        group = record.group
        if group is None or group not in fold_of_group:
            fold = n_of_class[place] % N_FOLDS
            n_of_class[place] += 1
            if group is not None:
                fold_of_group[group] = fold
        else:
            fold = fold_of_group[group]
        folds.append(fold)
    return np.array(folds)


def _share_right(codes: np.ndarray, class_indices: np.ndarray, folds: np.ndarray) -> float:
    """Return the mean over classes of the share of images that are guessed right."""
    n_classes = int(class_indices.max()) + 1
    guesses = np.zeros_like(class_indices)
    for fold in range(N_FOLDS):
        known = folds != fold
        counts = np.zeros((int(codes.max()) + 1, n_classes))
        np.add.at(counts, (codes[known], class_indices[known]), 1.0)
        shares = counts / np.maximum(counts.sum(axis=0), 1.0)
        guesses[~known] = shares.argmax(axis=1)[codes[~known]]
    right: Sequence[float] = [
        float(np.mean(guesses[class_indices == place] == place)) for place in range(n_classes)
    ]
    return float(np.mean(right))


def _is_sure(right: float, class_indices: np.ndarray) -> bool:
    sizes = np.bincount(class_indices)
    chance = 1.0 / len(sizes)
    error = np.sqrt(np.sum(chance * (1 - chance) / sizes)) / len(sizes)
    gained = right - chance
    return bool(gained >= CLEARLY * (1 - chance) and gained >= SURELY * error)
