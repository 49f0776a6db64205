"""Prediction sets judged on labelled images."""

from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.bundle.manifest import SetsText
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.metrics.base import evaluate
from bioselect.workflows.evaluated_figures import Labelled
from bioselect.workflows.evaluated_sets import set_coverage_lines, set_metrics, stated_rows

#: Sets: {0}, {0, 1}, {1}, {1}; the last one does not hold its class.
TABLE = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9]])
TRUE = np.array([0, 1, 1, 0])
MEASURED = {"coverage": 0.92, "mean_size": 1.1, "single": 0.9, "right_if_single": 1.0, "right": 0.9}


def model(measured=MEASURED):
    text = SetsText(level=0.9, borders=[0.25, 0.25], measured=measured)
    return SimpleNamespace(
        sets=PredictionSets(0.9, (0.25, 0.25)),
        class_names=("flat", "round"),
        manifest=SimpleNamespace(sets=text),
    )


def test_figures_by_hand_and_with_weights():
    found = {one.name: evaluate(one, TRUE, TABLE) for one in set_metrics(model())}
    assert found == pytest.approx(
        {
            "set_coverage": 3 / 4,
            "set_size": 5 / 4,
            "set_of_one": 3 / 4,
            "accuracy_if_set_of_one": 2 / 3,
        }
    )
    # Each image twice, once, not at all, and three times: the same images, repeated.
    weights = np.array([[2.0, 1.0, 0.0, 3.0], [0.0, 1.0, 0.0, 0.0]])
    often = np.repeat(np.arange(4), weights[0].astype(int))
    for metric in set_metrics(model()):
        values = metric.weighted(TRUE, TABLE, 2, weights)
        assert values[0] == pytest.approx(evaluate(metric, TRUE[often], TABLE[often]))
    # Of the second image alone there is no set of one class.
    assert np.isnan(values[1])


def lines(coverage_high, measured=MEASURED):
    rows = [
        ("set_coverage", 0.75, 0.6, coverage_high, ""),
        ("set_size", 1.25, 1.0, 1.5, ""),
    ]
    return set_coverage_lines(rows, model(measured), Labelled(TRUE, TABLE, [None] * 4))


def test_what_they_hold_stands_beside_what_they_were_made_for():
    [line] = lines(0.95)
    assert "to hold the true class for 90 % of images; here they hold it for 75 %" in line
    # Of flat the first is held, the last is not; of round both are.
    assert "(least of flat: 50 %), with 1.25 classes on average" in line
    assert line.endswith("(in the study 92 % and 1.10)")
    assert lines(0.85)[0].endswith("too few. These images are not like those of the training")
    assert "in the study" not in lines(0.95, None)[0]
    assert stated_rows(model()) == [("set_level", 0.9, None, None, "")]


def test_a_model_without_sets_says_nothing():
    without = SimpleNamespace(sets=None)
    assert set_metrics(without) == stated_rows(without) == []
    assert set_coverage_lines([], without, Labelled(TRUE, TABLE, [None] * 4)) == []
