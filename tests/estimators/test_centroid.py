"""Nearest centroid: arithmetic by hand, and the distances of scikit-learn."""

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from bioselect.estimators.centroid import CentroidClassifier


def test_probabilities_by_hand():
    # Centroids 1 and 10; each training image is 1 away from its own: spread 1. At 5 the squared
    # distances are 16 and 25: exp(-8) against exp(-12.5), so p(first) = 1 / (1 + exp(-4.5)).
    fitted = CentroidClassifier().fit(np.array([[0.0], [2.0], [9.0], [11.0]]), [3, 3, 4, 4])
    assert fitted.spread_ == 1.0
    np.testing.assert_array_equal(fitted.centroids_, [[1.0], [10.0]])
    first = 1 / (1 + np.exp(-4.5))
    np.testing.assert_allclose(fitted.predict_proba([[5.0]]), [[first, 1 - first]])
    assert fitted.predict([[5.0], [6.0]]).tolist() == [3, 4]


def test_the_same_classes_as_scikit_learn():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    rows = random.normal(size=(60, 4)) + labels[:, None]
    new = random.normal(size=(300, 4)) + 1.0
    ours = CentroidClassifier().fit(rows, labels)
    np.testing.assert_array_equal(
        ours.predict(new), NearestCentroid().fit(rows, labels).predict(new)
    )
    np.testing.assert_array_equal(ours.predict(new), ours.predict_proba(new).argmax(axis=1))


@pytest.mark.filterwarnings("error")
def test_constant_features_and_single_images():
    rows = np.array([[0.0, 5.0], [9.0, 5.0]])
    fitted = CentroidClassifier().fit(rows, [0, 1])
    assert fitted.predict(rows).tolist() == [0, 1]
    assert np.isfinite(
        CentroidClassifier().fit(np.ones((4, 2)), [0, 0, 1, 1]).predict_proba(rows)
    ).all()
