"""The declared cost of a prediction of numbers: counted by hand."""

import pytest

from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.cost import prediction_operations

SIZE = {"n_features": 100, "n_classes": 1, "n_train": 256}

BY_HAND = {
    # 2 for scaling each feature, 2 for each weight.
    "linear": ({}, 400),
    "ridge": ({"select": 10}, 220),
    "pls": ({"select": 1000}, 400),
    # 200 scaled, 256 images of 3 * 100.
    "knn": ({}, 77_000),
    # And 2 for each image in the sum.
    "svr": ({}, 77_512),
    "gaussian_process": ({"select": 10}, 200 + 256 * 30 + 512),
    # 256 leaves are 8 deep; a mean of them, 200 trees.
    "decision_tree": ({}, 208),
    "random_forest": ({}, 200 + 200 * 9),
    "extra_trees": ({"n_estimators": 10, "max_depth": 3}, 200 + 10 * 4),
    # 8 leaves are 3 deep.
    "gradient_boosting": ({}, 400),
    "linear_network": ({"select": 10}, 220),
    # 64 numbers from 100 features, 64 from these, one from these.
    "mlp_network": ({}, 200 + 2 * (64 * 100 + 64 * 64 + 64)),
    "dummy": ({}, 1),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_counted_by_hand(name):
    params, expected = BY_HAND[name]
    assert prediction_operations(name, **SIZE, params=params) == expected


def test_every_regressor_declares_its_cost():
    of_images = prediction_operations("mylab:Own", **SIZE)
    assert of_images == prediction_operations("knn", **SIZE)
    assert set(BY_HAND) | {"lasso", "elastic_net", "huber"} == set(REGRESSORS)
    others = set(REGRESSORS) - {"knn"}
    assert all(prediction_operations(name, **SIZE) != of_images for name in others)
    # The same name costs something else for classes.
    assert prediction_operations("random_forest", 100, 4, 256) != 2000
