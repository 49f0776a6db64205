"""Declared costs: arithmetic by hand, and an order that makes sense."""

import pytest

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.cost import COUNTS, prediction_operations

SIZE = {"n_features": 100, "n_classes": 4, "n_train": 256}


def test_every_classifier_has_a_cost():
    assert list(COUNTS) == list(CLASSIFIERS)
    assert all(prediction_operations(name, 100, 4, 256) > 0 for name in CLASSIFIERS)


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        # Scaling: 2 * 100. Four sums of 100 products: 2 * 100 * 4.
        ("logistic_regression", {}, 200 + 800),
        ("lda", {}, 200 + 800),
        # 256 distances of 3 * 100.
        ("knn", {}, 200 + 76_800),
        # and 3 sums of 256 products each.
        ("svm", {}, 200 + 76_800 + 1_536),
        ("naive_bayes", {}, 200 + 1_600),
        ("nearest_centroid", {}, 200 + 1_200),
        # 200 trees of depth log2(256) = 8, and 4 sums each.
        ("random_forest", {}, 200 * 12),
        ("extra_trees", {"n_estimators": 10, "max_depth": 3}, 10 * 7),
        # 256 / 4 = 64 leaves: depth 6.
        ("random_forest", {"n_estimators": 1, "min_samples_leaf": 4}, 6 + 4),
        # 4 * 50 trees with up to 4 leaves: depth 2, and a sum. With 15 leaves: depth 4.
        ("gradient_boosting", {}, 600),
        ("gradient_boosting", {"max_leaf_nodes": 15}, 1_000),
        # Scaling and rotation 2 * 100 * 64; as many components as features: none.
        ("gradient_boosting", {"components": 64}, 200 + 12_800 + 600),
        ("gradient_boosting", {"components": 100}, 200 + 600),
        # 2 * 100 * 100 and 2 * 100 * 4.
        ("mlp", {}, 200 + 20_000 + 800),
        ("dummy", {}, 4),
    ],
)
def test_by_hand(name, params, expected):
    assert prediction_operations(name, **SIZE, params=params) == expected


def test_boosting_two_classes_takes_one_tree_a_round():
    # 50 trees of depth 2, and a sum.
    assert prediction_operations("gradient_boosting", 100, 2, 256) == 150


def test_somebody_elses_classifier_is_taken_to_look_at_every_image():
    assert prediction_operations("mylab:Own", **SIZE) == prediction_operations("knn", **SIZE)
