import numpy as np
import pytest

from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.selection.conformal import PredictedNumbers, fit_interval
from bioselect.selection.model_intervals import (
    held_out_measure,
    held_without_group,
    measured,
    model_intervals,
)


def numbers_of(n, sizes, seed=0):
    rng = np.random.default_rng(seed)
    predicted = rng.random(n) * 100
    return PredictedNumbers(
        predicted, predicted + sizes(predicted) * rng.normal(size=n), np.arange(n)
    )


def test_coverage_width_and_score_by_hand():
    # Half as wide as 2. Unit 0: errors 1 and 3, half inside; 3 is 1 beyond, and at 0.9 each unit
    # beyond costs 20: scores 4 and 24. Unit 1: error 2, just inside, score 4. Units count the same.
    numbers = PredictedNumbers(np.zeros(3), np.array([1.0, -3.0, 2.0]), np.array([0, 0, 1]))
    found = measured(numbers, PredictionInterval(0.9, "constant", 2.0))
    assert (found.coverage, found.mean_width, found.score) == pytest.approx((0.75, 4.0, 9.0))


def test_what_is_measured_is_near_the_level_on_units_that_were_not_used():
    numbers = numbers_of(2000, lambda v: np.ones_like(v))
    found = held_out_measure(numbers, 0.9, "constant", seed=0)
    assert found.coverage == pytest.approx(0.9, abs=0.02)
    # Between the 5 % and the 95 % point of a normal distribution lie 2 * 1.645 deviations.
    assert found.mean_width == pytest.approx(3.29, abs=0.12)


def test_too_few_units_are_said_and_not_guessed():
    few = numbers_of(8, np.ones_like)
    assert model_intervals(few, 0).interval is None
    assert (model_intervals(few, 0).n_units, model_intervals(few, 0).n_needed) == (8, 9)
    # Of ten units eight are left when a fifth is measured: intervals there are, but no measure.
    ten = model_intervals(numbers_of(10, np.ones_like), 0)
    assert ten.interval is not None
    assert ten.measured is None
    assert model_intervals(numbers_of(12, np.ones_like), 0).measured is not None


def test_width_follows_the_prediction_where_that_is_better_and_only_there():
    growing = model_intervals(numbers_of(300, lambda v: 0.2 + 0.1 * v), 0)
    assert growing.interval.method == "scaled"
    narrow, wide = growing.interval.half_widths(np.array([30.0, 95.0]))
    # Deviations 3.2 and 9.7, times 1.645.
    assert (narrow, wide) == pytest.approx((1.645 * 3.2, 1.645 * 9.7), rel=0.2)
    level = model_intervals(numbers_of(300, np.ones_like), 0)
    assert level.interval.method == "constant"
    asked = model_intervals(numbers_of(300, lambda v: 0.2 + 0.1 * v), 0, method="constant")
    assert asked.interval.method == "constant"


def test_another_level_is_wider_and_needs_more_units():
    numbers = numbers_of(60, np.ones_like)
    wide, narrow = (model_intervals(numbers, 0, level).interval for level in (0.95, 0.5))
    assert wide.half_width > 2 * narrow.half_width
    assert (wide.level, narrow.level) == (0.95, 0.5)
    assert model_intervals(numbers_of(18, np.ones_like), 0, 0.95).interval is None


def test_the_same_seed_gives_the_same_measure():
    numbers = numbers_of(50, np.ones_like)
    assert model_intervals(numbers, 3) == model_intervals(numbers, 3)
    assert model_intervals(numbers, 3).measured != model_intervals(numbers, 4).measured


def test_a_group_is_judged_by_the_intervals_of_the_others():
    # Ten units whose errors are 1 to 10. All ten give 10, the 10th of 11, which holds every one.
    errors, units = np.arange(1.0, 11.0), np.arange(10)
    numbers = PredictedNumbers(np.zeros(10), errors, units)
    interval = fit_interval(numbers, 0.9, "constant")
    assert interval.holds(np.zeros(10), errors).all()
    # Nine give their largest, the 9th of 10: 9 without the last unit, 10 without any other.
    held = held_without_group(numbers, interval, numbers, [f"g{place}" for place in units])
    assert held.tolist() == [1.0] * 9 + [0.0]
    # Without the two units of one group eight are left, too few for 0.9.
    pairs = held_without_group(numbers, interval, numbers, ["a", "a", *"bcdefghi"])
    assert np.isnan(pairs).tolist() == [True, True] + [False] * 8
    # Units that the interval was not made from (those of a test part) have the interval itself.
    others = PredictedNumbers(np.zeros(2), np.array([9.5, 10.5]), np.array([20, 21]))
    assert held_without_group(numbers, interval, others, ["x", "x"]).tolist() == [1.0, 0.0]


def test_the_error_that_a_width_is_made_of_lies_inside():
    """Differences are rounded: compared with the ends, one number in some would fall outside."""
    rng = np.random.default_rng(0)
    said, true = rng.random(500), 7 * rng.random(500)
    lost = 0
    for predicted, truth in zip(said, true, strict=True):
        interval = PredictionInterval(0.9, "constant", abs(truth - predicted))
        low, high = interval.bounds(np.array([predicted]))
        lost += not low[0] <= truth <= high[0]
        assert interval.holds(np.array([predicted]), np.array([truth])).all()
    assert lost > 0
