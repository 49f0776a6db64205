import json

import numpy as np
import pytest

from bioselect.estimators.prediction_interval import ErrorScale, PredictionInterval

SCALED = PredictionInterval(0.9, "scaled", 2.0, ErrorScale(1.0, 0.5, 0.0, 10.0, 1.5))


def test_constant_intervals_are_as_wide_everywhere():
    low, high = PredictionInterval(0.8, "constant", 0.5).bounds(np.array([-1.0, 4.0]))
    assert low.tolist() == [-1.5, 3.5]
    assert high.tolist() == [-0.5, 4.5]


def test_scaled_intervals_follow_the_line_between_its_ends_and_above_its_floor():
    # Scale 1 + 0.5 v: at -3 as at 0, and there 1, which is below the floor 1.5; at 4 it is 3; at 99
    # as at 10, 6. Twice that is half the width.
    low, high = SCALED.bounds(np.array([-3.0, 4.0, 99.0]))
    assert (high - low).tolist() == [6.0, 12.0, 24.0]
    assert (high + low).tolist() == [-6.0, 8.0, 198.0]


@pytest.mark.parametrize("interval", [SCALED, PredictionInterval(0.95, "constant", 0.0)])
def test_it_comes_back_from_json(interval):
    assert PredictionInterval.from_dict(json.loads(json.dumps(interval.as_dict()))) == interval


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "bayes"}, "method must be one of constant, scaled"),
        ({"method": "constant"}, "scale must be given for scaled"),
        ({"scale": None}, "scale must be given for scaled"),
        ({"level": 1.0}, "level must be between 0 and 1"),
        ({"half_width": -1.0}, "half_width must be a number of at least 0"),
        ({"half_width": float("inf")}, "half_width must be a number of at least 0"),
        ({"scale": {**SCALED.as_dict()["scale"], "floor": 0.0}}, "a floor above 0"),
        ({"scale": {**SCALED.as_dict()["scale"], "slope": float("nan")}}, "scale must hold"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        PredictionInterval.from_dict({**SCALED.as_dict(), **change})
