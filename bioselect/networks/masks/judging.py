"""How well a network does on images with masks: loss, right pixels, Dice of each image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bioselect.data.pairs import IGNORED, Pairs, PairScene, Scene
from bioselect.networks.masks.losses import MaskLossPlan, Sums, loss_of, make_sums

#: Logs of probabilities that a softmax rounded to 0.
LEAST_PROBABILITY = 1e-7


class Predictor(Protocol):
    """What gives the probabilities of an image in bands."""

    def bands(self, scene: Scene) -> Any:
        """Give (rows, probabilities) from top to bottom."""


@dataclass(frozen=True)
class ImageMarks:
    """What an image says of a network; `dice` is the mean over its classes."""

    loss: float
    accuracy: float
    dice: float


def make_judge(plan: MaskLossPlan, pairs: Pairs) -> Callable[[Predictor, int], ImageMarks]:
    """Return what marks the prediction of an image, given by its place; bands keep memory small."""
    sums_of = make_sums(plan)

    def mark(predictor: Predictor, place: int) -> ImageMarks:
        parts = []
        counts = np.zeros((3, plan.n_classes), dtype=np.int64)
        for rows, probabilities in predictor.bands(PairScene(pairs, place)):
            mask = pairs.mask(place, rows)
            log_p = np.log(np.maximum(probabilities, np.float32(LEAST_PROBABILITY)))
            parts.append(sums_of(mask[np.newaxis], log_p[np.newaxis]))
            counts += counts_of(mask, probabilities.argmax(axis=-1), plan.n_classes)
        columns = zip(*parts, strict=True)
        sums = Sums(*(np.sum([np.float64(one) for one in column], axis=0) for column in columns))
        right, _, there = counts
        accuracy = right.sum() / max(there.sum(), 1)
        dice = dice_of(counts, plan.counted)
        return ImageMarks(float(loss_of(plan, sums)[0]), float(accuracy), dice)

    return mark


def counts_of(mask: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Return int64 ``(3, n_classes)``: pixels that were found, predicted and there, of each class.

    Examples
    --------
    >>> counts_of(np.array([[0, 1, 255]]), np.array([[1, 1, 0]]), 2).tolist()
    [[0, 1], [0, 2], [1, 1]]
    """
    counts = mask != IGNORED
    true, found = mask[counts].astype(np.int64), np.asarray(predicted)[counts]
    return np.stack(
        [
            np.bincount(true[true == found], minlength=n_classes),
            np.bincount(found, minlength=n_classes),
            np.bincount(true, minlength=n_classes),
        ]
    )


def dice_of(counts: np.ndarray, counted: tuple[int, ...]) -> float:
    """Return the mean Dice of the classes that are there or were predicted; 1 if none is either.

    Examples
    --------
    >>> dice_of(np.array([[5, 1], [5, 2], [6, 1]]), (1,))
    0.6666666666666666
    >>> dice_of(np.array([[5, 0], [5, 0], [5, 0]]), (1,))
    1.0
    """
    found, predicted, there = (row[list(counted)] for row in counts)
    either = (predicted + there) > 0
    if not either.any():
        return 1.0
    return float(np.mean(2.0 * found[either] / (predicted + there)[either]))
