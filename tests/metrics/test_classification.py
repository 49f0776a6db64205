"""Every built-in metric against scikit-learn, by hand, and where a class is missing.

What is about one class is about the second one, "b".
"""

import warnings

import numpy as np
import pytest
import sklearn.metrics as reference

from bioselect.exceptions import ComponentError
from bioselect.metrics.base import ChosenMetric, UndefinedMetricError, evaluate, get_metric
from bioselect.metrics.builtin import CLASSES
from bioselect.metrics.builtin import METRICS as ALL_METRICS
from bioselect.registry import ComponentSpec

#: Those of labels only are in test_label_sets.py.
METRICS = {name: row for name, row in ALL_METRICS.items() if CLASSES in row.takes}
NAMES = ("a", "b", "c", "d", "e", "f")
PARAMS = {
    "precision": {"positive": "b"},
    "recall": {"positive": "b"},
    "f1": {"positive": "b"},
    "sensitivity_at_specificity": {"positive": "b", "specificity": 0.8},
}


def metric_of(name, **params):
    return get_metric(ChosenMetric(ComponentSpec.of(name, params or PARAMS.get(name)), NAMES))


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


def of_class_b(function):
    return lambda y, p: function(y, p.argmax(axis=1), labels=[1], average="macro", zero_division=0)


def sensitivity_of_scikit_learn(y, p):
    share_of_negatives, share_of_positives, _ = reference.roc_curve(
        y == 1, p[:, 1], drop_intermediate=False
    )
    return share_of_positives[share_of_negatives <= 0.2 + 1e-12].max()


def calibration_error_by_a_loop(y, p):
    error = 0.0
    for number in range(15):
        inside = [
            (row.max(), row.argmax() == true)
            for row, true in zip(p, y, strict=True)
            if number / 15 < row.max() <= (number + 1) / 15
        ]
        if inside:
            sure, right = np.mean(inside, axis=0)
            error += len(inside) / len(y) * abs(sure - right)
    return error


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
    "precision_weighted": by_labels(reference.precision_score, average="weighted", zero_division=0),
    "recall_weighted": by_labels(reference.recall_score, average="weighted", zero_division=0),
    "precision": of_class_b(reference.precision_score),
    "recall": of_class_b(reference.recall_score),
    "f1": of_class_b(reference.f1_score),
    "sensitivity_at_specificity": sensitivity_of_scikit_learn,
    "expected_calibration_error": calibration_error_by_a_loop,
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
        assert evaluate(metric_of(name), truth, table) == pytest.approx(expected, abs=1e-12)


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
        # Class 1 is predicted once, rightly, and is 2 images: 1, 1/2, 2 * 1 / (1 + 2).
        ("precision", 1.0),
        ("recall", 1 / 2),
        ("f1", 2 / 3),
        # Precisions 1/2, 1, 1 and recalls 1, 1/2, 1 of 1, 2, 1 images.
        ("precision_weighted", 7 / 8),
        ("recall_weighted", 3 / 4),
        # Class 1 has 0.6 and 0.4, the others 0.2 and 0.3: both are found and no other is.
        ("sensitivity_at_specificity", 1.0),
        # Sure 0.7, 0.6, 0.4, 0.5, the last one wrong, each in a bin of its own.
        ("expected_calibration_error", (0.3 + 0.4 + 0.6 + 0.5) / 4),
        ("log_loss", -np.log(0.7 * 0.6 * 0.4 * 0.4) / 4),
        # 0.09+0.04+0.01, 0.01+0.16+0.09, 0.09+0.09+0.36, 0.25+0.36+0.01.
        ("brier", (0.14 + 0.26 + 0.54 + 0.62) / 4),
    ],
)
def test_by_hand(name, expected):
    assert evaluate(metric_of(name), TRUTH, TABLE) == pytest.approx(expected, abs=1e-12)


def test_every_metric_is_computed_by_hand():
    (mark,) = test_by_hand.pytestmark
    assert {name for name, _ in mark.args[1]} == METRICS.keys()


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


NEED_TWO_CLASSES = {"roc_auc", "average_precision", "cohen_kappa", "sensitivity_at_specificity"}


