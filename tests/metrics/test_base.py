"""Metrics as declared things: evaluation, look-up by name and by import path."""

import numpy as np
import pytest

from bioselect.exceptions import ComponentError
from bioselect.metrics.base import (
    ChosenMetric,
    Metric,
    UndefinedMetricError,
    evaluate,
    get_metric,
    metric_identity,
)
from bioselect.metrics.builtin import ALWAYS_COMPUTED
from bioselect.registry import ComponentSpec, find_row

OWN = '''
from bioselect.metrics.base import Metric

def _share_of_first(y_true, y_pred, n_classes):
    return float((y_pred == 0).mean())

def first():
    """Share of images called class 0."""
    return Metric("first", "lower", (0.0, 1.0), "labels", _share_of_first)

def sideways():
    return Metric("sideways", "up", (0.0, 1.0), "labels", _share_of_first)

def of_pixels():
    return Metric("of_pixels", "higher", (0.0, 1.0), "pixels", _share_of_first)

def bounded():
    return Metric("bounded", "higher", (1.0, 0.0), "labels", _share_of_first)

def number():
    return 3

def fails():
    raise RuntimeError("no such table")

def called(wanted, least=0.5, class_names=()):
    """Share of images called something."""
    place = class_names.index(wanted)
    return Metric(f"called {wanted}", "higher", (least, 1.0), "labels",
                  lambda y_true, y_pred, n_classes: float((y_pred == place).mean()))

ready = first()
'''


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    (folder / "own_metrics_for_base.py").write_text(OWN, encoding="utf-8")
    return folder


def metric(response, function, direction="higher"):
    return Metric("given", direction, (0.0, 1.0), response, function)


def test_labels_are_the_highest_columns():
    seen = {}

    def function(y_true, response, n_classes):
        seen.update(y_true=y_true.tolist(), response=response.tolist(), n_classes=n_classes)
        return 0.5

    table = np.array([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.0, 0.0, 1.0]])
    assert evaluate(metric("labels", function), np.array([1, 2, 2]), table) == 0.5
    # The second row is tied: the first of the highest.
    assert seen == {"y_true": [1, 2, 2], "response": [1, 0, 2], "n_classes": 3}


def test_probabilities_are_given_as_they_are():
    table = np.array([[0.25, 0.75]])
    given = metric("probabilities", lambda y_true, response, n_classes: response[0, 1])
    value = evaluate(given, np.array([1]), table)
    assert value == 0.75
    assert type(value) is float


def test_no_value_is_an_error_and_not_a_nan():
    with pytest.raises(UndefinedMetricError, match="given: has no value for these 1 images"):
        evaluate(metric("labels", lambda *_: float("nan")), np.array([0]), np.array([[1.0, 0.0]]))
    with pytest.raises(UndefinedMetricError, match="given: must have at least 1 image"):
        evaluate(metric("labels", lambda *_: 0.0), np.zeros(0, int), np.zeros((0, 2)))


@pytest.mark.parametrize(
    ("y_true", "table", "words"),
    [
        ([0, 1], np.ones((3, 2)), r"Got \(3, 2\) for \(2,\)"),
        ([0, 1], np.ones(2), r"Got \(2,\) for \(2,\)"),
        ([0, 2], np.ones((2, 2)), "places 0 to 1. Got 0 to 2"),
        ([-1, 0], np.ones((2, 2)), "places 0 to 1. Got -1 to 0"),
    ],
)
def test_what_does_not_fit_is_refused(y_true, table, words):
    with pytest.raises(ValueError, match=words):
        evaluate(get_metric("accuracy"), np.array(y_true), table)


@pytest.mark.parametrize("name", ALWAYS_COMPUTED)
def test_built_in_metrics_have_their_own_names(name):
    assert get_metric(name).name == name


def test_own_metric_beside_the_configuration(beside):
    own = get_metric("own_metrics_for_base:first", beside)
    assert not own.higher_is_better
    assert evaluate(own, np.array([0, 1]), np.array([[0.9, 0.1], [0.1, 0.9]])) == 0.5


def test_own_metric_with_parameters_that_is_told_the_classes(beside):
    path = "own_metrics_for_base:called"
    # What bioselect gives is not for the user to write.
    parameters = find_row("metric", path, beside).parameters
    assert [(one.name, one.required) for one in parameters] == [("wanted", True), ("least", False)]
    chosen = ChosenMetric(ComponentSpec.of(path, {"wanted": "ill", "least": 0.1}), ("fine", "ill"))
    own = get_metric(chosen, beside)
    assert own.bounds == (0.1, 1.0)
    assert evaluate(own, np.array([0, 1, 1]), np.eye(2)[[0, 1, 1]]) == pytest.approx(2 / 3)
    assert str(chosen) == f"{path}(least=0.1, wanted=ill)"


def test_parameters_distinguish_stored_results():
    spec = ComponentSpec.of("recall", {"positive": "ill"})
    assert metric_identity(ChosenMetric(spec, ("fine", "ill"))) == {
        "name": "recall",
        "version": 1,
        "params": {"positive": "ill"},
    }
    # Without parameters it is what it was before there were any: finished folds stay good.
    assert metric_identity("f1_macro") == {"name": "f1_macro", "version": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sideways", "direction must be 'higher' or 'lower'. Got 'up'"),
        ("of_pixels", "response must be one of labels, .*scores. Got 'pixels'"),
        ("bounded", r"bounds must be \(lowest, highest\). Got \(1.0, 0.0\)"),
        ("number", "must be a function that returns a Metric. Got int"),
        ("fails", "RuntimeError: no such table"),
        ("ready", "must be a class or a function. Got Metric"),
        ("absent", "holds no 'absent'"),
    ],
)
def test_what_is_no_metric_is_refused(beside, name, words):
    with pytest.raises(ComponentError, match=words):
        get_metric(f"own_metrics_for_base:{name}", beside)


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(ComponentError, match=r"unknown metric 'acuracy'. Did you mean 'accuracy'"):
        get_metric("acuracy")
