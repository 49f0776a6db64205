"""Every built-in metric holds the contract, and each check catches its mutant."""

from dataclasses import replace

import numpy as np
import pytest

from bioselect.metrics.base import get_metric
from bioselect.metrics.builtin import LABEL_SETS, METRICS
from bioselect.testing.contract import checks_of, problem_of, run_contract

ACCURACY = get_metric("accuracy")


def _with(function):
    return lambda: replace(ACCURACY, function=function)


MUTANTS = {
    "declared": (lambda: replace(ACCURACY, direction="up"), "must be 'higher' or 'lower'"),
    "perfect is best": (
        _with(lambda y, response, n: 0.9 * float(np.mean(y == response))),
        "must reach the bound",
    ),
    "bounds": (_with(lambda y, response, n: 2.0), "must be floats within"),
    "order": (
        _with(lambda y, response, n: float(np.mean((y == response)[:10]))),
        "order of the images must not matter",
    ),
    "better is better": (
        lambda: replace(ACCURACY, direction="lower"),
        "better predictions must score better",
    ),
    "many draws": (
        lambda: replace(
            ACCURACY, weighted=lambda y, r, n, weights: weights @ (y == r) / len(y[1:])
        ),
        "must give what `function` gives of the images repeated",
    ),
}

#: What a metric needs to be told.
PARAMS = {
    "precision": {"positive": "second"},
    "recall": {"positive": "second"},
    "f1": {"positive": "second"},
    "sensitivity_at_specificity": {"positive": "second", "specificity": 0.8},
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("metric"))
    assert len(MUTANTS) == 6


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    make, message = MUTANTS[check]
    assert message in problem_of(checks_of("metric")[check], make)


@pytest.mark.parametrize("name", METRICS)
def test_builtin_metric_holds_the_contract(name):
    results = run_contract("metric", name, params=PARAMS.get(name))
    assert len(results) == 6
    assert [result for result in results if result.problem] == []


@pytest.mark.parametrize("name", [row.name for row in METRICS.values() if LABEL_SETS in row.takes])
def test_metrics_of_labels_hold_the_contract(name):
    results = run_contract("metric", name, params=PARAMS.get(name), label_sets=True)
    assert len(results) == 6
    assert [result for result in results if result.problem] == []


def test_parameters_hold_the_contract_too():
    for name, params in [
        ("average_precision", {"positive": "first"}),
        ("expected_calibration_error", {"bins": 4}),
    ]:
        assert not any(one.problem for one in run_contract("metric", name, params=params))


def test_what_a_metric_needs_and_is_not_told_is_the_problem():
    (problem,) = {result.problem for result in run_contract("metric", "recall")}
    assert problem == "metric 'recall': params.positive: is missing; recall needs it."