@pytest.mark.parametrize("name", sorted(set(METRICS) - NEED_TWO_CLASSES))
def test_the_others_have_a_value_for_one_class(name):
    table = np.array([[0.1, 0.9], [0.2, 0.8]])
    assert np.isfinite(evaluate(metric_of(name), np.array([1, 1]), table))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("recall", r"recall\(positive=b\): must have images of b. Got none"),
        ("f1", r"f1\(positive=b\): must have images of b. Got none"),
        ("precision", r"precision\(positive=b\): must have images of b. Got none"),
        ("sensitivity_at_specificity", "must have images of b and of another class. Got one of"),
    ],
)
def test_without_images_of_the_class_there_is_nothing_to_say(name, words):
    table = np.array([[0.9, 0.1], [0.8, 0.2]])
    with pytest.raises(UndefinedMetricError, match=words):
        evaluate(metric_of(name), np.array([0, 0]), table)


def test_average_precision_of_the_class_that_is_named():
    truth, table = draw(2, 60, 1, rounded=False)
    for place, name in enumerate("ab"):
        expected = reference.average_precision_score(truth == place, table[:, place])
        metric = metric_of("average_precision", positive=name)
        assert evaluate(metric, truth, table) == pytest.approx(expected, abs=1e-12)
    assert metric.name == "average_precision(positive=b)"
    assert evaluate(metric, truth, table) == evaluate(metric_of("average_precision"), truth, table)


@pytest.mark.parametrize(
    ("specificity", "sensitivity"),
    # Of class b, from the highest score on: b, a, b, a, b, then three of a. Each limit that calls
    # 0, 1, 2 or 5 of the 5 of a positive finds 1, 2, 3 or 3 of the 3 of b.
    [(1.0, 1 / 3), (0.9, 1 / 3), (0.8, 2 / 3), (0.6, 1.0), (0.0, 1.0)],
)
def test_sensitivity_at_each_specificity(specificity, sensitivity):
    truth = np.array([1, 0, 1, 0, 1, 0, 0, 0])
    score = np.arange(8, 0, -1) / 10
    metric = metric_of("sensitivity_at_specificity", positive="b", specificity=specificity)
    value = evaluate(metric, truth, np.column_stack([1 - score, score]))
    assert value == pytest.approx(sensitivity)


def test_equal_scores_are_called_positive_together():
    # All have the same score: calling any positive calls all so, which leaves no specificity.
    table = np.full((6, 2), 0.5)
    assert evaluate(metric_of("sensitivity_at_specificity"), np.arange(6) % 2, table) == 0.0


def test_bins_of_calibration_are_closed_on_the_right():
    # All five lie in (0.6, 0.8], also the one at 0.8: sure 3.6 together, 4 right: |3.6 - 4| / 5.
    # Open on the right, the bin would lose the last, which is wrong: (|2.8 - 4| + 0.8) / 5.
    sure = np.array([0.61, 0.7, 0.75, 0.74, 0.8])
    truth = np.array([0, 0, 0, 0, 1])
    metric = metric_of("expected_calibration_error", bins=5)
    value = evaluate(metric, truth, np.column_stack([sure, 1 - sure]))
    assert value == pytest.approx(0.4 / 5)
    assert metric.name == "expected_calibration_error(bins=5)"


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "sensitivity_at_specificity"])
def test_a_class_that_there_is_not(name):
    spec = ComponentSpec.of(name, {"positive": "mitoic"})
    with pytest.raises(ComponentError) as error:
        get_metric(ChosenMetric(spec, ("interphase", "mitotic")))
    assert str(error.value) == (
        f"metric {name!r}: params.positive: must be one of the classes of the images (interphase, "
        "mitotic). Got 'mitoic'. Did you mean 'mitotic'?"
    )


def test_a_class_called_by_a_number():
    metric = get_metric(ChosenMetric(ComponentSpec.of("recall", {"positive": 1}), ("0", "1")))
    assert evaluate(metric, np.array([1, 1, 0]), np.eye(2)[[1, 0, 0]]) == 0.5


def test_of_many_classes_the_first_are_listed():
    names = tuple(f"class {number}" for number in range(14))
    spec = ComponentSpec.of("f1", {"positive": "x"})
    with pytest.raises(ComponentError, match=r"class 9 and 4 more\)\. Got 'x'"):
        get_metric(ChosenMetric(spec, names))


def test_names_in_sentences():
    assert metric_of("recall").in_words == "recall of b"
    assert metric_of("f1").in_words == "F1 of b"
    words = "sensitivity for b at specificity 0.8"
    assert metric_of("sensitivity_at_specificity").in_words == words
    assert metric_of("balanced_accuracy").in_words == "balanced accuracy"
