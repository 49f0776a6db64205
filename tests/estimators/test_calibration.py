"""What a calibration makes of probabilities: the class stays, the nearest rows that keep it."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize

from bioselect.estimators.calibration import Calibration, kept_on_top

CURVE = ((0.0, 0.4, 1.0), (0.1, 0.3, 0.6))


def table(n_classes, n=60, seed=0):
    return np.random.default_rng(seed).dirichlet([0.4] * n_classes, n)


def calibrations(n_classes):
    curves = (CURVE,) * (1 if n_classes == 2 else n_classes)
    return [
        Calibration(),
        Calibration("temperature", 0.3, 0.01),
        Calibration("temperature", 3.0),
        Calibration("sigmoid", 0.5, 0.01, (0.0, *np.linspace(2.0, -1.0, n_classes - 1))),
        Calibration("isotonic", knots=curves),
    ]


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("number", range(5))
def test_the_class_stays_and_rows_sum_to_one(n_classes, number):
    given = table(n_classes)
    given[:2] = 1.0 / n_classes  # a tie, whose class is the first
    given[2], given[3] = np.eye(n_classes)[1], np.eye(n_classes)[0]
    found = calibrations(n_classes)[number].applied_to(given)
    np.testing.assert_array_equal(found.argmax(axis=1), given.argmax(axis=1))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-12)
    assert (found >= 0).all()
    assert found.shape == given.shape
    alone = np.concatenate([calibrations(n_classes)[number].applied_to(row[None]) for row in given])
    np.testing.assert_allclose(found, alone, rtol=0, atol=1e-15)


def test_arithmetic():
    # 0.8 and 0.2 to the power of one half: 0.894 and 0.447, so two thirds and one third.
    found = Calibration("temperature", 0.5).applied_to(np.array([[0.8, 0.2]]))
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3]])
    # 0.6 and 0.3 and 0.1, the second three times as probable: 0.6, 0.9, 0.1 of 1.6; the second
    # would pass the first, so both get their mean, 0.75 of 1.6.
    found = Calibration("sigmoid", 1.0, 0.0, (0.0, np.log(3.0), 0.0)).applied_to(
        np.array([[0.6, 0.3, 0.1]])
    )
    np.testing.assert_allclose(found, [[0.75 / 1.6, 0.75 / 1.6, 0.1 / 1.6]])
    assert found.argmax() == 0
    # Half way between 0.4 and 1.0 the curve is at 0.45: below one half, but the class was the
    # second one.
    found = Calibration("isotonic", knots=(CURVE,)).applied_to(np.array([[0.3, 0.7], [0.8, 0.2]]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.8, 0.2]])
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_nothing_is_done_without_a_method():
    given = table(3)
    assert Calibration().applied_to(given) is given
    assert Calibration("temperature", 0.5).applied_to(given[:0]).shape == (0, 3)


def test_the_nearest_probabilities_that_keep_the_class():
    # The same by a general optimiser: least squared distance, sum 1, the class on top.
    for given in table(4, n=12, seed=3):
        first = int(given.argsort()[1])
        others = [place for place in range(4) if place != first]
        limits = [{"type": "eq", "fun": lambda row: row.sum() - 1}]
        limits += [
            {"type": "ineq", "fun": lambda row, k=k, first=first: row[first] - row[k]}
            for k in others
        ]
        expected = minimize(
            lambda row, given=given: ((row - given) ** 2).sum(),
            np.full(4, 0.25),
            constraints=limits,
            options={"ftol": 1e-14},
        ).x
        found = kept_on_top(given[None], np.array([first]))[0]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found.argmax() == first


def test_temperature_keeps_the_order_of_two_classes():
    given = np.sort(np.random.default_rng(0).random(200))
    given = np.concatenate([[0.0, 1e-300, 1e-9], given, [1.0]])
    rows = np.column_stack([1 - given, given])
    for one in calibrations(2)[1:4]:
        assert (np.diff(one.applied_to(rows)[:, 1]) >= -1e-15).all()


@pytest.mark.parametrize("number", range(5))
def test_it_survives_json(number):
    made = calibrations(3)[number]
    assert Calibration.from_dict(json.loads(json.dumps(made.as_dict()))) == made


def test_what_is_no_calibration():
    with pytest.raises(ValueError, match="method must be one of none, temperature"):
        Calibration.from_dict({**Calibration().as_dict(), "method": "beta"})
