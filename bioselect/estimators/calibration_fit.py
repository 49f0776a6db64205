"""A calibration fitted to predictions for images that were not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from sklearn.isotonic import IsotonicRegression

from bioselect.estimators.calibration import (
    ISOTONIC,
    SIGMOID,
    SMALLEST,
    TEMPERATURE,
    Calibration,
    softmax,
)

#: The slope lies between these: no order is turned round, and nothing becomes certain.
SLOPES = (1e-3, 1e2)
#: Slopes that are tried first.
N_SLOPES = 40


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
    For `temperature` and `sigmoid` the truth is not certain but Platt's: of a class with N images
    an image is (N + 1) / (N + 2) of it, so that a few images that are all right do not make
    anything certain. From n images nothing smaller than about one in n can be learnt, and one image
    whose class was given 1e-30 must not decide about all others: no calibrated probability is below
    1 / (n + n_classes), for curves 1 / (n + 2). A probability of 0 is taken for half of the
    smallest one that is not.

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
    floor = max(float(table[table > 0].min()) / 2.0, SMALLEST)
    lapse = table.shape[1] / (float(weights.sum()) + table.shape[1])
    return _scaled(method, np.log(np.maximum(table, floor)), targets, weights, (floor, lapse))


def _platt_targets(y: np.ndarray, weights: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how much of each class an image is, ``(n, n_classes)``."""
    counts = np.bincount(y, weights=weights, minlength=n_classes)[y]
    truth = (counts + 1.0) / (counts + 2.0)
    targets = np.repeat(((1.0 - truth) / (n_classes - 1))[:, None], n_classes, axis=1)
    targets[np.arange(len(y)), y] = truth
    return targets


def _scaled(
    method: str,
    logs: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    ends: tuple[float, float],
) -> Calibration:
    """Return the slope (and the offsets) with the least weighted cross-entropy.

    `ends` are floor and lapse of the calibration. With a lapse there may be several lowest points,
    so the slope is sought all over its range first.
    """
    floor, lapse = ends
    loss = _Loss(logs, targets, weights / weights.sum(), lapse)
    grid = np.geomspace(*SLOPES, N_SLOPES)
    values = [loss.of_slope(slope) for slope in grid]
    place = int(np.argmin(values))
    nearest = (grid[max(place - 1, 0)], grid[min(place + 1, N_SLOPES - 1)])
    slope = minimize_scalar(
        loss.of_slope, bounds=nearest, method="bounded", options={"xatol": 1e-9 * nearest[1]}
    ).x
    if method != SIGMOID:
        return Calibration(TEMPERATURE, float(slope), floor, lapse=lapse)
    found = minimize(
        loss.with_gradient,
        np.array([slope, *np.zeros(logs.shape[1] - 1)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[SLOPES, *[(None, None)] * (logs.shape[1] - 1)],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
    )
    offsets = (0.0, *map(float, found.x[1:]))
    return Calibration(SIGMOID, float(found.x[0]), floor, offsets, lapse=lapse)


@dataclass(frozen=True, eq=False)
class _Loss:
    """Cross-entropy of softmax, a lapse mixed in; `share` are weights that sum to 1."""

    logs: np.ndarray
    targets: np.ndarray
    share: np.ndarray
    lapse: float

    def of_slope(self, slope: float) -> float:
        mixed = self._mixed(softmax(slope * self.logs))
        return float(self.share @ -(self.targets * np.log(mixed)).sum(axis=1))

    def with_gradient(self, numbers: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its slope in the slope and in all offsets but the first."""
        plain = softmax(numbers[0] * self.logs + np.concatenate([[0.0], numbers[1:]]))
        mixed = self._mixed(plain)
        value = float(self.share @ -(self.targets * np.log(mixed)).sum(axis=1))
        # How much of each class's part of the truth the softmax answers for, and not the lapse.
        own = self.targets * (1.0 - self.lapse) * plain / mixed
        error = self.share[:, None] * (plain * own.sum(axis=1, keepdims=True) - own)
        return value, np.array([(error * self.logs).sum(), *error.sum(axis=0)[1:]])

    def _mixed(self, plain: np.ndarray) -> np.ndarray:
        mixed = (1.0 - self.lapse) * plain + self.lapse / plain.shape[1]
        return np.asarray(np.maximum(mixed, SMALLEST))


def _isotonic(table: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Calibration:
    edge = 1.0 / (float(weights.sum()) + 2.0)
    places = [1] if table.shape[1] == 2 else range(table.shape[1])
    knots = []
    for place in places:
        curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        curve.fit(table[:, place], (y == place).astype(np.float64), sample_weight=weights)
        meant = np.clip(curve.y_thresholds_, edge, 1.0 - edge)
        knots.append((tuple(curve.X_thresholds_.tolist()), tuple(meant.tolist())))
    return Calibration(ISOTONIC, knots=tuple(knots))
