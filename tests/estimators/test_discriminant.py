"""Discriminant analysis against scikit-learn's, which solves it another way."""

import warnings

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from bioselect.estimators.discriminant import ShrunkenDiscriminant, ledoit_wolf_share


def draw(n_images, n_features, n_classes, seed=0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, n_classes, n_images)
    labels[:n_classes] = np.arange(n_classes)
    mixing = random.normal(size=(n_features, n_features)) / np.sqrt(n_features)
    rows = random.normal(size=(n_images, n_features)) @ mixing + 5.0
    return rows + 0.3 * random.normal(size=(n_classes, n_features))[labels], labels


@pytest.mark.parametrize("shape", [(5, 40), (40, 40), (200, 12), (3, 2), (20, 1)])
def test_the_share_is_that_of_scikit_learn(shape):
    rows, _ = draw(shape[0], shape[1], 2)
    rows -= rows.mean(axis=0)
    assert ledoit_wolf_share(rows) == pytest.approx(
        ledoit_wolf_shrinkage(rows, assume_centered=True), rel=1e-9
    )


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(("n_images", "n_features"), [(40, 150), (60, 60), (300, 20), (40, 1)])
def test_the_same_probabilities_as_scikit_learn(n_images, n_features, n_classes):
    rows, labels = draw(n_images, n_features, n_classes)
    new, _ = draw(100, n_features, n_classes, seed=1)
    ours = ShrunkenDiscriminant().fit(rows, labels)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(rows, labels)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-8)
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))


@pytest.mark.parametrize(("n_images", "n_features"), [(40, 150), (300, 20)])
def test_constant_features_change_nothing_but_the_share(n_images, n_features):
    # scikit-learn counts constant features in the mean variance, and so does this.
    rows, labels = draw(n_images, n_features, 3)
    rows = np.hstack([rows, np.full((n_images, 3), 7.0)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = ShrunkenDiscriminant().fit(rows, labels)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(rows, labels)
    np.testing.assert_allclose(ours.predict_proba(rows), theirs.predict_proba(rows), atol=1e-8)
    np.testing.assert_array_equal(ours.coef_[:, -3:], 0.0)


def test_rare_and_single_images_of_a_class():
    rows, labels = draw(30, 50, 2)
    labels[:] = 0
    labels[3] = 1
    fitted = ShrunkenDiscriminant().fit(rows, labels)
    assert np.isfinite(fitted.predict_proba(rows)).all()


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="at least 2 classes"):
        ShrunkenDiscriminant().fit(np.eye(3), [1, 1, 1])


@pytest.mark.parametrize(("n_images", "n_features", "n_classes"), [(60, 150, 2), (300, 20, 4)])
def test_balanced_classes_are_the_equal_priors_of_scikit_learn(n_images, n_features, n_classes):
    rows, labels = draw(n_images, n_features, n_classes)
    kept = (labels == 0) | (np.arange(n_images) % 3 == 0)  # the first class is the common one
    rows, labels = rows[kept], labels[kept]
    new, _ = draw(100, n_features, n_classes, seed=1)
    priors = np.full(n_classes, 1 / n_classes)
    theirs = LinearDiscriminantAnalysis("lsqr", shrinkage="auto", priors=priors).fit(rows, labels)
    ours = ShrunkenDiscriminant("balanced").fit(rows, labels)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-8)
    plain = ShrunkenDiscriminant().fit(rows, labels)
    assert (plain.predict(new) == 0).sum() > (ours.predict(new) == 0).sum()


def test_a_model_from_before_there_were_weights_still_predicts():
    rows, labels = draw(30, 5, 2)
    old = ShrunkenDiscriminant().fit(rows, labels)
    expected = old.predict(rows)
    del old.__dict__["class_weight"]
    assert old.get_params() == {"class_weight": None}
    np.testing.assert_array_equal(old.predict(rows), expected)
