import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.explain.blocks import Block
from bioselect.explain.native import native_importances
from bioselect.registry import ComponentSpec


@pytest.fixture
def made():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 5)) * [1.0, 10.0, 0.1, 1.0, 1.0] + [0, 100, 0, 5, 0]
    return X, 2 * X[:, 0] + 0.3 * X[:, 1] - 4 * X[:, 2] + 0.1 * rng.normal(size=60)


def regressor(name, X, y, **params):
    return create_regressor(ComponentSpec.of(name, params), 0).fit(X, y)


def test_coefficients_are_those_of_least_squares_times_the_deviations(made):
    X, y = made
    found = native_importances(regressor("linear", X, y))
    expected = LinearRegression().fit(X, y).coef_ * X.std(axis=0)
    assert found.kind == "coefficient"
    assert np.allclose(found.values, expected, atol=1e-9)


def test_gains_of_trees_are_those_of_the_forest(made):
    X, y = made
    found = native_importances(regressor("random_forest", X, y, n_estimators=10))
    expected = RandomForestRegressor(10, random_state=0).fit(X, y).feature_importances_
    assert found.kind == "impurity"
    assert np.allclose(found.values, expected, atol=1e-9)
    assert found.values.sum() == pytest.approx(1.0)


def test_columns_that_a_selection_left_out_have_nothing(made):
    X, y = made
    found = native_importances(regressor("linear", X, y, select=2))
    kept = np.flatnonzero(found.values)
    strengths = [abs(np.corrcoef(column, y)[0, 1]) for column in X.T]
    assert kept.tolist() == sorted(np.argsort(strengths)[-2:].tolist())


def test_of_several_classes_it_is_the_mean_of_the_absolute_ones(made):
    X, y = made
    classes = np.digitize(y, np.quantile(y, [0.33, 0.66]))
    fitted = create_classifier(ComponentSpec("logistic_regression"), 0).fit(X, classes)
    found = native_importances(fitted)
    assert np.allclose(found.values, np.abs(fitted[-1].coef_).mean(axis=0))


@pytest.mark.parametrize("name", ["dummy", "knn"])
def test_models_that_say_nothing_say_nothing(made, name):
    X, y = made
    classes = (y > y.mean()).astype(int)
    fitted = create_classifier(ComponentSpec(name), 0).fit(X, classes)
    assert native_importances(fitted) is None


def test_coefficients_of_columns_in_other_units_are_not_given(made):
    X, y = made
    assert native_importances(Ridge().fit(X, y)) is None


def test_of_blocks_gains_add_up_and_coefficients_do_not(made):
    X, y = made
    blocks = [Block("a", (0,)), Block("rest", (1, 2, 3, 4))]
    forest = native_importances(regressor("random_forest", X, y, n_estimators=10))
    assert forest.of_blocks(blocks).sum() == pytest.approx(1.0)
    line = native_importances(regressor("linear", X, y)).of_blocks(blocks)
    assert np.isfinite(line).tolist() == [True, False]
