"""What a training on masks makes small; pixels that are ignored count in none of it.

Every loss follows from a few sums over an image: what its pixels cost, and for each class how much
of it was found, predicted and there. So an image that is predicted in parts has the same loss as a
whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.losses import LEAST_MISSING
from bioselect.networks.masks.loss_names import BOTH, CROSS_ENTROPY, FOCAL, TVERSKY

#: Pixels added to both sides of the overlap, so that a class that is nowhere has one.
SMOOTH = 1.0


@dataclass(frozen=True, eq=False)
class MaskLossPlan:
    """Which loss.

    Parameters
    ----------
    name : str
        One of `MASK_LOSSES`: Milletari et al. 2016, arXiv:1606.04797 (Dice); Lin et al. 2017,
        arXiv:1708.02002 (focal); Salehi et al. 2017, arXiv:1706.05721 (Tversky).
    n_classes : int
        How many there are.
    counted : tuple of int
        The classes of which the overlap counts: all but the background.
    class_weights : np.ndarray, optional
        float ``(n_classes,)``: what a pixel of each class counts.
    focal_gamma : float
        Of focal.
    tversky_alpha : float
        What a pixel too many counts; one that is missing counts the rest of 1.
    """

    name: str
    n_classes: int
    counted: tuple[int, ...]
    class_weights: np.ndarray | None = None
    focal_gamma: float = 2.0
    tversky_alpha: float = 0.3


class Sums(NamedTuple):
    """Sums over the pixels of each image that count.

    `cost` and `n_pixels` are ``(n_images,)``; `found`, `predicted` and `there`
    ``(n_images, n_classes)``: of each class its probability where it is, and
    everywhere, and its pixels.
    """

    cost: Any
    n_pixels: Any
    found: Any
    predicted: Any
    there: Any


def make_sums(plan: MaskLossPlan) -> Callable[[Any, Any], Sums]:
    """Return what sums up masks ``(n_images, height, width)`` and logs of probabilities.

    The logs are ``(n_images, height, width, n_classes)``.
    """
    tensorflow = import_tensorflow()
    weights = plan.class_weights

    def sums(masks: Any, log_p: Any) -> Sums:
        true = tensorflow.one_hot(tensorflow.cast(masks, tensorflow.int32), plan.n_classes)
        # A row of zeros where a pixel is ignored: its value is no class.
        counts = tensorflow.reduce_sum(true, axis=-1, keepdims=True)
        of_true = tensorflow.reduce_sum(true * log_p, axis=-1)
        cost = -of_true
        if plan.name == FOCAL:
            missing = tensorflow.maximum(-tensorflow.math.expm1(of_true), LEAST_MISSING)
            cost = missing**plan.focal_gamma * cost
        if weights is not None:
            cost = cost * tensorflow.linalg.matvec(true, weights.astype(np.float32))
        p = tensorflow.exp(log_p)
        inside = (1, 2)
        return Sums(
            tensorflow.reduce_sum(cost, axis=inside),
            tensorflow.reduce_sum(counts, axis=(1, 2, 3)),
            tensorflow.reduce_sum(p * true, axis=inside),
            tensorflow.reduce_sum(p * counts, axis=inside),
            tensorflow.reduce_sum(true, axis=inside),
        )

    return sums


def loss_of(plan: MaskLossPlan, sums: Sums) -> Any:
    """Return the loss of each image alone, as numbers of numpy, out of its sums.

    Examples
    --------
    One pixel of each of two classes, both predicted with one half.

    >>> sums = Sums(*map(np.array, ([2 * np.log(2)], [2.0], [[.5, .5]], [[1.0, 1]], [[1.0, 1]])))
    >>> float(loss_of(MaskLossPlan("cross_entropy", 2, (1,)), sums)[0].round(3))
    0.693
    >>> float(loss_of(MaskLossPlan("dice", 2, (1,)), sums)[0].round(3))
    0.333
    """
    cost = np.asarray(sums.cost, dtype=np.float64)
    n_pixels = np.asarray(sums.n_pixels, dtype=np.float64)
    pixels = cost / np.maximum(n_pixels, 1.0)
    if plan.name in (CROSS_ENTROPY, FOCAL):
        return pixels
    counted = list(plan.counted)
    found, predicted, there = (
        np.asarray(one, dtype=np.float64)[:, counted]
        for one in (sums.found, sums.predicted, sums.there)
    )
    lacking = 1.0 - _overlap(plan, found, predicted, there).mean(axis=-1)
    return lacking + pixels if plan.name == BOTH else lacking


def make_batch_loss(plan: MaskLossPlan) -> Callable[[Any, Any], Any]:
    """Return (masks, output before softmax) -> a loss for each image of a batch.

    What pixels cost is a mean over each image. The overlap is that of all pixels of the batch
    together, the same number for each of its images: a class that one patch lacks is in another.
    """
    tensorflow = import_tensorflow()
    sums_of = make_sums(plan)

    def loss(masks: Any, output: Any) -> Any:
        sums = sums_of(masks, tensorflow.nn.log_softmax(output))
        pixels = sums.cost / tensorflow.maximum(sums.n_pixels, 1.0)
        if plan.name in (CROSS_ENTROPY, FOCAL):
            return pixels
        found, predicted, there = (
            tensorflow.gather(tensorflow.reduce_sum(one, axis=0), list(plan.counted))
            for one in (sums.found, sums.predicted, sums.there)
        )
        lacking = 1.0 - tensorflow.reduce_mean(_overlap(plan, found, predicted, there))
        return lacking + pixels if plan.name == BOTH else lacking + 0.0 * pixels

    return loss


def _overlap(plan: MaskLossPlan, found: Any, predicted: Any, there: Any) -> Any:
    if plan.name == TVERSKY:
        wrong = plan.tversky_alpha * (predicted - found)
        missing = (1.0 - plan.tversky_alpha) * (there - found)
        return (found + SMOOTH) / (found + wrong + missing + SMOOTH)
    return (2.0 * found + SMOOTH) / (predicted + there + SMOOTH)


def balanced_pixel_weights(n_pixels: np.ndarray) -> np.ndarray:
    """Return what a pixel of each class weighs, so that all classes together weigh the same.

    As in scikit-learn's `balanced`; a class that is nowhere weighs 1.

    Examples
    --------
    >>> balanced_pixel_weights(np.array([300, 100, 0])).round(3).tolist()
    [0.667, 2.0, 1.0]
    """
    there = n_pixels > 0
    weights = np.ones(len(n_pixels))
    weights[there] = n_pixels.sum() / (there.sum() * n_pixels[there])
    return weights
