"""Who goes on, decided in tables: costs are numbers here, and no clock runs."""

from itertools import pairwise

import pytest

from bioselect.selection.halving import fit_to_try, quick_ones, rungs, survivors, that_fit


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


def kept(*given):
    return "".join(survivors(*given).kept)


def test_with_time_for_all_nobody_is_dropped():
    # 16 candidates on the 9 repeats to come take 144 s.
    assert kept("abcdefghijklmnop", 1, 10, ALIKE, 144.0) == "abcdefghijklmnop"
    # 0.9 from rung to rung: 15 on repeat 2, 13 x 2, 12 x 4 and 11 x 2: 111 s, and 9 for the last.
    assert kept("abcdefghijklmnop", 1, 10, ALIKE, 120.0) == "abcdefghijklmnop"
    assert kept("abcdefghijklmnop", 1, 10, ALIKE, 119.9) == "abcdefghijklmno"


def test_the_largest_share_is_taken_whose_rungs_fit():
    # Half from rung to rung: 8 on repeat 2, 4 on 3 and 4, 2 on 5 to 8, 1 on 9 and 10:
    # 8 + 8 + 8 + 2 = 26 s. With 0.6: 10 + 2 x 6 + 4 x 4 + 2 x 3 = 44 s.
    assert len(kept("abcdefghijklmnop", 1, 10, ALIKE, 26.0)) == 8
    # What is left beside the 26 s is enough for the 9 s of one more, and not of another.
    assert len(kept("abcdefghijklmnop", 1, 10, ALIKE, 34.9)) == 8
    assert len(kept("abcdefghijklmnop", 1, 10, ALIKE, 43.9)) == 9
    assert len(kept("abcdefghijklmnop", 1, 10, ALIKE, 44.0)) == 10


def test_the_best_go_on_and_their_order_stays():
    assert kept("hgfedcba", 1, 2, ALIKE, 3.0) == "hgf"


def test_who_cannot_be_finished_takes_no_time_from_the_others():
    going = survivors("abc", 1, 2, each({"a": 50.0, "b": 5.0, "c": 1.0}), 6.0)
    assert (going.kept, going.too_slow) == (["b", "c"], ["a"])
    assert going.seconds["a"] == 50.0
    assert kept("abc", 1, 2, each({"a": 50.0, "b": 5.0, "c": 1.0}), 5.9) == "b"


def test_a_worse_one_that_fits_goes_on_beside_the_better_ones():
    going = survivors("abc", 1, 2, each({"a": 5.0, "b": 5.0, "c": 1.0}), 6.0)
    assert going.kept == ["a", "c"]
    assert going.too_slow == []  # b could have gone on, had it been better than a


@pytest.mark.parametrize("left", [0.5, 0.0, -100.0])
def test_where_nothing_fits_the_best_goes_on_that_takes_hardly_longer_than_the_quickest(left):
    # Six candidates after 2 of 20 repeats, of which a run once kept the fifth, the quickest, and
    # dropped the best, which would have taken a seventh more.
    seconds = dict(zip("abcdef", [16.0, 17.0, 18.0, 16.5, 14.0, 15.0], strict=True))
    assert kept("abcdef", 2, 20, each(seconds), left) == "a"
    going = survivors("abcdef", 2, 20, each({**seconds, "a": 21.1}), left)
    assert (going.kept, going.too_slow) == (["b"], ["a"])  # 21.1 s are more than 1.5 x 14 s
    assert kept("abc", 1, 2, each({"a": 50.0, "b": 1.0, "c": 5.0}), left) == "b"
    assert kept("abc", 1, 2, each({"a": 50.0, "b": 1.0, "c": 5.0}), left, False) == ""


def test_at_every_rung_quick_ones_go_on_beside_the_best():
    # 60 s for six that take 10 s a repeat, and y and z with 0.5 s, all for 2 more. The best takes
    # 20 of it; half of the rest is 20 s, of which each of the 7 others may take 2.9: y and z go on.
    seconds = each({**dict.fromkeys("abcdef", 10.0), "y": 0.5, "z": 0.5})
    assert kept("abcdefyz", 2, 4, seconds, 60.0) == "abyz"  # 58 s: a share of 0.4 of six is 3
    assert kept("abcdefyz", 2, 4, seconds, 62.0) == "abcyz"
    # Nothing is taken from the best.
    assert kept("abcdefyz", 2, 4, seconds, 20.0) == "a"


def test_the_best_is_not_dropped_for_a_moment():
    seconds = each({"a": 9.0, "b": 8.5, "c": 20.0, "d": 1.0})
    going = survivors("abcd", 1, 2, seconds, 8.0, False, 1.0)
    assert (going.kept, going.too_slow) == (["a"], ["c"])
    # The grace is for the very best only; d has the time left.
    assert kept("bad", 1, 2, seconds, 8.0, False, 0.4) == "d"
    assert kept("bad", 1, 2, seconds, 8.0, False, 0.5) == "b"


def test_what_is_finished_goes_on_even_without_time():
    assert kept("abc", 1, 2, each({"a": 0.0, "b": 0.0, "c": 5.0}), -1.0) == "ab"
    assert fit_to_try("abc", 2, each({"a": 0.0, "b": 0.0, "c": 5.0}), -1.0) == 2


def test_the_quick_ones_leave_their_part_to_the_others():
    # Half of 80 s for four: 10 s each. a leaves 8, so that b may take (40 - 2) / 3 = 12.7 s, and c
    # (38 - 12) / 2 = 13 s, d the other 13.
    def quick(a, b, c, d):
        seconds = each({"a": a, "b": b, "c": c, "d": d})
        return "".join(quick_ones("abcd", 1, seconds, 80.0))

    assert quick(2.0, 12.0, 13.0, 13.0) == "abcd"
    assert quick(2.0, 12.0, 13.0, 13.1) == "abc"
    assert quick(2.0, 12.7, 13.0, 13.0) == "a"
    assert quick(10.1, 10.1, 10.1, 10.1) == ""


def test_of_alike_ones_that_do_not_fit_nobody_is_quick():
    # All repeats count: 8 take 8 s for one repeat and 80 for ten.
    assert quick_ones("abcdefgh", 10, ALIKE, 159.9) == []
    assert len(quick_ones("abcdefgh", 10, ALIKE, 160.0)) == 8
    assert quick_ones("abc", 4, ALIKE, -5.0) == []


def test_what_fits_is_taken_in_the_order_given():
    assert that_fit("cab", 2, each({"a": 4.0, "b": 1.0, "c": 2.0}), 7.0) == ["c", "b"]
    assert that_fit("ab", 2, ALIKE, -1.0) == []


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
