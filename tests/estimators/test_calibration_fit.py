"""Fitted calibrations against scikit-learn's and against arithmetic."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB

from bioselect.estimators.calibration_fit import (
    SLOPES,
    _Loss,
    _platt_targets,
    _scaled,
    fit_calibration,
)


def too_sure(n=3000, n_classes=2, seed=0):
    """Return probabilities of naive Bayes where features repeat each other, and the truth."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    X = 0.7 * y[:, None] + random.normal(size=(n, 1)) + 0.5 * random.normal(size=(n, 6))
    half = n // 2
    model = GaussianNB().fit(X[:half], y[:half])
    return model, X[half:], y[half:]


def test_platts_sigmoid_is_scikit_learns():
    model, X, y = too_sure()
    table = model.predict_proba(X)
    logs, ones = np.log(table), np.ones(len(y))
    targets = _platt_targets(y, ones, 2)
    fitted = _scaled("sigmoid", logs, targets, ones, (0.0, 0.0))  # without a lapse
    # Of 1 / (1 + exp(slope * odds + offset)).
    slope, offset = _sigmoid_calibration(logs[:, 1] - logs[:, 0], y)
    assert fitted.slope == pytest.approx(-slope, rel=1e-3)
    assert fitted.offsets == (0.0, pytest.approx(-offset, abs=1e-3))
    with_lapse = fit_calibration("sigmoid", table, y, ones)
    assert with_lapse.lapse == pytest.approx(2 / (len(y) + 2))
    found, expected = with_lapse.applied_to(table), fitted.applied_to(table)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.02)


def test_the_gradient_is_that_of_finite_differences():
    random = np.random.default_rng(0)
    table, y, weights = (
        random.dirichlet([1, 1, 1], 40),
        random.integers(0, 3, 40),
        random.random(40),
    )
    loss = _Loss(np.log(table), _platt_targets(y, weights, 3), weights / weights.sum(), 0.05)
    start = np.array([0.7, 0.3, -0.4])
    _, gradient = loss.with_gradient(start)
    for place in range(3):
        step = 1e-6 * np.eye(3)[place]
        above, below = (loss.with_gradient(start + sign * step)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((above - below) / 2e-6, abs=1e-7)
    assert loss.with_gradient(np.array([0.7, 0.0, 0.0]))[0] == pytest.approx(loss.of_slope(0.7))


def test_certain_mistakes_do_not_hide_the_lowest_point():
    # A quarter of the images wrong and as sure as the others: near the slope 1 every mistake is
    # taken for a lapse, whatever the slope; the lowest point is far away.
    certain = np.array([[1.0 - 1e-16, 1e-40]] * 75 + [[1e-40, 1.0 - 1e-16]] * 25)
    both = np.concatenate([certain, certain[:, ::-1]])
    truth = np.repeat([0, 1], 100)
    found = fit_calibration("temperature", both, truth, np.ones(200)).applied_to(both)
    assert found[0, 0] == pytest.approx(0.75, abs=0.01)


def test_the_order_of_certain_images_stays():
    # Log odds from 3 to 60; more certain means more often right.
    random = np.random.default_rng(2)
    odds = random.uniform(3, 60, 2000)
    right = random.random(2000) < 0.5 + odds / 140
    sure = np.column_stack([1 / (1 + np.exp(-odds)), np.exp(-odds)])
    fitted = fit_calibration("temperature", sure, (~right).astype(int), np.ones(2000))
    found = fitted.applied_to(sure)
    order = np.argsort(odds)
    assert (np.diff(found[order, 0]) > 0).all()


@pytest.mark.parametrize("n_classes", [2, 4])
def test_temperature_is_about_scikit_learns(n_classes):
    # Of many images: scikit-learn takes the truth for certain and adds nothing to probabilities.
    random = np.random.default_rng(1)
    y = np.arange(6000) % n_classes
    X = random.normal(size=(6000, 4)) + 0.6 * np.eye(n_classes, 4)[y]
    model = LogisticRegression(C=1e6).fit(X[:60], y[:60])  # over-fitted, so too sure
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(
        X[60:], y[60:]
    )
    given = model.predict_proba(X[60:])
    fitted = fit_calibration("temperature", given, y[60:], np.ones(5940))
    assert fitted.slope < 0.95
    np.testing.assert_allclose(
        fitted.applied_to(given), theirs.predict_proba(X[60:]), rtol=0, atol=0.015
    )


@pytest.mark.parametrize("n_classes", [2, 4])
def test_isotonic_curves_are_scikit_learns_but_for_classes_that_would_turn(n_classes):
    model, X, y = too_sure(n_classes=n_classes)
    given = model.predict_proba(X)
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="isotonic").fit(X, y)
    expected = theirs.predict_proba(X)
    found = fit_calibration("isotonic", given, y, np.ones(len(y))).applied_to(given)
    edge = 1 / (len(y) + 2)
    same = (expected.argmax(axis=1) == given.argmax(axis=1)) & (expected.min(axis=1) > 3 * edge)
    assert 0.5 < same.mean() < 1.0
    np.testing.assert_allclose(found[same], expected[same], rtol=0, atol=n_classes * edge)
    assert found.min() > 0.0


