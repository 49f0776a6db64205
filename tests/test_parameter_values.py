"""What values of parameters are numbers that can be computed with."""

import pytest

from bioselect.augmentation.ranges import RangeWithin
from bioselect.data.intensities import Intensity
from bioselect.exceptions import ConfigurationError
from bioselect.networks.masks.parameters import weights_problem
from bioselect.networks.parameters import normalization_problem

#: A float64 ends at 1.8e308.
TOO_LONG = 10**309


@pytest.mark.parametrize(
    "problem",
    [RangeWithin(0, 1).__call__, weights_problem],
)
def test_a_whole_number_that_no_float_can_hold_is_refused_in_a_list(problem):
    assert problem([0, 1]) is None
    assert "must be" in problem([0, TOO_LONG])


def test_a_whole_number_that_no_float_can_hold_is_no_mean_of_pixels():
    assert normalization_problem({"mean": 0, "std": 1}) is None
    assert "must be" in normalization_problem({"mean": [TOO_LONG], "std": [1]})


def test_a_whole_number_that_no_float_can_hold_is_no_end_of_a_range_of_pixels():
    with pytest.raises(ConfigurationError, match="finite"):
        Intensity.from_config({"min": 0, "max": TOO_LONG})
