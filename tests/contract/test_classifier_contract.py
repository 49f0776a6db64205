"""Every built-in classifier holds the contract, and each check catches its mutant."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from bioselect.bundle.estimator_file import MadeOf, dump_estimator, load_estimator
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.responses import class_probabilities
from bioselect.execution import one_thread
from bioselect.registry import ComponentSpec
from bioselect.testing.classifier_checks import draw_rows
from bioselect.testing.contract import checks_of, problem_of, run_contract


class Correct(LogisticRegression):
    """A correct classifier, to be broken below."""


class LearnsNothing(Correct):
    def fit(self, X, y):
        return super().fit(X, np.roll(y, 7))


class ReturnsNothing(Correct):
    def fit(self, X, y):
        super().fit(X, y)


class Disagrees(Correct):
    def predict(self, X):
        return self.classes_[super().predict_proba(X).argmin(axis=1)]


class Unseeded(Correct):
    def fit(self, X, y):
        noise = np.random.default_rng().normal(size=X.shape)
        return super().fit(X + noise, y)


class ExpectsEveryClass(BaseEstimator, ClassifierMixin):
    """Takes class numbers for places in its own table."""

    def fit(self, X, y):
        self.classes_ = np.arange(y.max() + 1)
        self.centres_ = np.stack(
            [X[y == c].mean(axis=0) if np.any(y == c) else X.mean(axis=0) for c in self.classes_]
        )
        return self

    def predict_proba(self, X):
        distance = ((X[:, None] - self.centres_) ** 2).sum(axis=2)
        weights = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / 100)
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class Writes(Correct):
    def fit(self, X, y):
        if X.flags.writeable:
            X -= X.mean(axis=0)
        return super().fit(X, y)


class DividesBySpread(Correct):
    def predict_proba(self, X):
        with np.errstate(all="ignore"):
            table = super().predict_proba(X)
            return table / np.where(X.std(axis=0).min() == 0, np.nan, 1.0)


class LooksAround(Correct):
    def predict_proba(self, X):
        return super().predict_proba(X - X.mean(axis=0))


class LosesItsState(Correct):
    def __getstate__(self):
        state = dict(super().__getstate__())
        state["coef_"] = np.zeros_like(state["coef_"])
        return state


MUTANTS = {
    "learns": (LearnsNothing, "must be told apart"),
    "fit returns self": (ReturnsNothing, "must return the estimator itself"),
    "probabilities": (Disagrees, "must be the predicted one"),
    "same seed": (Unseeded, "must give the same predictions"),
    "missing class": (ExpectsEveryClass, "must get probability 0"),
    "inputs unchanged": (Writes, "must not write into the rows"),
    "odd rows": (DividesBySpread, "Got NaN or inf"),
    "independent rows": (LooksAround, "must not depend on the other rows"),
    "model file": (LosesItsState, "read from its file must predict the same"),
}
#: The dummy is the floor: it learns how frequent the classes are and nothing else.
WITHOUT = {"dummy": ("learns",)}
#: Ten trees are written, read and seeded as hundreds are.
FEW_TREES = {name: {"n_estimators": 10} for name in ("random_forest", "extra_trees")}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("classifier"))
    assert len(MUTANTS) == 9


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("classifier")[check], mutant)


@pytest.mark.parametrize("check", MUTANTS)
def test_check_passes_a_correct_classifier(check):
    assert problem_of(checks_of("classifier")[check], Correct) == ""


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_builtin_classifier_holds_the_contract(name):
    without = WITHOUT.get(name, ())
    results = run_contract("classifier", name, params=FEW_TREES.get(name), without=without)
    assert len(results) == 9 - len(without)
    assert [result for result in results if result.problem] == []


def test_the_table_is_complete():
    assert len(CLASSIFIERS) == 12


@pytest.mark.parametrize("method", ["random_over", "random_under", "smote"])
def test_resampled_classifiers_hold_the_contract(method):
    results = run_contract("classifier", "logistic_regression", params={"resampling": method})
    assert [result for result in results if result.problem] == []
    assert len(results) == 9


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name != "dummy"])
def test_a_threshold_holds_what_two_classes_can_hold(name):
    # The other checks of the contract draw more classes than a threshold can divide.
    spec = ComponentSpec.of(name, {"threshold": "youden", **FEW_TREES.get(name, {})})
    rows, labels = draw_rows(2)
    keep = rows.copy()
    with one_thread():
        fitted, again = (create_classifier(spec, 0).fit(rows, labels) for _ in range(2))
        table = class_probabilities(fitted, rows, 2)
        read = read_back(fitted, name)
        assert np.array_equal(class_probabilities(read, rows, 2), table)
        assert np.array_equal(class_probabilities(again, rows, 2), table)
        assert np.array_equal(fitted.predict(rows), table.argmax(axis=1))
        assert np.mean(fitted.predict(rows) == labels) > 0.9
    assert np.array_equal(rows, keep)


def read_back(fitted, name):
    """Write a model file and read it; only types that a bundle may hold are let through."""
    made_of = MadeOf(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "estimator.skops"
        path.write_bytes(dump_estimator(fitted, made_of, None))
        return load_estimator(path, made_of, None, path)
