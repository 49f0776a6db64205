"""Every built-in classifier holds the contract, and each check catches its mutant."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from bioselect.estimators.builtin import CLASSIFIERS
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
    results = run_contract("classifier", name, without=without)
    assert len(results) == 9 - len(without)
    assert [result for result in results if result.problem] == []


def test_the_table_is_complete():
    assert len(CLASSIFIERS) == 12
