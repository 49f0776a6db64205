"""Every built-in metric against scikit-learn, by hand, and where a class is missing."""

import warnings

import numpy as np
import pytest
import sklearn.metrics as reference

from bioselect.metrics.base import UndefinedMetricError, evaluate, get_metric
from bioselect.metrics.builtin import METRICS

TABLE = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.3, 0.3, 0.4], [0.5, 0.4, 0.1]])
TRUTH = np.array([0, 1, 2, 1])


def one_against_rest(function):
    def mean(y, p):
        if p.shape[1] == 2:
            return function(y, p[:, 1])
        return np.mean([function(y == place, p[:, place]) for place in np.unique(y)])

    return mean


def by_labels(function, **params):
    return lambda y, p: function(y, p.argmax(axis=1), **params)


def brier_of_scikit_learn(y, p):
    # Of each class against the rest, summed: the definition of 1950 by another road.
    return sum(np.mean((p[:, place] - (y == place)) ** 2) for place in range(p.shape[1]))


SAME = {
    "accuracy": by_labels(reference.accuracy_score),
    "balanced_accuracy": by_labels(reference.balanced_accuracy_score),
    "f1_macro": by_labels(reference.f1_score, average="macro", zero_division=0),
    "f1_weighted": by_labels(reference.f1_score, average="weighted", zero_division=0),
    "precision_macro": by_labels(reference.precision_score, average="macro", zero_division=0),
    # Over the true classes only, unlike scikit-learn's default.
    "recall_macro": lambda y, p: reference.recall_score(
        y, p.argmax(axis=1), average="macro", labels=np.unique(y)
    ),
    "matthews_corrcoef": by_labels(reference.matthews_corrcoef),
    "cohen_kappa": by_labels(reference.cohen_kappa_score),
    "roc_auc": one_against_rest(reference.roc_auc_score),
    "average_precision": one_against_rest(reference.average_precision_score),
    "log_loss": lambda y, p: reference.log_loss(y, p, labels=np.arange(p.shape[1])),
    "brier": brier_of_scikit_learn,
}


def draw(n_classes, n_images, seed, rounded):
    random = np.random.default_rng(seed)
    truth = random.integers(0, n_classes, n_images)
    table = random.dirichlet(np.ones(n_classes), n_images) + np.eye(n_classes)[truth] / 2
    table /= table.sum(axis=1, keepdims=True)
    if rounded:
        # Many ties, and probabilities of exactly 0 and 1.
        table = np.round(table * 2)
        table[table.sum(axis=1) == 0, 0] = 1
        table /= table.sum(axis=1, keepdims=True)
    return truth, table


def test_every_metric_is_compared():
    assert SAME.keys() == METRICS.keys()


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("rounded", [False, True])
# 12 images of 6 classes: some are missing among the true ones.
@pytest.mark.parametrize("n_images", [12, 200])
def test_the_values_of_scikit_learn(name, n_classes, rounded, n_images):
    for seed in range(5):
        truth, table = draw(n_classes, n_images, seed, rounded)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = SAME[name](truth, table)
        assert evaluate(get_metric(name), truth, table) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n_images", [200])
