"""The table of regressors, and each against scikit-learn without what is around it."""

import inspect

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from bioselect.estimators import regressors
from bioselect.estimators.best_columns import BestColumns, correlation_strengths
from bioselect.estimators.binary_scaling import BinaryScaler
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.creation import create_regressor
from bioselect.estimators.fold_forms import fold_form
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.gaussian_process import LENGTHS, NOISES, GaussianProcess
from bioselect.estimators.partial_least_squares import PartialLeastSquares
from bioselect.exceptions import ComponentError
from bioselect.registry import ComponentSpec, parameter_problems

#: Of the names that are promised those that scikit-learn learns; networks are elsewhere.
NAMES = (
    "linear ridge lasso elastic_net huber knn svr decision_tree random_forest extra_trees "
    "gradient_boosting pls gaussian_process dummy"
)
OWN = [name for name, row in REGRESSORS.items() if row.target.startswith(regressors.__name__)]
WITHOUT_SEARCH = {"linear", "gaussian_process", "dummy"}
FEW = {name: {"n_estimators": 8} for name in ("random_forest", "extra_trees", "gradient_boosting")}


def spec_of(name, **params):
    return ComponentSpec.of(name, {**FEW.get(name, {}), **params})


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    rows = random.normal(size=(60, 7)) * 10.0 ** np.arange(-9, 5, 2) + 3
    rows[:, 3] = 3.0
    scaled = (rows - rows.mean(axis=0)) / np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1)
    return rows, 100 + scaled[:, 0] - 2 * scaled[:, 5] + 0.3 * random.normal(size=60)


def test_the_promised_names():
    assert NAMES.split() == OWN


@pytest.mark.parametrize("name", OWN)
def test_a_row_says_what_its_function_takes(name):
    row = REGRESSORS[name]
    signature = inspect.signature(getattr(regressors, name)).parameters
    taken = {key: value.default for key, value in signature.items() if key != "seed"}
    declared = {parameter.name: parameter.default for parameter in row.parameters}
    assert list(taken.items()) == list(declared.items())
    assert ("select" in declared) == (name != "dummy")


@pytest.mark.parametrize("name", OWN)
def test_a_row_explains_itself(name):
    row = REGRESSORS[name]
    assert row.summary
    assert row.reference or name == "dummy"
    assert all(parameter.summary for parameter in row.parameters)
    assert not parameter_problems(row, {item.name: item.default for item in row.parameters})
    assert bool(row.search) == (name not in WITHOUT_SEARCH)
    combinations = 1
    for key, values in row.search:
        assert len(set(values)) == len(values) > 1
        assert not [value for value in values if parameter_problems(row, {key: value})]
        combinations *= len(values)
    assert combinations <= 5


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("params", [{}, {"select": 3}])
def test_a_fold_gives_what_the_plain_estimator_gives(name, params, table):
    if params and name == "dummy":
        params = {"strategy": "median"}
    rows, numbers = table
    train, test = np.arange(0, 45), np.arange(45, 60)
    plain = create_regressor(spec_of(name, **params), seed=3).fit(rows[train], numbers[train])
    form = fold_form(
        name, create_regressor(spec_of(name, **params), 3), FoldRows(rows, train, test)
    )
    form.estimator.fit(form.train(), numbers[train])
    found = form.estimator.predict(form.test())
    np.testing.assert_allclose(found, plain.predict(rows[test]), rtol=1e-10)


@pytest.mark.parametrize("name", [name for name in OWN if name not in ("knn", "dummy")])
def test_units_of_features_do_not_matter(name, table):
    rows, numbers = table
    made = [create_regressor(spec_of(name), 0) for _ in range(2)]
    once = made[0].fit(rows, numbers).predict(rows)
    # Powers of two leave every digit.
    other = rows * 2.0 ** np.arange(-20, 15, 5)
    tolerance = 1e-6 if name in ("lasso", "elastic_net", "huber", "svr") else 1e-9
    np.testing.assert_allclose(made[1].fit(other, numbers).predict(other), once, atol=tolerance)


def test_trees_find_features_of_tiny_range(table):
    rows, numbers = table
    assert np.ptp(rows[:, 0]) < 1e-7  # Where scikit-learn's trees see a constant.
    only = rows[:, :1]
    mine = create_regressor(ComponentSpec("decision_tree"), 0).fit(only, numbers)
    plain = DecisionTreeRegressor(random_state=0).fit(only, numbers)
    assert plain.tree_.node_count == 1
    assert mine["model"].tree_.node_count > 20


