"""How far a score may be from the truth by the chance of which images were collected."""

from __future__ import annotations

import numpy as np

from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate

#: Share of the draws that must have a value; with fewer an interval would mislead.
LEAST_DEFINED = 0.5


def bootstrap_interval(
    metric: Metric,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    units: np.ndarray,
    seed: int,
    n_draws: int = 1000,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of 95 %, drawing whole units.

    Images of one patient resemble each other, so patients (units) are drawn with replacement,
    each with all its images; drawing images would make the interval too narrow.

    Parameters
    ----------
    metric : Metric
        Any; draws on which it is undefined (all of one class) are left out.
    y_true : np.ndarray
        int ``(n_images,)``.
    probabilities : np.ndarray
        float ``(n_images, n_classes)``.
    units : np.ndarray
        int ``(n_images,)``, at least 2 different ones; images that share one belong together.
    seed : int
        At least 0.
    n_draws : int
        At least 1; 1,000 settle the second digit of the ends.

    Returns
    -------
    low, high : float
        The 2.5 and 97.5 percentiles of the metric over the draws.

    Raises
    ------
    UndefinedMetricError
        If there is one unit only, or the metric is undefined on more than half of the draws.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> truth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> table = np.eye(2)[[0, 0, 0, 1, 1, 1, 1, 0]]
    >>> bootstrap_interval(get_metric("accuracy"), truth, table, np.arange(8), seed=0)
    (0.5, 1.0)
    """
    _, unit_of_image = np.unique(units, return_inverse=True)
    sizes = np.bincount(unit_of_image)
    if len(sizes) < 2:
        raise UndefinedMetricError(
            "an interval needs at least 2 independent images or groups. Got 1."
        )
    order = np.argsort(unit_of_image, kind="stable")
    starts = np.cumsum(sizes) - sizes
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(n_draws):
        drawn = generator.integers(len(sizes), size=len(sizes))
        images = order[_ranges(starts[drawn], sizes[drawn])]
        try:
            values.append(evaluate(metric, y_true[images], probabilities[images]))
        except UndefinedMetricError:
            continue
    if len(values) < LEAST_DEFINED * n_draws:
        raise UndefinedMetricError(
            f"{metric.name}: an interval needs a value in at least half of the {n_draws} random "
            f"draws of images or groups. Got one in {len(values)}: some class is in too few."
        )
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return ``start, start + 1, ...`` of each range, one after the other."""
    ends = np.cumsum(sizes)
    places: np.ndarray = np.arange(ends[-1]) + np.repeat(starts - (ends - sizes), sizes)
    return places
