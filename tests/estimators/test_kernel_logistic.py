"""What is found is the optimum of the problem that scikit-learn's documentation writes down."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bioselect.estimators import kernel_logistic
from bioselect.estimators.kernel_logistic import DECISION_TOLERANCE, _Search, solve

#: Steps that lead nowhere must end the search, and not the patience.
pytestmark = pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")


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


# The guards: what each decides, and what happens without it.


def centred(rows):
    return rows - rows.mean(axis=0)


def nearly_twice(distance):
    """Return images of which two are so far apart, in lengths of an image."""
    rows = np.random.default_rng(1).normal(size=(20, 90)) / np.sqrt(90)
    rows[1] = rows[0] + distance * rows[1]
    return centred(rows)


@pytest.mark.parametrize(
    ("rows", "spans"),
    [
        (drawn(30, 90, 3)[0], True),
        # Standardised rows add up to nothing, and that is no harm.
        (centred(drawn(30, 90, 3)[0]), True),
        (centred(drawn(30, 29, 3)[0]), True),
        (centred(drawn(30, 28, 3)[0]), False),
        (nearly_twice(1e-3), True),
        # Squared: 1e-12 of the length of an image. Rounding alone would let Cholesky through.
        (nearly_twice(1e-6), False),
        (nearly_twice(0.0), False),
        (np.zeros((5, 9)), False),
    ],
)
def test_whether_images_span_as_many_dimensions_as_there_are(rows, spans):
    assert kernel_logistic._spans(rows @ rows.T) == spans


@pytest.mark.parametrize(("drift", "anew"), [(0.5, False), (2.0, True)])
def test_a_search_that_drifted_is_done_anew_in_coordinates(monkeypatch, drift, anew):
    rows, labels = drawn(40, 90, 3)
    given = (rows @ rows.T, labels, np.ones(40), 1.0, 100)
    coordinates = kernel_logistic._in_coordinates(*given).coefficients
    monkeypatch.setattr(_Search, "drift", lambda search: drift * DECISION_TOLERANCE)
    assert np.array_equal(solve(*given).coefficients, coordinates) == anew


def test_drift_is_how_far_products_are_from_those_of_the_coefficients():
    search = _Search(2.0 * np.eye(3), np.eye(3), np.ones(3), 1.0)
    search.coefficients = np.diag([1.0, 2.0, 4.5])
    search.products = 2.0 * search.coefficients
    assert search.drift() == 0.0
    search.products[0, 1] = -3.0
    assert search.drift() == 0.3  # of 1 and the largest, 9


@pytest.mark.parametrize(("drawn", "n_dimensions"), [(repeated_columns, 8), (one_dimension, 1)])
def test_coordinates_are_as_many_as_the_images_span(monkeypatch, drawn, n_dimensions):
    seen = []

    class Seeing(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            seen.append(X.shape[1])
            return super().fit(X, y, sample_weight)

    monkeypatch.setattr(kernel_logistic, "LogisticRegression", Seeing)
    rows = drawn(np.random.default_rng(5))
    solve(rows @ rows.T, np.arange(60) % 3, np.ones(60), 1.0, 1000)
    assert seen == [n_dimensions]


def small_search(gram=None):
    weights = np.array([1.0, 2.0])
    return _Search(np.eye(2) if gram is None else gram, np.eye(2), weights, 1.0)


def test_a_step_that_leads_down_nowhere_ends_the_search():
    class Uphill(_Search):
        def _newton_step(self, *given):
            return tuple(-part for part in super()._newton_step(*given))

    search = Uphill(np.eye(2), np.eye(2), np.ones(2), 1.0)
    assert search.run(50) == 0
    assert not search.coefficients.any()


def test_a_way_without_curvature_is_not_gone():
    # As much for each class changes no probability.
    search = small_search()
    nothing = np.zeros((2, 2))
    step = search._newton_step(np.full((2, 2), 0.5), (nothing, nothing, np.ones(2)), 0.0)
    assert not any(part.any() for part in step)


def test_lengths_below_zero_are_rounding_and_end_in_a_warning():
    # No inner products: one eigenvalue is -2, and the first slope points there.
    search = small_search(np.array([[1.0, 3.0], [3.0, 1.0]]))
    with pytest.warns(ConvergenceWarning, match="not converged after 5 steps"):
        assert search.run(5) == 5
    assert np.isfinite(search.coefficients).all()
