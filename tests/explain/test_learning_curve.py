"""The curve through scores of smaller trainings, and what it says of more images."""

import numpy as np
import pytest

from bioselect.explain.learning_curve import fitted_curve, forecasts

SIZES = np.array([40.0, 80.0, 120.0, 160.0, 200.0])


@pytest.mark.parametrize(("sign", "bounds"), [(1, (0.0, 1.0)), (-1, (0.0, np.inf))])
def test_a_curve_without_noise_is_found_again(sign, bounds) -> None:
    scores = 0.8 - sign * 2.0 / np.sqrt(SIZES)
    curve = fitted_curve(SIZES, scores, sign > 0, bounds)
    np.testing.assert_allclose([curve.level, curve.slope], [0.8, sign * 2.0])
    np.testing.assert_allclose(curve.at(400), 0.8 - sign * 0.1)


def test_more_images_are_never_said_to_be_worse() -> None:
    falling = np.array([0.9, 0.88, 0.86, 0.84, 0.82])
    curve = fitted_curve(SIZES, falling, True, (0.0, 1.0))
    assert curve.slope == 0.0
    # The mean, larger sizes counting more: sum of n * score / sum of n = 508 / 600.
    np.testing.assert_allclose(curve.at(1000), 508 / 600)


def test_no_curve_leads_beyond_the_best_score() -> None:
    steep = np.array([0.5, 0.75, 0.9, 0.97, 0.99])
    assert fitted_curve(SIZES, steep, True, (0.0, 1.0)).at(1e9) <= 1.0
    errors = np.array([0.5, 0.25, 0.1, 0.03, 0.01])
    assert fitted_curve(SIZES, errors, False, (0.0, np.inf)).at(1e9) >= 0.0


def test_forecasts_with_intervals_from_the_folds() -> None:
    random = np.random.default_rng(1)
    true = 0.9 - 2.0 / np.sqrt(SIZES)
    folds = random.normal(0, 0.02, (1, 15)) + random.normal(0, 0.005, (5, 15))
    asked = (SIZES, true[:, None] + folds, [(200, 400.0)], True, (0.0, 1.0))
    _, [found] = forecasts(*asked, seed=0, test_to_train=0.25)
    # True gain: 2 / sqrt(200) - 2 / sqrt(400) = 0.0414; score: 0.9 - 0.1.
    assert found.gain_low < 0.0414 < found.gain_high < found.gain_low + 0.04
    assert found.score_low < 0.8 < found.score_high < found.score_low + 0.08
    assert (0, [found]) == (0, forecasts(*asked, seed=0, test_to_train=0.25)[1])
    # 15 folds that share nothing: the variance of a mean is 1 / 15 in place of 1 / 15 + 1 / 4.
    _, [narrow] = forecasts(*asked, seed=0, test_to_train=0.0)
    wider = (found.score_high - found.score_low) / (narrow.score_high - narrow.score_low)
    np.testing.assert_allclose(wider, np.sqrt((1 / 15 + 1 / 4) / (1 / 15)))


def test_intervals_say_of_no_gain_that_it_is_below_nothing() -> None:
    random = np.random.default_rng(2)
    flat = 0.95 + random.normal(0, 0.03, (5, 15))
    asked = (SIZES, flat, [(200, 400.0)], True, (0.0, 1.0))
    _, [found] = forecasts(*asked, seed=0, test_to_train=0.25)
    assert 0.0 <= found.gain_low <= found.gain <= found.gain_high
    assert found.score_high <= 1.0
