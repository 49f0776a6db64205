"""Fitted steps as one estimator, whatever the last of them is."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from bioselect.estimators.fitted_pipeline import FittedPipeline

ROWS = np.random.default_rng(0).normal(3, 2, size=(30, 4))
LABELS = (ROWS[:, 0] > 3).astype(int)


class Plain:
    """Nothing of scikit-learn."""

    def fit(self, X, y):
        self.limit = X[y == 1, 0].min()
        return self

    def predict(self, X):
        return (X[:, 0] >= self.limit).astype(int)


def fitted(estimator):
    scaler = StandardScaler().fit(ROWS)
    estimator.fit(scaler.transform(ROWS), LABELS)
    return FittedPipeline([("scaler", scaler), ("estimator", estimator)])


@pytest.mark.filterwarnings("error")
def test_nothing_but_predict_is_needed():
    pipeline = fitted(Plain())
    assert pipeline.predict(ROWS).tolist() == LABELS.tolist()
    assert not hasattr(pipeline, "predict_proba")
    assert not hasattr(pipeline, "decision_function")
    assert getattr(pipeline, "classes_", None) is None


def test_answers_are_those_of_the_last_step():
    scaled = StandardScaler().fit_transform(ROWS)
    logistic = fitted(LogisticRegression())
    expected = LogisticRegression().fit(scaled, LABELS).predict_proba(scaled)
    np.testing.assert_array_equal(logistic.predict_proba(ROWS), expected)
    assert logistic.classes_.tolist() == [0, 1]
    svm = fitted(LinearSVC())
    assert not hasattr(svm, "predict_proba")
    assert svm.decision_function(ROWS).shape == (30,)
