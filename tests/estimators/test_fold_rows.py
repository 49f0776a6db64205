import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.fold_rows import FoldRows


def drawn(n_images=30, n_features=100):
    X = np.random.default_rng(0).normal(size=(n_images, n_features)).astype(np.float32)
    X[:, 3] = 7.0
    return X, np.arange(0, n_images - 6), np.arange(n_images - 6, n_images)


def test_rows_are_those_of_the_scaler_to_the_last_bit():
    X, train, test = drawn()
    rows = FoldRows(X, train, test)
    scaler = StandardScaler().fit(X[train].astype(np.float64))
    assert rows.train().dtype == np.float64
    np.testing.assert_array_equal(rows.test(), X[test])
    np.testing.assert_array_equal(rows.scaled_train(), scaler.transform(X[train].astype(float)))
    np.testing.assert_array_equal(rows.scaled_test(), scaler.transform(X[test].astype(float)))
    np.testing.assert_array_equal(rows.columns_train(), rows.scaled_train().astype(np.float32))
    assert rows.columns_train().flags.f_contiguous
    assert rows.variance() == rows.scaled_train().var()


def test_inner_products():
    rows = FoldRows(*drawn())
    train, test = rows.scaled_train(), rows.scaled_test()
    expected = (train[:, None, :] * train).sum(axis=2)
    np.testing.assert_allclose(rows.gram_train(), expected, atol=1e-11)
    np.testing.assert_array_equal(rows.gram_train(), rows.gram_train().T)
    np.testing.assert_allclose(rows.gram_test(), (test[:, None, :] * train).sum(axis=2), atol=1e-11)
    np.testing.assert_allclose(rows.squares_test(), (test**2).sum(axis=1), rtol=1e-12)


def test_products_of_duplicates_are_equal_to_the_last_bit():
    random = np.random.default_rng(0)
    for n_features in (3, 700):
        X = random.normal(size=(61, n_features))
        X[40:60] = X[7]
        X[60, :-1] = X[7, :-1]  # differs in the last number only
        gram = FoldRows(X, np.arange(61), np.arange(0)).gram_train()
        assert (gram[40:60] == gram[7]).all()
        assert (gram[:, 40:60] == gram[:, [7]]).all()
        assert (gram[60] != gram[7]).any()


def test_nobody_can_write_into_what_others_read():
    rows = FoldRows(*drawn())
    for array in (
        rows.train(),
        rows.test(),
        rows.scaled_train(),
        rows.scaled_test(),
        rows.columns_train(),
        rows.gram_train(),
        rows.gram_test(),
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1.0


def test_each_is_made_once():
    rows = FoldRows(*drawn())
    assert rows.gram_train() is not None
    assert np.shares_memory(rows.gram_train(), rows.gram_train())
    assert np.shares_memory(rows.scaled_train(), rows.scaled_train())


@pytest.mark.parametrize(
    ("n_images", "n_features", "wide", "pays"),
    [
        (1000, 8, False, True),
        (1001, 500, False, False),
        (1001, 501, False, True),
        (5000, 2048, False, False),
        (3000, 3000, False, True),
        (3000, 3001, True, True),
    ],
)
def test_where_inner_products_pay(n_images, n_features, wide, pays):
    X = np.broadcast_to(np.float32(0), (n_images, n_features))
    rows = FoldRows(X, np.arange(n_images), np.arange(0))
    assert rows.wide() == wide
    assert rows.gram_pays() == pays
