"""What is found is the optimum of the problem that scikit-learn's documentation writes down."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bioselect.estimators.kernel_logistic import solve


def drawn(n_images, n_features, n_classes, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(n_images) % n_classes
    rows = random.normal(size=(n_images, n_features)) + 0.3 * labels[:, None]
    return rows, labels


def slope_of(rows, labels, weights, C, coefficients, intercepts):
    """Return the gradient of sum(weights * cross-entropy) + |coefficients|**2 / (2 C)."""
    decisions = rows @ coefficients.T + intercepts
    if len(intercepts) == 1:
        # One column: the loss is log(1 + exp(-d)) of the second class.
        residuals = (1 / (1 + np.exp(-decisions)) - labels[:, None]) * weights[:, None]
    else:
        powers = np.exp(decisions - decisions.max(axis=1, keepdims=True))
        truth = np.eye(len(intercepts))[labels]
        residuals = (powers / powers.sum(axis=1, keepdims=True) - truth) * weights[:, None]
    return residuals.T @ rows + coefficients / C, residuals.sum(axis=0)


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("C", [1e-4, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_is_zero(n_classes, C, weighted):
    rows, labels = drawn(60, 150, n_classes)
    weights = np.linspace(0.2, 3.0, 60) if weighted else np.ones(60)
    found = solve(rows @ rows.T, labels, weights, C, 100)
    assert found.coefficients.shape == (60, 1 if n_classes == 2 else n_classes)
    slope, slope_intercepts = slope_of(
        rows, labels, weights, C, found.coefficients.T @ rows, found.intercepts
    )
    # The penalty bends the objective by 1 / C in all directions: an error of the coefficients is
    # at most C times the gradient, and that of a decision 15 times more (rows are 14 long).
    assert np.linalg.norm(slope) * C * 15 < 1e-7
    assert np.abs(slope_intercepts).max() < 1e-8 * weights.sum()


def test_the_length_of_the_coefficients_and_the_intercept_are_those_of_scikit_learn():
    # With more images than features too, where a Gram matrix has no inverse.
    rows, labels = drawn(80, 10, 3)
    found = solve(rows @ rows.T, labels, np.ones(80), 0.7, 100)
    theirs = LogisticRegression(C=0.7, solver="newton-cholesky", tol=1e-12).fit(rows, labels)
    np.testing.assert_allclose(found.coefficients.T @ rows, theirs.coef_, atol=1e-8)
    np.testing.assert_allclose(found.intercepts, theirs.intercept_, atol=1e-8)


def test_duplicates_share_their_weight():
    rows, labels = drawn(40, 90, 3)
    once = solve(rows @ rows.T, labels, np.full(40, 2.0), 1.0, 100)
    twice = np.vstack([rows, rows])
    found = solve(twice @ twice.T, np.tile(labels, 2), np.ones(80), 1.0, 100)
    np.testing.assert_allclose(found.coefficients.T @ twice, once.coefficients.T @ rows, atol=1e-8)


def test_separable_images_and_hardly_any_penalty():
    rows, labels = drawn(30, 200, 3)
    found = solve(rows @ rows.T, labels, np.ones(30), 1e4, 200)
    slope, _ = slope_of(
        rows, labels, np.ones(30), 1e4, found.coefficients.T @ rows, found.intercepts
    )
    # Decisions are near 30 there; their error is below 1e-4 of that.
    assert np.linalg.norm(slope) * 1e4 * 17 < 3e-3


def test_rows_of_nothing_but_zeros():
    # Only the intercepts are left: the logarithms of 4 : 1 : 1.
    found = solve(np.zeros((6, 6)), np.array([0, 0, 0, 0, 1, 2]), np.ones(6), 1.0, 100)
    powers = np.exp(found.intercepts)
    np.testing.assert_allclose(powers / powers.sum(), [4 / 6, 1 / 6, 1 / 6], atol=1e-8)


def test_too_few_steps_are_reported():
    rows, labels = drawn(40, 90, 3)
    with pytest.warns(ConvergenceWarning, match="not converged after 2 steps"):
        assert solve(rows @ rows.T, labels, np.ones(40), 1.0, 2).n_steps == 2


def repeated_columns(random):
    return np.tile(random.normal(size=(60, 8)), 20)


def repeated_images(random):
    return np.repeat(random.normal(size=(15, 90)), 4, axis=0)


def one_dimension(random):
    return np.outer(random.normal(size=60), random.normal(size=90))


def equal_images(random):
    return np.zeros((60, 90))


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("C", [1e-4, 0.1, 10.0])
@pytest.mark.parametrize("drawn", [repeated_columns, repeated_images, one_dimension, equal_images])
def test_images_that_span_less_than_there_are_images(drawn, C, n_classes):
    random = np.random.default_rng(5)
    for _ in range(5):
        rows = drawn(random)
        rows = rows - rows.mean(axis=0)
        places = random.permutation(np.arange(60) % n_classes)
        weights = random.uniform(0.5, 2.0, 60)
        found = solve(rows @ rows.T, places, weights, C, 1000)
        plain = LogisticRegression(C=C, solver="newton-cg", tol=1e-8, max_iter=1000)
        plain.fit(rows, places, sample_weight=weights)
        decisions = rows @ rows.T @ found.coefficients + found.intercepts
        expected = plain.decision_function(rows).reshape(60, -1)
        np.testing.assert_allclose(decisions, expected, rtol=0, atol=2e-5 * max(1.0, C))
