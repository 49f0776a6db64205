"""A calibration fitted to predictions for images that were not trained on."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from bioselect.estimators.calibration import (
    ISOTONIC,
    SIGMOID,
    TEMPERATURE,
    Calibration,
    softmax,
)

#: The slope lies between these: no order is turned round, and nothing becomes certain.
SLOPES = (1e-3, 1e3)


def fit_calibration(
    method: str, table: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> Calibration:
    """Fit a calibration.

    Parameters
    ----------
    method : {"temperature", "sigmoid", "isotonic"}
        `temperature` (Guo et al. 2017): one number. `sigmoid` (Platt 1999, for more than two
        classes with an offset for each): as many numbers as classes. `isotonic` (Zadrozny and
        Elkan 2002): any rising curve, one for each class.
    table : np.ndarray
        float64 ``(n, n_classes)``, probabilities.
    y : np.ndarray
        int ``(n,)``, true classes.
    weights : np.ndarray
        float ``(n,)``: an image that was predicted ten times counts a tenth each time.

    Notes
    -----
    From N images nothing smaller than about one in N can be learnt, and one image whose class was
    given a probability of 1e-30 must not decide about all others: before logarithms are taken,
    1 / (N + 2) is added to every probability.

    For `temperature` and `sigmoid` the truth is not certain but Platt's: of a class with N images
    an image is (N + 1) / (N + 2) of it, so that a few images that are all right do not
    make anything certain. For the same reason an isotonic curve stays 1 / (N + 2) away from 0 and
    1.

    References
    ----------
    Platt (1999), "Probabilistic outputs for support vector machines", Advances in Large Margin
    Classifiers. Zadrozny and Elkan (2002), KDD, 694-699. Guo, Pleiss, Sun and Weinberger (2017),
    "On calibration of modern neural networks", ICML.

    Examples
    --------
    >>> table = np.array([[0.99, 0.01]] * 4 + [[0.01, 0.99]] * 4)
    >>> truth = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    >>> fitted = fit_calibration("temperature", table, truth, np.ones(8))
    >>> fitted.applied_to(table)[0].round(2)
    array([0.67, 0.33])
    """
    if method == ISOTONIC:
        return _isotonic(table, y, weights)
    targets = _platt_targets(y, weights, table.shape[1])
    floor = _smallest_share(weights)
    return _scaled(method, np.log(table + floor), targets, weights, floor)


def _smallest_share(weights: np.ndarray) -> float:
    """Return what an event that was never seen may still have as its probability (Laplace)."""
    return float(1.0 / (weights.sum() + 2.0))


def _platt_targets(y: np.ndarray, weights: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how much of each class an image is, ``(n, n_classes)``."""
    counts = np.bincount(y, weights=weights, minlength=n_classes)[y]
    truth = (counts + 1.0) / (counts + 2.0)
    targets = np.repeat(((1.0 - truth) / (n_classes - 1))[:, None], n_classes, axis=1)
    targets[np.arange(len(y)), y] = truth
    return targets


def _scaled(
    method: str, logs: np.ndarray, targets: np.ndarray, weights: np.ndarray, floor: float
) -> Calibration:
    """Return the slope (and the offsets) with the least weighted cross-entropy; it is convex."""
    n_offsets = logs.shape[1] - 1 if method == SIGMOID else 0
    share = weights / weights.sum()

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        offsets = np.concatenate([[0.0], numbers[1:]]) if n_offsets else 0.0
        scores = numbers[0] * logs + offsets
        probabilities = softmax(scores)
        lifted = scores - scores.max(axis=1, keepdims=True)
        normal = np.log(np.exp(lifted).sum(axis=1, keepdims=True))
        value = float(share @ -(targets * (lifted - normal)).sum(axis=1))
        error = share[:, None] * (probabilities - targets)
        slope = float((error * logs).sum())
        return value, np.array([slope, *error.sum(axis=0)[1 : 1 + n_offsets]])

    found = minimize(
        loss,
        np.array([1.0, *np.zeros(n_offsets)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[SLOPES, *[(None, None)] * n_offsets],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
    )
    offsets = (0.0, *map(float, found.x[1:])) if n_offsets else ()
    return Calibration(method if n_offsets else TEMPERATURE, float(found.x[0]), floor, offsets)


def _isotonic(table: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Calibration:
    edge = _smallest_share(weights)
    places = [1] if table.shape[1] == 2 else range(table.shape[1])
    knots = []
    for place in places:
        curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        curve.fit(table[:, place], (y == place).astype(np.float64), sample_weight=weights)
        meant = np.clip(curve.y_thresholds_, edge, 1.0 - edge)
        knots.append((tuple(curve.X_thresholds_.tolist()), tuple(meant.tolist())))
    return Calibration(ISOTONIC, knots=tuple(knots))
