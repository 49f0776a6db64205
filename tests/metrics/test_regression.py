"""Metrics of numbers against scikit-learn and SciPy; draws against the images repeated."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as library

from bioselect.metrics.base import UndefinedMetricError, evaluate, get_metric, in_units
from bioselect.metrics.builtin import OF_TARGETS, VALUES

NAMES = OF_TARGETS[VALUES]
RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.normal(20, 4, 41).round(0)
PREDICTED = (TRUTH + RANDOM.normal(0, 2, 41)).round(1)


def lin(y, p):
    """Lin (1989), with variances divided by n."""
    common = np.mean((y - y.mean()) * (p - p.mean()))
    return 2 * common / (y.var() + p.var() + (y.mean() - p.mean()) ** 2)


LIBRARY = {
    "mae": library.mean_absolute_error,
    "rmse": library.root_mean_squared_error,
    "r2": library.r2_score,
    "mse": library.mean_squared_error,
    "median_absolute_error": library.median_absolute_error,
    "mape": library.mean_absolute_percentage_error,
    "pearson": lambda y, p: stats.pearsonr(y, p).statistic,
    "spearman": lambda y, p: stats.spearmanr(y, p).statistic,
    "concordance": lin,
}


def value(name, truth, predicted):
    return evaluate(get_metric(name), np.asarray(truth, float), np.asarray(predicted)[:, None])


def test_all_are_compared_with_a_library():
    assert list(LIBRARY) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_images", [40, 41])
def test_values_are_those_of_the_library(name, n_images):
    truth, predicted = TRUTH[:n_images], PREDICTED[:n_images]
    assert value(name, truth, predicted) == pytest.approx(LIBRARY[name](truth, predicted))


@pytest.mark.parametrize("name", NAMES)
def test_draws_are_the_images_repeated(name):
    drawn = RANDOM.integers(0, 41, (50, 41))
    weights = np.stack([np.bincount(row, minlength=41) for row in drawn]).astype(float)
    found = get_metric(name).weighted(TRUTH, PREDICTED, 1, weights)
    expected = [LIBRARY[name](TRUTH[row], PREDICTED[row]) for row in drawn]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("name", ["r2", "pearson", "spearman", "concordance"])
def test_what_needs_a_spread_has_no_value_without_one(name):
    with pytest.raises(UndefinedMetricError, match=f"{name}: must have images whose true values"):
        value(name, np.full(4, 0.1), np.array([0.1, 0.2, 0.3, 0.4]))
    # A draw of one image has none either.
    weights = np.zeros((1, 41))
    weights[0, 3] = 41
    assert np.isnan(get_metric(name).weighted(TRUTH, PREDICTED, 1, weights)).all()


@pytest.mark.parametrize("name", ["pearson", "spearman", "concordance"])
def test_the_same_prediction_for_all_goes_with_nothing(name):
    assert value(name, TRUTH, np.full(41, 0.1)) == 0.0


def test_the_mean_explains_nothing():
    assert value("r2", TRUTH, np.full(41, TRUTH.mean())) == pytest.approx(0.0, abs=1e-12)
    assert value("r2", TRUTH, TRUTH + 40.0) < -10


def test_percentages_leave_out_what_has_none():
    # 10 % and 50 % off; what is 5 from 0 is no percentage of it.
    assert value("mape", [10.0, 0.0, 4.0], [11.0, 5.0, 2.0]) == pytest.approx(0.3)
    with pytest.raises(UndefinedMetricError, match="true value is not 0"):
        value("mape", [0.0, 0.0], [1.0, 2.0])


def test_concordance_is_lower_than_correlation_off_the_line():
    assert value("pearson", TRUTH, 2 * TRUTH + 3) == pytest.approx(1.0)
    assert value("concordance", TRUTH, 2 * TRUTH + 3) < 0.5


def test_numbers_far_from_zero_keep_their_digits():
    far = 1e8
    assert value("r2", TRUTH + far, PREDICTED + far) == pytest.approx(
        value("r2", TRUTH, PREDICTED), abs=1e-6
    )
    assert value("pearson", TRUTH + far, PREDICTED + far) == pytest.approx(
        value("pearson", TRUTH, PREDICTED), abs=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_errors_are_lower_is_better_and_have_the_unit_of_the_target(name):
    metric = get_metric(name)
    is_error = metric.bounds[1] == np.inf
    assert (metric.direction == "lower") == is_error
    units = {"mse": "(um)^2", "mape": ""}
    assert in_units(metric, "um").unit == units.get(name, "um" if is_error else "")