@pytest.mark.parametrize("method", ["temperature", "sigmoid", "isotonic"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_classifiers_that_are_too_sure_become_believable(method, n_classes):
    model, X, y = too_sure(8000, n_classes)
    given = model.predict_proba(X)
    fitted = fit_calibration(method, given[:2000], y[:2000], np.ones(2000))
    found = fitted.applied_to(given[2000:])
    before, after = log_loss(y[2000:], given[2000:]), log_loss(y[2000:], found)
    assert after < 0.9 * before
    right = found.argmax(axis=1) == y[2000:]
    assert found.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.05)


def test_three_of_four_are_right():
    # Of class 0 there are 4 images, so each counts as 5/6 of it. Of those given 0.99, 3 of 4 are of
    # it: the best single number says (3 * 5/6 + 1/6) / 4 = 2/3.
    table = np.array([[0.99, 0.01]] * 4 + [[0.01, 0.99]] * 4)
    truth = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    for method in ("temperature", "sigmoid"):
        found = fit_calibration(method, table, truth, np.ones(8)).applied_to(table)
        np.testing.assert_allclose(found[0], [2 / 3, 1 / 3], atol=1e-6)


def test_a_few_images_that_are_all_right_make_nothing_certain():
    table = np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 5)
    truth = np.repeat([0, 1], 5)
    # Each image counts as 6/7 of its class.
    found = fit_calibration("temperature", table, truth, np.ones(10)).applied_to(table)
    assert found[0, 0] == pytest.approx(6 / 7, abs=1e-6)
    found = fit_calibration("isotonic", table, truth, np.ones(10)).applied_to(table)
    assert found[0, 0] == pytest.approx(11 / 12)


@pytest.mark.parametrize("method", ["temperature", "sigmoid", "isotonic"])
def test_an_image_predicted_ten_times_counts_once(method):
    model, X, y = too_sure(400)
    given = model.predict_proba(X)
    once = fit_calibration(method, given, y, np.ones(len(y)))
    ten = fit_calibration(
        method, np.repeat(given, 10, axis=0), np.repeat(y, 10), np.full(2000, 0.1)
    )
    np.testing.assert_allclose(ten.applied_to(given), once.applied_to(given), atol=1e-5)


def test_a_useless_classifier_is_not_turned_round():
    table = np.array([[0.9, 0.1]] * 50 + [[0.1, 0.9]] * 50)
    wrong = np.repeat([1, 0], 50)
    fitted = fit_calibration("temperature", table, wrong, np.ones(100))
    assert fitted.slope == pytest.approx(SLOPES[0])
    np.testing.assert_allclose(fitted.applied_to(table), 0.5, atol=1e-3)


def test_one_impossible_truth_does_not_decide_about_the_others():
    # 200 images, 190 of them right and very sure; two of the others had 1e-40 for their class.
    table = np.array([[0.999, 0.001]] * 200)
    table[:2] = [1.0, 1e-40]
    truth = np.zeros(200, dtype=int)
    truth[:10] = 1
    both = np.concatenate([table, table[:, ::-1]])
    fitted = fit_calibration("temperature", both, np.concatenate([truth, 1 - truth]), np.ones(400))
    assert fitted.applied_to(table)[50, 0] == pytest.approx(0.95, abs=0.01)


def test_a_class_without_images():
    given = np.random.default_rng(0).dirichlet([1, 1, 1], 60)
    truth = np.random.default_rng(1).integers(0, 2, 60)
    for method in ("temperature", "sigmoid", "isotonic"):
        found = fit_calibration(method, given, truth, np.ones(60)).applied_to(given)
        assert np.isfinite(found).all()
