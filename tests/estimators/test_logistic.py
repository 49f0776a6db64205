"""Logistic regression in the span of the images is that of scikit-learn."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bioselect.estimators.logistic import SpanLogisticRegression


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("shape", [(30, 90), (30, 30), (90, 30)])
@pytest.mark.parametrize("weight", [None, "balanced"])
def test_the_coefficients_of_scikit_learn(n_classes, shape, weight):
    random = np.random.default_rng(0)
    # Not centred: the intercept must come out right too.
    rows, labels = random.normal(size=shape) + 0.5, random.integers(0, n_classes, shape[0])
    rows[:, :3] = 7.0
    settings = {"C": 2.0, "class_weight": weight, "tol": 1e-10, "solver": "newton-cg"}
    with warnings.catch_warnings():
        # So near to the optimum the line search runs into the limits of rounding.
        warnings.simplefilter("ignore")
        theirs = LogisticRegression(**settings).fit(rows, labels)
        ours = SpanLogisticRegression(**settings).fit(rows, labels)
    assert ours.coef_.shape == theirs.coef_.shape
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-4)
    new = random.normal(size=(20, shape[1]))
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-5)


def test_other_features_are_refused():
    fitted = SpanLogisticRegression().fit(np.eye(3, 9), [0, 1, 1])
    assert fitted.n_features_in_ == 9
    with pytest.raises(ValueError, match="expecting 9 features"):
        fitted.predict(np.eye(3))


def test_weights_of_images_reach_the_fit():
    rows, labels = np.random.default_rng(0).normal(size=(10, 30)), np.arange(10) % 2
    weights = np.arange(1.0, 11.0)
    ours = SpanLogisticRegression(tol=1e-8).fit(rows, labels, weights)
    theirs = LogisticRegression(tol=1e-8).fit(rows, labels, weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
