"""What a training makes small: a number for each image, from its classes and the network's output.

All are written for soft labels (mixup, label smoothing). Where an image has one class, the output
goes through softmax; where it may have several labels, each label is a yes or no of its own, and
the mean over the labels counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import import_tensorflow

#: A probability that is nearer to 1 counts as lacking so much; focal loss takes powers of it.
LEAST_MISSING = 1e-12
#: (labels, output before softmax) -> the loss of each image; all of them tensors.
Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class LossPlan:
    """Which loss, and what each class weighs.

    Parameters
    ----------
    name : {"cross_entropy", "focal", "generalized_cross_entropy"}
        Lin et al. 2017, arXiv:1708.02002; Zhang and Sabuncu 2018, arXiv:1805.07836.
    is_multi_label : bool
        Whether an image may have several labels.
    label_smoothing : float
        The share of each label that is spread over all classes (of a yes or no, to one half).
    focal_gamma, gce_q : float
        Parameters of the last two.
    class_weights : np.ndarray, optional
        float ``(2, n_classes)``: what an image counts that has not, and that has, a class. Of a
        soft label, each class has its share of its own weight.
    """

    name: str
    is_multi_label: bool
    label_smoothing: float = 0.0
    focal_gamma: float = 2.0
    gce_q: float = 0.7
    class_weights: np.ndarray | None = None


def make_loss(plan: LossPlan) -> Loss:
    """Return the function that computes a loss.

    Examples
    --------
    >>> loss = make_loss(LossPlan("cross_entropy", is_multi_label=False))
    >>> loss(np.float32([[1, 0]]), np.float32([[0, 0]])).numpy().round(3)
    array([0.693], dtype=float32)
    """
    tensorflow = import_tensorflow()
    terms = _terms_of(tensorflow, plan)
    weights = plan.class_weights

    def of_classes(labels: Any, output: Any) -> Any:
        smooth = plan.label_smoothing
        # Of blended images each class has its own weight: that of the blend as a whole would give
        # common classes a part of the weight of the rare ones that they are blended with.
        counted = labels if weights is None else labels * weights[1].astype(np.float32)
        total = 1.0 if weights is None else tensorflow.reduce_sum(counted, axis=-1, keepdims=True)
        smoothed = counted * (1.0 - smooth) + smooth / labels.shape[-1] * total
        return tensorflow.reduce_sum(smoothed * terms(tensorflow.nn.log_softmax(output)), axis=-1)

    def of_labels(labels: Any, output: Any) -> Any:
        smooth = plan.label_smoothing
        smoothed = labels * (1.0 - smooth) + smooth / 2
        yes = smoothed * terms(tensorflow.math.log_sigmoid(output))
        no = (1.0 - smoothed) * terms(tensorflow.math.log_sigmoid(-output))
        if weights is not None:
            yes, no = yes * weights[1].astype(np.float32), no * weights[0].astype(np.float32)
        return tensorflow.reduce_mean(yes + no, axis=-1)

    return of_labels if plan.is_multi_label else of_classes


def _terms_of(tensorflow: Any, plan: LossPlan) -> Callable[[Any], Any]:
    """Return what an outcome costs if it is the right one, from the log of its probability."""
    if plan.name == "cross_entropy":
        return lambda log_p: -log_p
    if plan.name == "focal":
        return lambda log_p: -(_missing(tensorflow, log_p) ** plan.focal_gamma) * log_p
    return lambda log_p: (1.0 - tensorflow.exp(plan.gce_q * log_p)) / plan.gce_q


def _missing(tensorflow: Any, log_p: Any) -> Any:
    """Return what a probability lacks to 1, above 0: the slope of a root of 0 is infinite."""
    return tensorflow.maximum(-tensorflow.math.expm1(log_p), LEAST_MISSING)


def balanced_weights(targets: np.ndarray, is_multi_label: bool) -> np.ndarray:
    """Return float64 ``(2, n_classes)``: what an image without, and with, each class counts.

    As in scikit-learn's `balanced`: all classes together weigh the same, and the images of the
    training weigh 1 in the mean. A class that none has weighs 1.

    Parameters
    ----------
    targets : np.ndarray
        float ``(n_images, n_classes)``, 1 where an image has a class.
    is_multi_label : bool
        Whether an image may have several; then each label is balanced for itself.

    Examples
    --------
    >>> balanced_weights(np.array([[1, 0], [1, 0], [1, 0], [0, 1]]), False)[1].round(3)
    array([0.667, 2.   ])
    """
    n_images = len(targets)
    n_with = targets.sum(axis=0)
    counts = np.stack([n_images - n_with, n_with])
    n_shares = 2 if is_multi_label else int((n_with > 0).sum())
    safe = np.where(counts > 0, counts, 1)
    weights = np.where(counts > 0, n_images / (n_shares * safe), 1.0)
    if not is_multi_label:
        weights[0] = 1.0
    return np.asarray(weights, dtype=np.float64)
