"""Ranges of searched values: written as ends, tried as a list."""

import math

import pytest

from bioselect.component import Parameter
from bioselect.config.search_range import range_problem, range_values

REAL = Parameter("C", 1.0, ("float",))
WHOLE = Parameter("n", 5, ("int",))


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ({"min": 0, "max": 1}, [0.0, 0.25, 0.5, 0.75, 1.0]),
        ({"min": 0.001, "max": 1000, "scale": "log", "values": 3}, [0.001, 1.0, 1000.0]),
        # Square root of 10 in between, to six digits.
        ({"min": 1, "max": 10, "scale": "log", "values": 3}, [1.0, 3.16228, 10.0]),
    ],
)
def test_evenly_spaced(written, values):
    assert range_values(written, REAL, "svm", 0) == values


def test_whole_numbers_where_the_parameter_takes_no_others():
    assert range_values({"min": 1, "max": 4, "values": 9}, WHOLE, "knn", 0) == [1, 2, 3, 4]
    own = Parameter("depth", 3)
    assert range_values({"min": 1, "max": 3, "values": 3}, own, "lab:Own", 0) == [1, 2, 3]
    assert all(isinstance(value, int) for value in range_values({"min": 1, "max": 3}, own, "x", 0))


def test_samples_lie_inside_and_depend_on_seed_and_names():
    written = {"min": 0.001, "max": 1000, "scale": "log", "samples": 60}
    first = range_values(written, REAL, "svm", 0)
    assert first == range_values(written, REAL, "svm", 0) == sorted(first)
    assert len(first) == 60
    assert min(first) > 0.001
    assert max(first) < 1000
    # Evenly over the logarithms: half lie below 1, give or take three standard deviations.
    assert abs(sum(math.log(value) < 0 for value in first) - 30) < 12
    others = [(REAL, "svm", 1), (REAL, "knn", 0), (Parameter("g", 1.0, ("float",)), "svm", 0)]
    assert all(range_values(written, *other) != first for other in others)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"min": 1}, "must have min and max, both numbers"),
        ({"min": "a", "max": 2}, "must have min and max, both numbers"),
        ({"min": 2, "max": 2}, "min must be less than max. Got {min: 2, max: 2}"),
        ({"min": 0, "max": 2, "scale": "log"}, "must begin above 0"),
        ({"min": 1, "max": 2, "scale": "logg"}, "scale must be one of linear, log. Got 'logg'"),
        ({"min": 1, "max": 2, "values": 1}, "values must be at least 2. Got 1"),
        ({"min": 1, "max": 2, "samples": 2000}, "samples must be at most 100. Got 2000"),
        ({"min": 1, "max": 2, "values": 3, "samples": 3}, "exclude each other"),
        ({"min": 1, "max": 2, "step": 1}, "a range has no step"),
    ],
)
def test_what_is_no_range(written, words):
    assert words in range_problem(written)
