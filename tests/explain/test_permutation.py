import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils import check_random_state

from bioselect.explain.blocks import Block
from bioselect.explain.permutation import permutation_importances, shuffled_orders
from bioselect.metrics.base import get_metric


def orders_of_sklearn(n_rows, n_repeats, seed):
    """Return the orders in which scikit-learn shuffles each column, one after the other."""
    of_column = check_random_state(seed).randint(np.iinfo(np.int32).max + 1)
    rng, shuffling, order, orders = (
        np.random.RandomState(of_column), np.arange(n_rows), np.arange(n_rows), [],
    )  # fmt: skip
    for _ in range(n_repeats):
        rng.shuffle(shuffling)
        order = order[shuffling]
        orders.append(order)
    return np.array(orders)


def made(n=80, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, 3 * X[:, 0] - X[:, 1] + X[:, 2] ** 2 + 0.1 * rng.normal(size=n)


def singles(p):
    return [Block(str(place), (place,)) for place in range(p)]


@pytest.mark.parametrize(("metric", "scoring"), [("mae", "neg_mean_absolute_error"), ("r2", "r2")])
@pytest.mark.parametrize(
    "model", [LinearRegression(), RandomForestRegressor(20, random_state=0)], ids=["line", "forest"]
)
def test_it_is_scikit_learns_on_the_same_rows_in_the_same_orders(model, metric, scoring):
    X, y = made()
    model.fit(X[:50], y[:50])
    found = permutation_importances(
        lambda rows: model.predict(rows)[:, None],
        X[50:],
        y[50:],
        singles(4),
        get_metric(metric),
        orders_of_sklearn(30, 5, seed=7),
    )
    theirs = permutation_importance(
        model, X[50:], y[50:], scoring=scoring, n_repeats=5, random_state=7
    )
    assert np.allclose(found, theirs.importances, rtol=0, atol=1e-9)
    assert found[0].mean() > found[3].mean() + 0.1


def test_of_classes_too():
    X, y = made()
    classes = (y > 1).astype(int)
    model = LogisticRegression().fit(X[:50], classes[:50])
    found = permutation_importances(
        model.predict_proba,
        X[50:],
        classes[50:],
        singles(4),
        get_metric("balanced_accuracy"),
        orders_of_sklearn(30, 5, seed=3),
    )
    theirs = permutation_importance(
        model, X[50:], classes[50:], scoring="balanced_accuracy", n_repeats=5, random_state=3
    )
    assert np.allclose(found, theirs.importances, rtol=0, atol=1e-12)


def test_what_tells_the_same_matters_only_together():
    # The model takes the mean of two equal columns. Each alone keeps half of the truth in place:
    # shuffled in reverse, the errors are half of those when both are. By hand for y = 1, 2, 4:
    # predictions become 2.5, 2, 2.5 (errors 1.5, 0, 1.5) and 4, 2, 1 (3, 0, 3).
    y = np.array([1.0, 2.0, 4.0])
    X = np.stack([y, y], axis=1)
    blocks = [*singles(2), Block("0 + 1", (0, 1))]
    found = permutation_importances(
        lambda rows: rows.mean(axis=1, keepdims=True),
        X,
        y,
        blocks,
        get_metric("mae"),
        np.array([[2, 1, 0]]),
    )
    assert found.ravel().tolist() == [1.0, 1.0, 2.0]


def test_rows_are_left_as_they_are_and_a_missing_score_is_no_zero():
    X, _ = made(10)
    before = X.copy()
    constant = np.full(10, 2.0)
    found = permutation_importances(
        lambda rows: rows[:, :1],
        X,
        constant,
        singles(2),
        get_metric("r2"),
        shuffled_orders(10, 2, 0),
    )
    assert np.array_equal(X, before)
    assert np.isnan(found).all()


def test_orders_come_from_the_seed():
    assert np.array_equal(shuffled_orders(20, 3, 1), shuffled_orders(20, 3, 1))
    assert not np.array_equal(shuffled_orders(20, 3, 1), shuffled_orders(20, 3, 2))
