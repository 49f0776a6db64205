import math

import numpy as np
import pytest

from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.selection.conformal import (
    PredictedNumbers,
    conformal_quantile,
    error_scale,
    fit_interval,
    units_needed,
)
from bioselect.selection.outcome import OutOfFold


@pytest.mark.parametrize("n", [9, 10, 19, 57, 99, 100, 1000])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_of_independent_images_it_is_the_known_order_statistic(n, level):
    # The ceil((n + 1) level)-th smallest (Lei and others 2018, section 2.2), in whole tenths so
    # that nothing is rounded: (n + 1) * 9 / 10 upwards.
    errors = np.random.default_rng(0).permutation(np.arange(1.0, n + 1))
    rank = -(-(n + 1) * round(10 * level) // 10)
    assert conformal_quantile(errors, np.arange(n), level) == rank


def test_too_few_units_have_no_quantile():
    # Nine units and a tenth that is infinite: the ninth is reached with 9/10. Eight: 8/9 < 0.9.
    assert conformal_quantile(np.arange(9.0), np.arange(9), 0.9) == 8.0
    assert conformal_quantile(np.arange(8.0), np.arange(8), 0.9) == math.inf
    assert [units_needed(level) for level in (0.8, 0.9, 0.95, 0.99)] == [4, 9, 19, 99]


def test_a_group_counts_once_however_many_images_it_has():
    # Three groups and the new one: a quarter each. Group 0 has four errors of 1 (1/16 each), group
    # 1 one of 5, group 2 two of 3 and 7 (1/8 each). Sorted: 1 reaches 4/16, 3 6/16, 5 10/16, 7
    # 12/16. Of seven independent errors the median would be 3 (the 4th of 7 is 1).
    errors = np.array([1.0, 1.0, 1.0, 1.0, 5.0, 3.0, 7.0])
    units = np.array([0, 0, 0, 0, 1, 2, 2])
    quantiles = {
        level: conformal_quantile(errors, units, level) for level in (0.25, 0.3, 0.5, 0.7, 0.75)
    }
    assert quantiles == {0.25: 1.0, 0.3: 3.0, 0.5: 5.0, 0.7: 7.0, 0.75: 7.0}
    assert conformal_quantile(errors, units, 0.76) == math.inf
    assert conformal_quantile(errors, np.arange(7), 0.5) == 1.0


def test_predictions_are_those_of_the_repeats_that_tested():
    table = np.array([[[1.0], [np.nan], [3.0]], [[1.5], [2.0], [np.nan]]])
    true, units = np.array([1.0, 2.0, 3.5]), np.array([4, 4, 7])
    numbers = PredictedNumbers.of(OutOfFold((None, table), true, units, 1), 1)
    assert numbers.predicted.tolist() == [1.0, 3.0, 1.5, 2.0]
    assert numbers.true.tolist() == [1.0, 3.5, 1.0, 2.0]
    assert numbers.n_units == 2
    # Unit 4 has three predictions, unit 7 one.
    assert numbers.weights.tolist() == [1 / 3, 1.0, 1 / 3, 1 / 3]
    with pytest.raises(ValueError, match="candidate 0 must have predictions"):
        PredictedNumbers.of(OutOfFold((None, table), true, units, 1), 0)


def test_the_line_through_the_errors_is_that_of_weighted_least_squares():
    rng = np.random.default_rng(1)
    predicted, errors, weights = rng.random(30), rng.random(30), rng.random(30)
    slope, intercept = np.polyfit(predicted, errors, 1, w=np.sqrt(weights))
    found = error_scale(predicted, errors, weights)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), rel=1e-10)
    assert (found.lowest, found.highest) == (predicted.min(), predicted.max())
    assert found.floor == pytest.approx(np.average(errors, weights=weights) / 4)


def test_without_errors_there_is_no_line_and_with_one_prediction_it_is_level():
    assert error_scale(np.arange(3.0), np.zeros(3), np.ones(3)) is None
    assert error_scale(np.full(3, 2.0), np.array([1.0, 2.0, 3.0]), np.ones(3)).slope == 0.0
    perfect = PredictedNumbers(np.arange(9.0), np.arange(9.0), np.arange(9))
    assert fit_interval(perfect, 0.9, "scaled") == PredictionInterval(0.9, "constant", 0.0)


def test_an_interval_of_errors_that_grow_grows_with_them():
    # Errors are a tenth of the prediction, so the line is v / 10 and each relative error 1, but for
    # those below the floor: a quarter of the mean error, 0.25 * 5.5.
    predicted = np.arange(1.0, 11.0) * 10
    numbers = PredictedNumbers(predicted, predicted * 1.1, np.arange(10))
    interval = fit_interval(numbers, 0.9, "scaled")
    assert interval.half_width == pytest.approx(1.0)
    assert interval.half_widths(np.array([50.0, 100.0])) == pytest.approx([5.0, 10.0])
    assert fit_interval(numbers, 0.9, "constant").half_width == pytest.approx(10.0)
    assert fit_interval(numbers.part(np.arange(10) < 8), 0.9, "constant") is None