def test_roc_auc_of_many_classes_is_scikit_learns_own(n_images):
    truth, table = draw(4, n_images, 0, rounded=False)
    expected = reference.roc_auc_score(truth, table, multi_class="ovr", average="macro")
    assert evaluate(get_metric("roc_auc"), truth, table) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Predicted 0, 1, 2, 0.
        ("accuracy", 3 / 4),
        # Recalls 1, 1/2, 1.
        ("balanced_accuracy", 5 / 6),
        ("recall_macro", 5 / 6),
        # Precisions 1/2, 1, 1.
        ("precision_macro", 5 / 6),
        # F1 2/3, 2/3, 1 with 1, 2, 1 images.
        ("f1_macro", 7 / 9),
        ("f1_weighted", 3 / 4),
        # (4 * 3 - (1*2 + 2*1 + 1*1)) / sqrt((16 - 6) * (16 - 6)).
        ("matthews_corrcoef", 7 / 10),
        # By chance 5/16: (3/4 - 5/16) / (11/16).
        ("cohen_kappa", 7 / 11),
        # Class 0: 0.7 above 0.1, 0.3, 0.5: 1. Class 1: 0.6 and 0.4 above 0.2 and 0.3: 1. Class 2:
        # 0.4 above 0.1, 0.3, 0.1: 1.
        ("roc_auc", 1.0),
        ("average_precision", 1.0),
        ("log_loss", -np.log(0.7 * 0.6 * 0.4 * 0.4) / 4),
        # 0.09+0.04+0.01, 0.01+0.16+0.09, 0.09+0.09+0.36, 0.25+0.36+0.01.
        ("brier", (0.14 + 0.26 + 0.54 + 0.62) / 4),
    ],
)
def test_by_hand(name, expected):
    assert evaluate(get_metric(name), TRUTH, TABLE) == pytest.approx(expected, abs=1e-12)


def test_the_forecasts_of_brier():
    # The definition of Brier (1950) for two classes: forecasts of rain 0.7, 0.9, 0.8, 0.4, 0.2, 0,
    # 0, 0, 0, 0.1 with rain on days 2, 3 and 5: squared errors of the rain column 0.49, 0.01,
    # 0.04, 0.16, 0.64, 0, 0, 0, 0, 0.01, and the same again of the other column.
    rain = np.array([0.7, 0.9, 0.8, 0.4, 0.2, 0, 0, 0, 0, 0.1])
    fell = np.array([0, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    value = evaluate(get_metric("brier"), fell, np.column_stack([1 - rain, rain]))
    assert value == pytest.approx(2 * 1.35 / 10)


def test_the_worst_probabilities_reach_the_bounds():
    wrong = np.array([[0.0, 1.0], [1.0, 0.0]])
    truth = np.array([0, 1])
    for name in ("log_loss", "brier"):
        metric = get_metric(name)
        assert evaluate(metric, truth, wrong) == metric.bounds[1]
        assert evaluate(metric, truth, wrong[::-1]) == metric.bounds[0]
    for name in ("roc_auc", "matthews_corrcoef", "cohen_kappa"):
        metric = get_metric(name)
        assert evaluate(metric, truth, wrong) == metric.bounds[0]
        assert evaluate(metric, truth, wrong[::-1]) == metric.bounds[1]


def test_the_second_class_of_two_is_the_positive_one():
    truth = np.array([0, 0, 1])
    table = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    # Of the second column 0.1, 0.8, 0.5: the positive image is above one of two.
    assert evaluate(get_metric("roc_auc"), truth, table) == 0.5
    assert evaluate(get_metric("average_precision"), truth, table) == 0.5


def test_a_missing_class_is_left_out_of_the_means():
    truth, table = np.array([0, 1, 1]), np.array([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0, 0.9]])
    # Recalls 1 and 1/2; class 0: 0.6 above 0.2 and 0.1; class 1: 0.7 above and 0 below 0.3.
    assert evaluate(get_metric("balanced_accuracy"), truth, table) == 0.75
    assert evaluate(get_metric("roc_auc"), truth, table) == 0.75
    # Class 2 was predicted, so its F1 and its precision count with 0.
    assert evaluate(get_metric("f1_macro"), truth, table) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert evaluate(get_metric("precision_macro"), truth, table) == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "cohen_kappa"])
def test_one_class_leaves_nothing_to_say(name):
    table = np.array([[0.1, 0.9], [0.2, 0.8]])
    with pytest.raises(UndefinedMetricError, match=f"{name}: must have .* 2 classes"):
        evaluate(get_metric(name), np.array([1, 1]), table)


@pytest.mark.parametrize(
    "name", sorted(set(METRICS) - {"roc_auc", "average_precision", "cohen_kappa"})
)
def test_the_others_have_a_value_for_one_class(name):
    table = np.array([[0.1, 0.9], [0.2, 0.8]])
    assert np.isfinite(evaluate(get_metric(name), np.array([1, 1]), table))
