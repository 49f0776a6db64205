"""Who goes on, decided in tables: costs are numbers here, and no clock runs."""

from itertools import pairwise

import pytest

from bioselect.selection.halving import fit_to_try, rungs, survivors


def each(seconds):
    """Return the cost function of candidates that take `seconds[name]` for a repeat."""
    return lambda names, start, stop: sum(seconds[name] for name in names) * (stop - start)


ALIKE = each(dict.fromkeys("abcdefghijklmnop", 1.0))


@pytest.mark.parametrize("n_repeats", range(1, 40))
def test_rungs_rise_to_all_repeats(n_repeats):
    steps = rungs(n_repeats)
    assert steps[0] == 1
    assert steps[-1] == n_repeats
    assert all(first < second <= 2 * first for first, second in pairwise(steps))


def test_with_time_for_all_nobody_is_dropped():
    # 16 candidates on the 9 repeats to come take 144 s.
    assert survivors("abcdefghijklmnop", 1, 10, ALIKE, 144.0) == list("abcdefghijklmnop")
    assert len(survivors("abcdefghijklmnop", 1, 10, ALIKE, 143.9)) == 15  # 0.9 x 16, rounded up


def test_the_largest_share_is_taken_whose_rungs_fit():
    # Half from rung to rung: 8 on repeat 2, 4 on 3 and 4, 2 on 5 to 8, 1 on 9 and 10:
    # 8 + 8 + 8 + 2 = 26 s. With 0.6: 10 + 2 x 6 + 4 x 4 + 2 x 3 = 44 s.
    assert len(survivors("abcdefghijklmnop", 1, 10, ALIKE, 26.0)) == 8
    assert len(survivors("abcdefghijklmnop", 1, 10, ALIKE, 43.9)) == 8
    assert len(survivors("abcdefghijklmnop", 1, 10, ALIKE, 44.0)) == 10


def test_the_best_go_on_and_their_order_stays():
    assert survivors("hgfedcba", 1, 2, ALIKE, 3.0) == ["h", "g", "f"]


def test_where_the_best_does_not_fit_the_first_that_fits_goes_on():
    assert survivors("abc", 1, 2, each({"a": 50.0, "b": 5.0, "c": 1.0}), 6.0) == ["b"]


@pytest.mark.parametrize("left", [0.5, 0.0, -100.0])
def test_where_nothing_fits_the_quickest_goes_on(left):
    assert survivors("abc", 1, 2, each({"a": 50.0, "b": 1.0, "c": 5.0}), left) == ["b"]


def test_what_is_finished_goes_on_even_without_time():
    assert survivors("abc", 1, 2, each({"a": 0.0, "b": 0.0, "c": 5.0}), -1.0) == ["a", "b", "c"][:2]
    assert fit_to_try("abc", 2, each({"a": 0.0, "b": 0.0, "c": 5.0}), -1.0) == 2


def test_as_many_are_tried_as_can_be_halved_in_time():
    # Of n alike and 4 repeats (rungs 1, 2, 4): n on the first, half on the second, a quarter on
    # the last two. 8 take 8 + 4 + 2 x 2 = 16 s; 9 take 9 + 5 + 2 x 3 = 20 s.
    assert fit_to_try("abcdefghij", 4, ALIKE, 16.0) == 8
    assert fit_to_try("abcdefghij", 4, ALIKE, 19.9) == 8
    assert fit_to_try("abcdefghij", 4, ALIKE, 20.0) == 9
    assert fit_to_try("abcdefghij", 4, ALIKE, 1000.0) == 10


@pytest.mark.parametrize("left", [-5.0, 0.0, 0.1])
def test_one_is_always_tried(left):
    assert fit_to_try("abc", 4, ALIKE, left) == 1


def test_as_many_are_tried_as_fit_though_fewer_would_not():
    # The first repeat is done; half go on to the second, rounded up, and b brings 8 s of learning
    # with it: 1, (2 + 8) / 2, (3 + 8) * 2 / 3 and (4 + 8) / 2 s for 1, 2, 3 and 4 of them.
    def seconds_of(names, start, stop):
        return (len(names) + 8.0 * ("b" in names)) * start

    assert fit_to_try("abcd", 2, seconds_of, 6.0) == 4
    assert fit_to_try("abcd", 2, seconds_of, 5.9) == 2
