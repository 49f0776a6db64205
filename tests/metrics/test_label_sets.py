"""Metrics of several labels an image against scikit-learn, by hand, and where one is missing."""

import warnings

import numpy as np
import pytest
import sklearn.metrics as reference

from bioselect.exceptions import ComponentError
from bioselect.metrics.base import ChosenMetric, UndefinedMetricError, evaluate, get_metric
from bioselect.metrics.builtin import CLASSES, LABEL_SETS, MASKS, METRICS, OF_TARGETS, VALUES
from bioselect.metrics.usual import usual_metrics
from bioselect.registry import ComponentSpec

NAMES = ("effusion", "mass", "nodule", "scar")
ONE = {"positive": "mass"}


def metric_of(name, **params):
    return get_metric(ChosenMetric(ComponentSpec.of(name, params), NAMES, label_sets=True))


def drawn(seed, n_images=40):
    random = np.random.default_rng(seed)
    has = random.random((n_images, 4)) < [0.5, 0.1, 0.3, 0.8]
    table = np.clip(0.5 * random.random((n_images, 4)) + 0.4 * has, 0, 1)
    return has.astype(np.int8), np.round(table, 2)  # rounded, so that there are ties


def sets(function, **params):
    return lambda y, p: function(y, p > 0.5, **params)


def areas(function):
    def mean(y, p):
        judged = [k for k in range(y.shape[1]) if 0 < y[:, k].sum() < len(y)]
        return np.mean([function(y[:, k], p[:, k]) for k in judged])

    return mean


MACRO = {"average": "macro", "zero_division": np.nan}
EXPECTED = {
    "hamming_loss": sets(reference.hamming_loss),
    "subset_accuracy": sets(reference.accuracy_score),
    "f1_micro": sets(reference.f1_score, average="micro"),
    "f1_macro": sets(reference.f1_score, **MACRO),
    "recall_macro": sets(reference.recall_score, **MACRO),
    "roc_auc": areas(reference.roc_auc_score),
    "average_precision": areas(reference.average_precision_score),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_says_the_same(name, seed):
    y, table = drawn(seed)
    assert evaluate(metric_of(name), y, table) == pytest.approx(EXPECTED[name](y, table), abs=1e-12)


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "average_precision"])
@pytest.mark.parametrize("seed", range(3))
def test_of_one_label_is_that_of_two_classes(name, seed):
    y, table = drawn(seed)
    function = getattr(reference, f"{name}_score")
    said = table[:, 1] if name == "average_precision" else table[:, 1] > 0.5
    metric = metric_of(name, **ONE)
    assert evaluate(metric, y, table) == pytest.approx(function(y[:, 1], said), abs=1e-12)
    assert metric.name == f"{name}(positive=mass)"
    assert metric.in_words.endswith("of mass")


def test_precision_by_hand():
    # The first label is said of images 0 and 1, rightly once: 1/2. The second is there and never
    # said: 0. The third is neither: left out. Of the fourth everything is right: 1.
    y = np.array([[1, 1, 0, 1], [0, 0, 0, 1]])
    table = np.array([[0.9, 0.1, 0.1, 0.9], [0.8, 0.2, 0.3, 0.7]])
    assert evaluate(metric_of("precision_macro"), y, table) == pytest.approx((0.5 + 0 + 1) / 3)
    # Answers: 8, of which the second label of image 0 and the first of image 1 are wrong.
    assert evaluate(metric_of("hamming_loss"), y, table) == pytest.approx(2 / 8)
    assert evaluate(metric_of("subset_accuracy"), y, table) == 0.0


@pytest.mark.parametrize("name", [*OF_TARGETS[LABEL_SETS], "recall"])
def test_many_draws_are_the_images_repeated(name):
    metric = metric_of(name, **(ONE if name == "recall" else {}))
    y, table = drawn(7, 25)
    weights = np.random.default_rng(0).integers(0, 3, (8, 25)).astype(float)
    weights[0] = 0.0
    weights[0, 3] = 2.0  # one image only
    response = table if metric.response == "label_probabilities" else table > 0.5
    found = metric.weighted(y, response, 4, weights)
    for value, times in zip(found, weights.astype(int), strict=True):
        places = np.repeat(np.arange(25), times)
        try:
            expected = evaluate(metric, y[places], table[places])
        except UndefinedMetricError:
            expected = np.nan
        assert value == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_where_there_is_nothing_to_find_there_is_no_value():
    y, table = np.zeros((5, 4), dtype=int), np.full((5, 4), 0.2)
    for name in ("f1_macro", "f1_micro", "recall_macro", "roc_auc", "average_precision"):
        with pytest.raises(UndefinedMetricError, match=f"{name}: must have"):
            evaluate(metric_of(name), y, table)
    assert evaluate(metric_of("hamming_loss"), y, table) == 0.0
    assert evaluate(metric_of("subset_accuracy"), y, table) == 1.0


def test_every_row_says_what_it_judges_and_judges_that():
    for row in METRICS.values():
        assert set(row.takes) <= {CLASSES, LABEL_SETS} or row.takes in ((MASKS,), (VALUES,))
        assert row.takes
        params = {"positive": "mass"} if any(one.required for one in row.parameters) else {}
        for label_sets, kind in ((False, CLASSES), (True, LABEL_SETS)):
            spec = ComponentSpec.of(row.name, params)
            made = get_metric(ChosenMetric(spec, NAMES, label_sets))
            assert made.takes_masks == (MASKS in row.takes)
            assert made.takes_values == (VALUES in row.takes)
            of_classes = not (made.takes_masks or made.takes_values)
            assert not of_classes or (made.takes_label_sets == label_sets) == (kind in row.takes)


def test_what_is_always_computed():
    assert [metric.name for metric in usual_metrics(label_sets=True)] == [
        "f1_macro",
        "precision_macro",
        "recall_macro",
        "roc_auc",
        "average_precision",
        "hamming_loss",
        "subset_accuracy",
        "f1_micro",
    ]
    assert not any(metric.takes_label_sets for metric in usual_metrics(label_sets=False))


def test_the_form_of_the_truth_is_checked():
    y, table = drawn(0)
    with pytest.raises(ValueError, match=r"\(n_images, n_labels\) of 0 and 1 true classes"):
        evaluate(metric_of("f1_macro"), y[:, 0], table)
    with pytest.raises(ValueError, match="for n_images true classes"):
        evaluate(get_metric("accuracy"), y, table)
    with pytest.raises(ValueError, match=r"places 0 to 1\. Got 0 to 2"):
        evaluate(metric_of("f1_macro"), y * 2, table)


def test_a_label_that_there_is_not():
    with pytest.raises(ComponentError, match=r"Got 'mas'\. Did you mean 'mass'"):
        metric_of("recall", positive="mas")


def test_scikit_learn_is_asked_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(metric_of("f1_macro"), *drawn(0))
