"""The rotation to principal components against NumPy's singular values."""

import numpy as np
import pytest

from bioselect.estimators.rotation import PrincipalRotation


@pytest.mark.parametrize("shape", [(30, 80), (200, 80)])
def test_components_are_those_of_the_singular_value_decomposition(shape):
    rows = np.random.default_rng(0).normal(size=shape) * np.linspace(3, 0.1, shape[1])
    rotated = PrincipalRotation(10).fit_transform(rows)
    left, values, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    expected = left[:, :10] * values[:10]
    assert rotated.shape == (shape[0], 10)
    np.testing.assert_allclose(np.abs(rotated), np.abs(expected), atol=1e-9)


def test_new_rows_are_rotated_like_the_training_rows():
    rows = np.random.default_rng(0).normal(size=(40, 90))
    rotation = PrincipalRotation(5)
    together = rotation.fit_transform(rows)
    np.testing.assert_allclose(rotation.transform(rows[7:8]), together[7:8], atol=1e-12)


def test_fewer_images_than_components_give_as_many_as_images():
    rows = np.random.default_rng(0).normal(size=(7, 90))
    assert PrincipalRotation(64).fit_transform(rows).shape == (7, 7)


def test_few_features_pass_unchanged():
    rows = np.random.default_rng(0).normal(size=(7, 64))
    rotation = PrincipalRotation(64).fit(rows)
    assert rotation.components_ is None
    np.testing.assert_array_equal(rotation.transform(rows), rows)


def test_other_features_are_refused():
    rotation = PrincipalRotation(2).fit(np.eye(5))
    with pytest.raises(ValueError, match="expecting 5 features"):
        rotation.transform(np.eye(4))
