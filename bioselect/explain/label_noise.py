"""About how many labels are wrong, from what combinations say of images they were not trained on.

Two counts, of which neither is right alone. *Confident learning* (Northcutt, Jiang, Chuang 2021,
Journal of Artificial Intelligence Research 70) takes a label for wrong where another class is as
probable as it usually is for images of that class; it also counts what combinations confuse. Among
the images of which they are *surest* hardly anything is confused, so a label that differs there is
wrong; but labels may be wrong more often where images are hard to tell. The truth is mostly between
the two (`benchmarks/label_noise.py`), so their mean is told, with a range that holds both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_label_sets, is_values

#: The surest part of the images that are predicted to be of a class.
SUREST = 0.3
#: Where combinations are right less often than this (of the labels that the surest leave right),
#: confusion hides what is wrong; so it does where a class has few images.
LEAST_RIGHT, LEAST_IMAGES, LEAST_OF_CLASS = 0.85, 100, 20
#: What is said covers the true share in about so many of a hundred draws of the images.
COVERAGE = 0.95
N_DRAWS = 400
#: Fewer wrong labels than this are not worth a word.
WORTH_TELLING = 0.01


@dataclass(frozen=True)
class LabelNoise:
    """The estimated share of wrong labels, from 0 to 1, and the range that it may have."""

    share: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether there are wrong labels beyond what chance and confusion make."""
        return self.low > 0 and self.share >= WORTH_TELLING


def label_noise(
    predicted: np.ndarray, targets: np.ndarray, units: np.ndarray, seed: int
) -> LabelNoise | None:
    """Estimate the share of wrong labels; None where it cannot be told.

    Parameters
    ----------
    predicted : array of shape (n_images, n_classes)
        From :func:`bioselect.explain.suspicion.common_prediction`; NaN where nothing is known.
    targets : np.ndarray
        As given, see :mod:`bioselect.data.targets`. Of numbers and of several labels an image
        nothing can be told.
    units : array of shape (n_images,)
        What was not divided; the range is that of drawing units anew.
    seed : int
        Of the draws.

    Examples
    --------
    >>> targets = np.repeat([0, 1], 100)
    >>> sure = np.where(np.eye(2)[targets] == 1, 0.9, 0.1)
    >>> sure += np.linspace(-0.04, 0.04, 200)[:, None]
    >>> label_noise(sure, targets, np.arange(200), seed=0)
    LabelNoise(share=0.0, low=0.0, high=0.0)
    >>> targets[[3, 50, 120, 199]] = 1 - targets[[3, 50, 120, 199]]  # 2 % of the labels
    >>> found = label_noise(sure, targets, np.arange(200), seed=0)
    >>> found.low < 0.02 < found.high
    True
    """
    if is_values(targets) or is_label_sets(targets):
        return None
    known = np.isfinite(predicted).all(axis=1)
    predicted, targets, units = predicted[known], targets[known], units[known]
    n_classes = predicted.shape[1]
    counts = np.bincount(targets, minlength=n_classes)
    if len(targets) < LEAST_IMAGES or counts.min() < LEAST_OF_CLASS:
        return None
    right = predicted.argmax(axis=1) == targets
    share_right = float(np.mean([right[targets == place].mean() for place in range(n_classes)]))
    if share_right < LEAST_RIGHT * (1.0 - among_surest(predicted, targets)):
        return None
    random = np.random.default_rng([seed, n_classes])
    of_unit = np.unique(units, return_inverse=True)[1]
    n_units = int(of_unit.max()) + 1
    draws = []
    for _ in range(N_DRAWS):
        times = np.bincount(random.integers(0, n_units, n_units), minlength=n_units)
        places = np.repeat(np.arange(len(targets)), times[of_unit])
        draws.append(_counted(predicted[places], targets[places]))
    beyond = (1 - COVERAGE) / 2
    low = float(np.quantile(np.min(draws, axis=1), beyond))
    high = float(np.quantile(np.max(draws, axis=1), 1 - beyond))
    share = float(np.mean(_counted(predicted, targets)))
    return LabelNoise(share, min(low, share), max(high, share))


def _counted(predicted: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """Return the share of other labels among the surest, and that of confident learning."""
    return among_surest(predicted, targets), confident_learning(predicted, targets)


def among_surest(predicted: np.ndarray, targets: np.ndarray) -> float:
    """Return how often the label is another one where predictions are surest.

    Each predicted class counts by its images.
    """
    said, sure = predicted.argmax(axis=1), predicted.max(axis=1)
    shares, weights = [], []
    for place in np.unique(said):
        own = np.flatnonzero(said == place)
        first = own[np.argsort(-sure[own], kind="stable")[: max(1, round(SUREST * len(own)))]]
        shares.append(float(np.mean(targets[first] != place)))
        weights.append(len(own))
    return float(np.average(shares, weights=weights))


def confident_learning(predicted: np.ndarray, targets: np.ndarray) -> float:
    """Return the share of wrong labels by the confident joint of Northcutt et al.

    Examples
    --------
    >>> predicted = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])
    >>> confident_learning(predicted, np.array([0, 0, 1, 1]))
    0.25
    """
    n_classes = predicted.shape[1]
    counts = np.bincount(targets, minlength=n_classes).astype(np.float64)
    usual = [
        predicted[targets == place, place].mean() if counts[place] else np.inf
        for place in range(n_classes)
    ]
    confident = np.where(predicted >= np.array(usual), predicted, -1.0)
    is_counted = confident.max(axis=1) >= 0
    joint = np.zeros((n_classes, n_classes))
    np.add.at(joint, (targets[is_counted], confident.argmax(axis=1)[is_counted]), 1.0)
    right = np.diag(joint) / np.maximum(joint.sum(axis=1), 1.0)
    right[joint.sum(axis=1) == 0] = 1.0
    return float(np.sum((1.0 - right) * counts) / len(targets))
