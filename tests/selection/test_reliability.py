"""What was said beside what was so, against scikit-learn and arithmetic."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from bioselect.metrics.base import evaluate, get_metric
from bioselect.selection.reliability import measured_reliability


def test_figures_are_scikit_learns():
    random = np.random.default_rng(0)
    table, y = random.dirichlet([1, 1, 1], 200), random.integers(0, 3, 200)
    found = measured_reliability(table, y, np.ones(200))
    assert found.log_loss == pytest.approx(log_loss(y, table))
    assert found.brier == pytest.approx(np.mean(((table - np.eye(3)[y]) ** 2).sum(axis=1)))
    said, right = table.max(axis=1), table.argmax(axis=1) == y
    shares, means = calibration_curve(right, said, n_bins=15)
    np.testing.assert_allclose([one.right for one in found.bins], shares)
    np.testing.assert_allclose([one.said for one in found.bins], means)
    weights = [one.n_images / 200 for one in found.bins]
    assert found.expected_calibration_error == pytest.approx(np.abs(shares - means) @ weights)
    of_metric = evaluate(get_metric("expected_calibration_error"), y, table)
    assert found.expected_calibration_error == pytest.approx(of_metric, abs=1e-12)


def test_arithmetic():
    # Of three images given 0.95, two are right; one given 0.6 is right.
    table = np.array([[0.95, 0.05]] * 3 + [[0.4, 0.6]])
    found = measured_reliability(table, np.array([0, 0, 1, 1]), np.ones(4))
    assert found.sure.n_images == 3
    assert found.sure.said == pytest.approx(0.95)
    assert found.sure.right == pytest.approx(2 / 3)
    assert found.said == pytest.approx((3 * 0.95 + 0.6) / 4)
    assert found.right == 0.75
    # |0.95 - 2/3| of three quarters of the images, |0.6 - 1| of one quarter.
    expected = 0.75 * (0.95 - 2 / 3) + 0.25 * 0.4
    assert found.expected_calibration_error == pytest.approx(expected)


def test_an_image_with_several_predictions_weighs_as_much_as_one():
    table = np.array([[0.95, 0.05], [0.95, 0.05], [0.4, 0.6]])
    found = measured_reliability(table, np.array([1, 1, 1]), np.array([0.5, 0.5, 1.0]))
    assert found.right == 0.5
    assert found.sure.n_images == 1


def test_certain_images_and_nobody_sure():
    found = measured_reliability(np.array([[1.0, 0.0]]), np.array([0]), np.ones(1))
    assert (found.bins[0].low, found.bins[0].high) == (14 / 15, 1.0)
    assert measured_reliability(np.array([[0.6, 0.4]]), np.array([0]), np.ones(1)).sure is None
