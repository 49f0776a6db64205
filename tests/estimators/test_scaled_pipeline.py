import numpy as np
from sklearn.linear_model import LinearRegression

from bioselect.estimators.scaled_pipeline import scaled


def test_the_model_gets_standard_units_of_the_chosen_features():
    rng = np.random.default_rng(0)
    X = rng.normal([5.0, 0.0, -3.0], [2.0, 1.0, 9.0], (50, 3))
    fitted = scaled(LinearRegression(), 1).fit(X, X[:, 2])
    seen = fitted[:-1].transform(X)
    assert seen.shape == (50, 1)
    assert np.allclose(seen[:, 0], (X[:, 2] - X[:, 2].mean()) / X[:, 2].std())
    assert "select" not in scaled(LinearRegression(), None).named_steps
