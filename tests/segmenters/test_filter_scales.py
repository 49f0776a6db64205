import pytest

from bioselect.segmenters.filter_scales import scales_problem


@pytest.mark.parametrize("scales", [[], [0], [0.2, 1], [2, 1], [1, 1], [60], ["1"], [True], 3.0])
def test_what_is_no_list_of_sizes_is_refused(scales):
    assert scales_problem(scales).startswith("must be numbers of pixels from 0.3 to 50")


@pytest.mark.parametrize("scales", [[1], (0.3, 50.0), [1, 2, 4, 8]])
def test_sizes_in_order_are_taken(scales):
    assert scales_problem(scales) is None
