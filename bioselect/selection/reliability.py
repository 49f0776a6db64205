"""How far probabilities can be believed: what was said beside what was so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.metrics.probabilities import (
    CALIBRATION_BINS,
    SMALLEST_PROBABILITY,
    calibration_bins_of,
)

#: From here on, images count as ones that the model was sure of.
SURE = 0.9


@dataclass(frozen=True)
class ReliabilityBin:
    """Images whose class was given a probability above `low` and up to `high`.

    `n_images` is a mean over repeats, `said` their mean probability, `right` the share of them
    whose class was right.
    """

    low: float
    high: float
    n_images: float
    said: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """What was said of the predicted classes, and what was so.

    `sure` are the images whose class was given 90 % or more, None if there is none. The three
    figures are the mean logarithmic loss, the expected calibration error (the same as the metric of
    that name) and Brier's score (0 to 2), all better when lower.
    """

    said: float
    right: float
    sure: ReliabilityBin | None
    log_loss: float
    expected_calibration_error: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


def measured_reliability(table: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Reliability:
    """Compare probabilities with the truth.

    Parameters
    ----------
    table : np.ndarray
        float64 ``(n, n_classes)``.
    y : np.ndarray
        int ``(n,)``, true classes.
    weights : np.ndarray
        float ``(n,)``; they sum to the number of images.

    Examples
    --------
    >>> table = np.array([[0.95, 0.05], [0.97, 0.03], [0.4, 0.6]])
    >>> found = measured_reliability(table, np.array([0, 1, 1]), np.ones(3))
    >>> found.sure.n_images, round(found.sure.said, 2), found.sure.right
    (2.0, 0.96, 0.5)
    """
    said, right = table.max(axis=1), (table.argmax(axis=1) == y).astype(np.float64)
    share = weights / weights.sum()
    of_truth = np.clip(table[np.arange(len(y)), y], SMALLEST_PROBABILITY, 1.0)
    n_bins = CALIBRATION_BINS
    places = calibration_bins_of(said, n_bins)
    bins = [
        _bin(place / n_bins, (place + 1) / n_bins, places == place, said, right, weights)
        for place in range(n_bins)
    ]
    filled = tuple(one for one in bins if one is not None)
    gaps = sum(one.n_images * abs(one.said - one.right) for one in filled)
    return Reliability(
        said=float(share @ said),
        right=float(share @ right),
        sure=_bin(SURE, 1.0, said >= SURE, said, right, weights),
        log_loss=float(share @ -np.log(of_truth)),
        expected_calibration_error=float(gaps / weights.sum()),
        brier=float(share @ ((table - np.eye(table.shape[1])[y]) ** 2).sum(axis=1)),
        bins=filled,
    )


def _bin(
    low: float,
    high: float,
    inside: np.ndarray,
    said: np.ndarray,
    right: np.ndarray,
    weights: np.ndarray,
) -> ReliabilityBin | None:
    n_images = float(weights[inside].sum())
    if not n_images:
        return None
    share = weights[inside] / n_images
    return ReliabilityBin(
        low, high, n_images, float(share @ said[inside]), float(share @ right[inside])
    )
