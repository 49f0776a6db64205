"""Up to which difference two models of a number are as good as each other."""

from __future__ import annotations

import numpy as np

from bioselect.exceptions import ConfigurationError
from bioselect.metrics.base import Metric, evaluate
from bioselect.selection.outcome import DEFAULT_ROPE

#: Part of the standard deviation of the target that counts as no difference.
SHARE_OF_SPREAD = 0.01


def rope_of_numbers(metric: Metric, values: np.ndarray) -> tuple[float, str]:
    """Return the difference that counts as none, and where it comes from.

    Of errors in the units of the target it is 1 % of its standard deviation; of scores whose best
    is 1 (R2, correlations) 0.01; of other errors 1 % of what always predicting the mean scores.

    Parameters
    ----------
    metric : Metric
        The deciding one.
    values : np.ndarray
        float64 ``(n_images,)``, the target.

    Raises
    ------
    ConfigurationError
        If the scale of the metric is not known.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> rope_of_numbers(get_metric("mae"), np.array([1.0, 2.0, 3.0]))
    (0.01, '1 % of the standard deviation of the target')
    >>> rope_of_numbers(get_metric("r2"), np.array([1.0, 2.0, 3.0]))
    (0.01, '')
    """
    share = f"{100 * SHARE_OF_SPREAD:g} %"
    if metric.unit_power == 1:
        spread = float(np.std(values, ddof=1))
        return _rounded(spread), f"{share} of the standard deviation of the target"
    if metric.higher_is_better and metric.bounds[1] == 1:
        return DEFAULT_ROPE, ""
    guess = evaluate(metric, values, np.full((len(values), 1), values.mean()))
    if metric.higher_is_better or not guess > 0:
        raise ConfigurationError(
            f"statistics.rope: must be a number for {metric.name}, whose scale is not known. Got "
            "auto. Write the difference up to which two combinations are as good for you."
        )
    words = f"{share} of what always predicting the mean scores in {metric.in_words}"
    return _rounded(guess), words


def _rounded(scale: float) -> float:
    return float(f"{SHARE_OF_SPREAD * scale:.3g}")
