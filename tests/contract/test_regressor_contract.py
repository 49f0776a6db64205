"""Every built-in regressor holds the contract, and each check catches its mutant."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from bioselect.bundle.estimator_file import MadeOf, dump_estimator, load_estimator
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.creation import create_regressor
from bioselect.estimators.responses import class_probabilities
from bioselect.execution import one_thread
from bioselect.registry import ComponentSpec
from bioselect.testing.contract import checks_of, problem_of, run_contract
from bioselect.testing.regressor_checks import draw_numbers


class Correct(RegressorMixin, BaseEstimator):
    """Least squares with a little ridge, to be broken below."""

    def fit(self, X, y):
        self.centre_, self.spread_ = X.mean(axis=0), np.where(np.ptp(X, axis=0) > 0, X.std(0), 1)
        self.mean_ = y.mean()
        rows = (X - self.centre_) / self.spread_
        gram = rows.T @ rows + np.eye(X.shape[1])
        self.coef_ = np.linalg.solve(gram, rows.T @ (y - self.mean_))
        return self

    def predict(self, X):
        return ((X - self.centre_) / self.spread_ * self.coef_).sum(axis=1) + self.mean_


class LearnsNothing(Correct):
    def fit(self, X, y):
        return super().fit(X, np.roll(y, 7))


class ReturnsNothing(Correct):
    def fit(self, X, y):
        super().fit(X, y)


class TwoColumns(Correct):
    def predict(self, X):
        return np.column_stack([super().predict(X)] * 2)


class PenaltyInUnits(Correct):
    """Weights above 50 units of the target are cut off."""

    def fit(self, X, y):
        super().fit(X, y)
        self.coef_ = np.clip(self.coef_, -50, 50)
        return self


class Unseeded(Correct):
    def fit(self, X, y):
        return super().fit(X, y + np.random.default_rng().normal(size=y.shape))


class Writes(Correct):
    def fit(self, X, y):
        if y.flags.writeable:
            y -= 1.0
        return super().fit(X, y)


class DividesBySpread(Correct):
    def fit(self, X, y):
        super().fit(X, y)
        with np.errstate(all="ignore"):
            self.spread_ = X.std(axis=0) / (np.ptp(X, axis=0) > 0)
        return self


class LooksAround(Correct):
    def predict(self, X):
        return super().predict(X - X.mean(axis=0) + self.centre_)


class LosesItsState(Correct):
    def __getstate__(self):
        state = dict(super().__getstate__())
        state["coef_"] = np.zeros_like(state["coef_"])
        return state


MUTANTS = {
    "learns": (LearnsNothing, "at most 80 %"),
    "fit returns self": (ReturnsNothing, "must return the estimator itself"),
    "predictions": (TwoColumns, "one number for each row"),
    "units of the target": (PenaltyInUnits, "in another unit must give the same"),
    "same seed": (Unseeded, "must give the same predictions"),
    "inputs unchanged": (Writes, "must not write into the rows"),
    "odd rows": (DividesBySpread, "Got NaN or inf"),
    "independent rows": (LooksAround, "must not depend on the other rows"),
    "model file": (LosesItsState, "read from its file must predict the same"),
}
#: The dummy is the floor: it learns the mean of the target and nothing else.
WITHOUT = {"dummy": ("learns",)}
#: Ten trees are written, read and seeded as hundreds are.
FEW_TREES = {name: {"n_estimators": 10} for name in ("random_forest", "extra_trees")}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("regressor"))
    assert len(MUTANTS) == 9


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("regressor")[check], mutant)


@pytest.mark.parametrize("check", MUTANTS)
def test_check_passes_a_correct_regressor(check):
    assert problem_of(checks_of("regressor")[check], Correct) == ""


def params_of(name, **more):
    return {**FEW_TREES.get(name, {}), **more}


@pytest.mark.parametrize("name", REGRESSORS)
def test_builtin_regressor_holds_the_contract(name):
    without = WITHOUT.get(name, ())
    results = run_contract("regressor", name, params=params_of(name), without=without)
    assert len(results) == 9 - len(without)
    assert [result for result in results if result.problem] == []


@pytest.mark.parametrize("name", [name for name in REGRESSORS if name != "dummy"])
def test_with_chosen_features_too_and_in_a_file_of_known_types(name):
    spec = ComponentSpec.of(name, params_of(name, select=3))
    rows, numbers = draw_numbers()
    with one_thread():
        fitted = create_regressor(spec, 0).fit(rows, numbers)
        found = class_probabilities(fitted, rows, 1)
        made_of = MadeOf(name, kind="regressor")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "estimator.skops"
            path.write_bytes(dump_estimator(fitted, made_of, None))
            read = load_estimator(path, made_of, None, path)
        assert np.array_equal(class_probabilities(read, rows, 1), found)
    # The target follows from the first three features.
    assert list(fitted["select"].columns_) == [0, 1, 2]
