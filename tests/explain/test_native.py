import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNet, HuberRegressor, Lasso, LinearRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVR

from bioselect.estimators import dense_network
from bioselect.estimators.creation import create_classifier, create_regressor
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


def test_gains_of_the_categories_of_a_column_add_up(made):
    X, y = made
    forest = native_importances(regressor("random_forest", X, y, n_estimators=10))
    found = forest.of_columns([1, 2, 1])  # Before them stands one number of an image.
    expected = [forest.values[1], forest.values[2] + forest.values[3], forest.values[4]]
    assert np.allclose(found, expected)


def penalised(name, X, y):
    """Fit scikit-learn's own on standard units of rows and target; its weights in those of y."""
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    model = {
        "lasso": Lasso(0.01, max_iter=50_000),
        "elastic_net": ElasticNet(0.01, l1_ratio=0.5, max_iter=50_000),
        "huber": HuberRegressor(epsilon=1.35, alpha=1.0, max_iter=50_000),
        "svr": SVR(kernel="linear"),
    }[name]
    return model.fit(Z, (y - y.mean()) / y.std()).coef_.ravel() * y.std()


@pytest.mark.parametrize(
    ("name", "params"),
    [("lasso", {}), ("elastic_net", {}), ("huber", {}), ("svr", {"kernel": "linear"})],
)
def test_coefficients_for_a_scaled_target_are_in_its_units(made, name, params):
    X, y = made
    found = native_importances(regressor(name, X, y, **params))
    assert found.kind == "coefficient"
    assert np.allclose(found.values, penalised(name, X, y), atol=1e-6)


def test_a_network_without_hidden_layers_has_the_weights_that_it_learnt(made, monkeypatch):
    """Its predictions are linear, so a deviation more moves them by its coefficient."""
    X, y = made

    class Learnt:
        kernels, biases, best_epoch = [np.float32([[1], [2], [0.5], [0], [-1]])], [np.zeros(1)], 1

    monkeypatch.setattr(dense_network, "import_target", lambda path: lambda *given: Learnt)
    fitted = regressor("linear_network", X, y)
    found = native_importances(fitted).values
    for place in range(5):
        moved = X.copy()
        moved[:, place] += X[:, place].std()
        assert np.allclose(fitted.predict(moved) - fitted.predict(X), found[place], atol=1e-9)
    assert found[1] == pytest.approx(2 * y.std())


def test_networks_with_hidden_layers_and_curved_surfaces_have_none(made, monkeypatch):
    X, y = made

    class Learnt:
        kernels, biases = [np.ones((5, 3)), np.ones((3, 1))], [np.zeros(3), np.zeros(1)]
        best_epoch = 1

    monkeypatch.setattr(dense_network, "import_target", lambda path: lambda *given: Learnt)
    assert native_importances(regressor("mlp_network", X, y)) is None
    assert native_importances(regressor("svr", X, y)) is None


@pytest.fixture
def with_kinds():
    """Return a number, three categories (a few rows have none), another number; and a target."""
    rng = np.random.default_rng(1)
    kinds = rng.choice(4, 200, p=[0.5, 0.3, 0.15, 0.05])
    X = np.column_stack(
        [rng.normal(size=200), *(kinds == k for k in range(3)), rng.normal(size=200)]
    )
    effect = np.array([1.0, 4.0, -2.0, 0.0])[kinds]
    return X, X[:, 0] + effect + 0.1 * rng.normal(size=200)


@pytest.mark.parametrize("name", ["ridge", "lasso", "linear"])
def test_of_categories_it_is_the_deviation_of_what_they_add(with_kinds, name):
    X, y = with_kinds
    fitted = regressor(name, X, y)
    without = X.copy()
    without[:, 1:4] = 0.0
    added = fitted.predict(X) - fitted.predict(without)
    found = native_importances(fitted).of_columns([1, 3, 1])
    assert found[1] == pytest.approx(added.std(), rel=1e-9)
    assert found[1] > 1.5
    # Of a column of numbers the same is the absolute value of its coefficient.
    without = X.copy()
    without[:, 0] = X[:, 0].mean()
    assert found[0] == pytest.approx((fitted.predict(X) - fitted.predict(without)).std())


def test_a_constant_moved_between_categories_changes_nothing(with_kinds):
    """Every row has a category here: each could be called 10 more, and the intercept 10 less."""
    X, y = with_kinds
    has_kind = X[:, 1:4].any(axis=1)
    fitted = regressor("ridge", X[has_kind], y[has_kind])
    before = native_importances(fitted).of_columns([1, 3, 1])
    fitted[-1].coef_[1:4] += 10 * fitted[0].scale_[1:4]
    assert np.allclose(native_importances(fitted).of_columns([1, 3, 1]), before)


def test_categories_of_several_classes_are_averaged_over_them(with_kinds):
    X, y = with_kinds
    classes = np.digitize(y, np.quantile(y, [0.33, 0.66]))
    fitted = create_classifier(ComponentSpec("logistic_regression"), 0).fit(X, classes)
    found = native_importances(fitted).of_columns([1, 3, 1])
    Z = fitted[0].transform(X)
    added = Z[:, 1:4] @ fitted[-1].coef_[:, 1:4].T
    assert found[1] == pytest.approx(added.std(axis=0).mean())


def test_categories_that_a_selection_left_out_add_nothing(with_kinds):
    X, y = with_kinds
    found = native_importances(regressor("ridge", X, y, select=1)).of_columns([1, 3, 1])
    assert np.count_nonzero(found) == 1


def test_a_target_or_columns_that_were_otherwise_scaled_say_nothing(made):
    X, y = made
    logged = TransformedTargetRegressor(Ridge(), func=np.cbrt, inverse_func=lambda z: z**3)
    for scaler, model in ((StandardScaler(), logged), (MinMaxScaler(), Ridge())):
        fitted = Pipeline([("scale", scaler), ("model", model)]).fit(X, y)
        assert native_importances(fitted) is None
