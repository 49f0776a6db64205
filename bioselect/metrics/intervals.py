"""How far a score may be from the truth by the chance of which images were collected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from bioselect.data.targets import fewest_units, is_label_sets, traits
from bioselect.metrics.base import (
    OF_LABEL_SETS,
    OF_VALUES,
    Metric,
    UndefinedMetricError,
    evaluate,
    response_to,
)

#: Share of the draws that must have a value; with fewer an interval would mislead.
LEAST_DEFINED = 0.5

#: Draws are scored in blocks of at most this many weights (32 MB).
BLOCK_CELLS = 4_000_000

#: A score this close to the best possible one is that, but for rounding.
PERFECT = 1e-9


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
        The 2.5 and 97.5 percentiles of the metric over the draws; see
        :func:`widened_if_perfect` for what they are when everything is right.

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
    draws = (generator.integers(len(sizes), size=len(sizes)) for _ in range(n_draws))
    if metric.weighted is not None and metric.response in (*OF_LABEL_SETS, *OF_VALUES):
        # Classes are left to `evaluate`: the last digits of published figures would change.
        values = _values_at_once(metric, y_true, probabilities, unit_of_image, draws)
    else:
        values = []
        for drawn in draws:
            images = order[_ranges(starts[drawn], sizes[drawn])]
            try:
                values.append(evaluate(metric, y_true[images], probabilities[images]))
            except Exception:  # somebody's own may raise anything where a draw lacks a class
                continue
    if len(values) < LEAST_DEFINED * n_draws:
        raise UndefinedMetricError(
            f"{metric.name}: an interval needs a value in at least half of the {n_draws} random "
            f"draws of images or groups. Got one in {len(values)}: some class is in too few."
        )
    low, high = np.percentile(values, [2.5, 97.5])
    return widened_if_perfect(float(low), float(high), metric, y_true, units)


def _values_at_once(
    metric: Metric,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    unit_of_image: np.ndarray,
    draws: Iterable[np.ndarray],
) -> list[float]:
    """Return the value of each draw of units that has one, by the form for many draws."""
    if metric.weighted is None:
        raise ValueError(f"{metric.name} must have a form for many draws. Got none.")
    response, n_units = response_to(metric, probabilities), int(unit_of_image.max()) + 1
    found: list[float] = []
    for block in _batched(draws, max(1, BLOCK_CELLS // len(y_true))):
        counts = np.stack([np.bincount(drawn, minlength=n_units) for drawn in block])
        weights = counts[:, unit_of_image].astype(np.float64)
        values = metric.weighted(y_true, response, probabilities.shape[1], weights)
        found += values[np.isfinite(values)].tolist()
    return found


def _batched(draws: Iterable[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    """Yield so many draws at a time."""
    left = iter(draws)
    while block := list(islice(left, size)):
        yield block


def widened_if_perfect(
    low: float, high: float, metric: Metric, y_true: np.ndarray, units: np.ndarray
) -> tuple[float, float]:
    """Return an interval; one that is a single point because all is right, as wide as it must be.

    Resampling units that are all right gives the best score in every draw, as if no unit could
    ever be wrong. But n of n right is what chance gives in 5 % of all cases when a share of
    ``0.05 ** (1 / n)`` is right in truth: the exact one-sided 95 % limit, about ``1 - 3 / n``
    ("rule of three"). The far end of the interval is put there, in the range of the metric.

    Parameters
    ----------
    low, high : float
        The interval; returned as it is unless both ends are the best possible score.
    metric : Metric
        For accuracy, n is the number of independent units. Other metrics weigh classes alike: n is
        the number of classes times the units of the rarest, so that the limit of balanced accuracy
        holds whichever class the errors would be in. For further metrics it is a rough guide.
        Where the metric has no worst value, nothing can be said and nothing is changed.
    y_true : np.ndarray
        int ``(n_images,)``; or 0 and 1 ``(n_images, n_labels)``.
    units : np.ndarray
        int ``(n_images,)``; a unit that holds several classes counts for each.

    References
    ----------
    Hanley and Lippman-Hand (1983), "If nothing goes wrong, is everything all right? Interpreting
    zero numerators", JAMA 249, 1743-1745.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> truth = np.repeat([0, 1], 50)
    >>> low, high = widened_if_perfect(1.0, 1.0, get_metric("accuracy"), truth, np.arange(100))
    >>> round(low, 3), high
    (0.97, 1.0)
    """
    best, worst = metric.bounds if metric.direction == "lower" else metric.bounds[::-1]
    if max(abs(low - best), abs(high - best)) > PERFECT or not math.isfinite(worst):
        return low, high
    if metric.name in ("accuracy", "subset_accuracy"):
        n_units = len(np.unique(units))
    else:
        shown = traits(y_true).shape[1]
        n_kinds = y_true.shape[1] if is_label_sets(y_true) else shown
        n_units = n_kinds * fewest_units(y_true, units)
    far = float(best + (worst - best) * (1.0 - 0.05 ** (1.0 / n_units)))
    return min(best, far), max(best, far)


def has_width(low: float, high: float) -> bool:
    """Tell whether an interval has two ends.

    Where every draw has the same score, as that of a model that names one class whatever it sees,
    the draws show nothing of how far off the score may be.

    Examples
    --------
    >>> has_width(1 / 3, 1 / 3), has_width(0.2, 0.4)
    (False, True)
    """
    return high - low > PERFECT


def _ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return ``start, start + 1, ...`` of each range, one after the other."""
    ends = np.cumsum(sizes)
    places: np.ndarray = np.arange(ends[-1]) + np.repeat(starts - (ends - sizes), sizes)
    return places