def test_scaling_by_powers_of_two_is_exact(table):
    rows, _ = table
    scaler = BinaryScaler().fit(rows)
    scaled = scaler.transform(rows)
    ranges = np.ptp(scaled, axis=0)
    assert ((ranges >= 1) & (ranges < 2) | (np.ptp(rows, axis=0) == 0)).all()
    assert np.array_equal(np.ldexp(scaled, scaler.exponents_) + scaler.offsets_, rows)
    # The first two differ from 3 by less than trees could see.
    assert (scaler.offsets_[:2] > 2.9).all()
    assert (scaler.offsets_[4:] == 0).all()


def test_best_columns_are_those_of_the_highest_correlation(table):
    rows, numbers = table
    strengths = correlation_strengths(rows, numbers)
    moving = [0, 1, 2, 4, 5, 6]
    expected = [abs(np.corrcoef(rows[:, place], numbers)[0, 1]) for place in moving]
    np.testing.assert_allclose(strengths[moving], expected, rtol=1e-6)
    assert strengths[3] == 0.0
    assert BestColumns(2).fit(rows, numbers).columns_.tolist() == [0, 5]
    assert BestColumns(99).fit(rows, numbers).columns_.tolist() == list(range(7))
    # Equal ones: the first.
    assert BestColumns(1).fit(rows[:, [5, 5]], numbers).columns_.tolist() == [0]


@pytest.mark.parametrize("kernel", ["rbf", "matern"])
def test_gaussian_process_is_that_of_scikit_learn(kernel, table):
    rows, numbers = table[0][:, 4:], table[1]
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    mine = GaussianProcess(kernel).fit(rows[:45], numbers[:45])
    shape = RBF(mine.length_scale_) if kernel == "rbf" else Matern(mine.length_scale_, nu=1.5)
    theirs = GaussianProcessRegressor(shape, alpha=mine.noise_, optimizer=None)
    theirs.fit(rows[:45], numbers[:45] - numbers[:45].mean())
    np.testing.assert_allclose(
        mine.predict(rows[45:]), theirs.predict(rows[45:]) + numbers[:45].mean(), atol=1e-6
    )


def test_gaussian_process_takes_the_likeliest_pair_of_its_grid(table):
    rows, numbers = table[0][:, 4:], table[1]
    rows, apart = (rows - rows.mean(axis=0)) / rows.std(axis=0), numbers - numbers.mean()
    mine = GaussianProcess().fit(rows, numbers)

    def likelihood(length, noise):
        base = RBF(length)(rows) + noise * np.eye(len(rows))
        variance = apart @ np.linalg.solve(base, apart) / len(apart)
        kernel = ConstantKernel(variance) * RBF(length) + WhiteKernel(noise * variance)
        model = GaussianProcessRegressor(kernel, alpha=0.0, optimizer=None).fit(rows, apart)
        return model.log_marginal_likelihood_value_

    lengths = [factor * np.sqrt(3) for factor in LENGTHS]
    values = {(one, noise): likelihood(one, noise) for one in lengths[2::2] for noise in NOISES[8:]}
    best = likelihood(mine.length_scale_, mine.noise_)
    assert best >= max(values.values()) - 1e-6


def test_partial_least_squares_is_that_of_scikit_learn(table):
    rows, numbers = table[0][:, 4:], table[1]
    mine = PartialLeastSquares(2).fit(rows, numbers)
    theirs = PLSRegression(2, scale=False).fit(rows, numbers)
    np.testing.assert_allclose(mine.predict(rows), theirs.predict(rows).ravel(), rtol=1e-9)
    # More directions than there are: as many as there are.
    np.testing.assert_allclose(
        PartialLeastSquares(16).fit(rows, numbers).predict(rows),
        PLSRegression(3, scale=False).fit(rows, numbers).predict(rows).ravel(),
        rtol=1e-9,
    )


def test_support_vectors_learn_a_target_of_any_unit(table):
    rows, numbers = table
    scaled = (rows - rows.mean(axis=0)) / np.where(np.ptp(rows, axis=0) > 0, rows.std(axis=0), 1)
    apart = (numbers - numbers.mean()) / numbers.std()
    expected = SVR().fit(scaled, apart).predict(scaled) * numbers.std() + numbers.mean()
    found = create_regressor(ComponentSpec("svr"), 0).fit(rows, numbers).predict(rows)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_wrong_parameters_are_told():
    with pytest.raises(ComponentError, match=r"regressor 'ridge'.*alpha.*-1"):
        create_regressor(ComponentSpec.of("ridge", {"alpha": -1}), 0)
    with pytest.raises(ComponentError, match=r"unknown regressor 'rigde'. Did you mean 'ridge'"):
        create_regressor(ComponentSpec("rigde"), 0)
    with pytest.raises(ComponentError, match="features are scaled inside the fold"):
        create_regressor(ComponentSpec.of("ridge", {"scale": True}), 0)
