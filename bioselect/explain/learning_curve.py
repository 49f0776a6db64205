"""Would more images help? Scores of smaller trainings, a curve through them, and where it leads.

The distance from the best score that can be reached falls about as one over the root of the
number of training images: a - b / sqrt(n) with a no better than the metric allows and b not below
0. The power is not fitted: from a few sizes it cannot be told apart from the level that is reached
in the end, and a free power forecasts no better (`benchmarks/README.md`). How sure the forecast is,
is asked of the folds: they are drawn again with replacement, each with all of its sizes. As the
trainings of different folds share images, that alone would be far too sure: what is found is
widened as the variance of cross-validated scores is (Nadeau, Bengio 2003, "Inference for the
generalization error", Machine Learning 52).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

POWER = 0.5
#: Of the interval: so many draws of folds, and what lies between.
N_DRAWS = 2000
LEVEL = 0.9
#: A curve needs so many sizes.
FEWEST_SIZES = 3
_OF_DRAWS = 17


@dataclass(frozen=True)
class Curve:
    """The score that is expected after training on n images: level - slope / sqrt(n).

    Examples
    --------
    >>> Curve(0.9, 2.0).at(400)
    0.8
    """

    level: float
    slope: float

    def at(self, n: float) -> float:
        """Return the score for a number of training images."""
        return float(self.level - self.slope * n**-POWER)


@dataclass(frozen=True)
class Forecast:
    """What is expected with more images: the score, and the gain over now, with intervals.

    Numbers of images are those of the whole set; the gain is a difference of scores, so of an
    error, where less is better, it is below 0 when things get better. Ends are None where nothing
    is known of them.
    """

    n_more: int
    score: float
    score_low: float | None
    score_high: float | None
    gain: float
    gain_low: float | None
    gain_high: float | None

    def without_intervals(self) -> Forecast:
        """Return the same without ends."""
        return Forecast(self.n_more, self.score, None, None, self.gain, None, None)


def fitted_curve(
    sizes: np.ndarray, scores: np.ndarray, higher_is_better: bool, bounds: tuple[float, float]
) -> Curve:
    """Return the curve with the least squared distances from the mean scores.

    A size counts as much as it has images: the largest are the nearest to what is asked.

    Parameters
    ----------
    sizes, scores : np.ndarray
        Training images, and the mean score after them.
    higher_is_better : bool
        Of the metric; the curve never says that more images are worse.
    bounds : tuple of float
        Of the metric; the curve never leads beyond the better one.

    Examples
    --------
    >>> found = fitted_curve(np.array([25, 100]), np.array([0.5, 0.7]), True, (0.0, 1.0))
    >>> round(found.level, 3), round(found.slope, 3)
    (0.9, 2.0)
    """
    sign = 1.0 if higher_is_better else -1.0
    best = sign * (bounds[1] if higher_is_better else bounds[0])
    n = np.asarray(sizes, dtype=np.float64)
    x, y, weights = n**-POWER, sign * np.asarray(scores), n / n.sum()
    x_mean, y_mean = float(weights @ x), float(weights @ y)
    spread = float(weights @ (x - x_mean) ** 2)
    slope = -float(weights @ ((x - x_mean) * (y - y_mean))) / spread if spread else 0.0
    level = y_mean + slope * x_mean
    if slope < 0:
        slope, level = 0.0, y_mean
    elif level > best:
        level = best
        slope = max(0.0, float(weights @ ((best - y) * x)) / float(weights @ (x * x)))
    return Curve(float(sign * level), float(sign * slope))


def forecasts(
    sizes: np.ndarray,
    scores: np.ndarray,
    more: Sequence[tuple[int, float]],
    higher_is_better: bool,
    bounds: tuple[float, float],
    seed: int,
    test_to_train: float,
) -> tuple[Curve, list[Forecast]]:
    """Return the curve, and what it says of more images.

    Parameters
    ----------
    sizes : np.ndarray
        Mean number of training images, ``(n_sizes,)``, ascending.
    scores : np.ndarray
        ``(n_sizes, n_folds)``: a column has the scores of one fold of one draw.
    more : sequence of (int, float)
        How many images are added, and how many then train.
    seed : int
        The study's.
    test_to_train : float
        How many images are tested for each that the study trains on.
    """
    curve = fitted_curve(sizes, scores.mean(axis=1), higher_is_better, bounds)
    n_folds = scores.shape[1]
    random = np.random.default_rng(np.random.SeedSequence([seed, _OF_DRAWS]))
    drawn = random.integers(0, n_folds, (N_DRAWS, n_folds))
    curves = [
        fitted_curve(sizes, scores[:, places].mean(axis=1), higher_is_better, bounds)
        for places in drawn
    ]
    now = float(sizes[-1])
    wider = float(np.sqrt(1.0 + n_folds * test_to_train))
    found = []
    for n_more, n_training in more:
        score = curve.at(n_training)
        gain = score - curve.at(now)
        drawn_scores = np.array([one.at(n_training) for one in curves])
        drawn_gains = drawn_scores - np.array([one.at(now) for one in curves])
        # More images are no loss, and no score is beyond its bounds.
        ends = (0.0, np.inf) if higher_is_better else (-np.inf, 0.0)
        found.append(
            Forecast(
                n_more,
                score,
                *_interval(score, drawn_scores, wider, bounds),
                gain,
                *_interval(gain, drawn_gains, wider, ends),
            )
        )
    return curve, found


def _interval(
    value: float, drawn: np.ndarray, wider: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    ends = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    low, high = np.clip(value + wider * (ends - value), *bounds)
    return float(low), float(high)
