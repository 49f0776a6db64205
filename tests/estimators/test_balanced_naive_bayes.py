"""Naive Bayes with classes that count alike, against scikit-learn's with these priors."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from bioselect.estimators.balanced_naive_bayes import BalancedNaiveBayes


@pytest.mark.parametrize("n_classes", [2, 3])
def test_only_the_priors_differ(n_classes):
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(n_classes), [60, 10, 4][:n_classes])
    rows = random.normal(size=(len(labels), 6)) + 0.5 * labels[:, None]
    new = random.normal(size=(50, 6)) + 0.5
    ours = BalancedNaiveBayes(var_smoothing=1e-3).fit(rows, labels)
    priors = np.full(n_classes, 1 / n_classes)
    theirs = GaussianNB(priors=priors, var_smoothing=1e-3).fit(rows, labels)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-10)
    plain = GaussianNB(var_smoothing=1e-3).fit(rows, labels)
    assert (plain.predict(new) == 0).sum() > (ours.predict(new) == 0).sum()


def test_places_of_classes_that_are_missing_are_not_counted():
    rows, labels = np.arange(6.0)[:, None], np.array([0, 0, 0, 0, 2, 2])
    fitted = BalancedNaiveBayes().fit(rows, labels)
    assert fitted.classes_.tolist() == [0, 2]
    np.testing.assert_allclose(fitted.class_prior_, [0.5, 0.5])
