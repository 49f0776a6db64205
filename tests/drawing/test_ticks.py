import math

import numpy as np
import pytest

from bioselect.drawing.ticks import round_ticks, tick_texts


@pytest.mark.parametrize("seed", range(40))
def test_ticks_hold_the_range_and_are_round(seed):
    rng = np.random.default_rng(seed)
    low = rng.normal() * 10.0 ** rng.integers(-6, 7)
    high = low + rng.random() * 10.0 ** rng.integers(-6, 7) + abs(low) / 1000
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0]
    assert ticks[0] <= low + 1e-9 * step
    assert ticks[-1] >= high - 1e-9 * step
    assert np.allclose(np.diff(ticks), step)
    assert 4 <= len(ticks) <= 11
    # 1, 2, 2.5 or 5 times a power of ten.
    mantissa = step / 10.0 ** math.floor(math.log10(step * (1 + 1e-9)))
    assert min(abs(mantissa - one) for one in (1, 2, 2.5, 5)) < 1e-6
    assert len(set(tick_texts(ticks))) == len(ticks)


def test_a_single_value_has_room():
    assert round_ticks(0.0, 0.0)[0] < 0 < round_ticks(0.0, 0.0)[-1]
    assert round_ticks(50.0, 50.0)[0] < 50 < round_ticks(50.0, 50.0)[-1]


def test_there_is_no_minus_zero():
    assert tick_texts(round_ticks(-1.0, 1.0)) == [
        "-1.00", "-0.75", "-0.50", "-0.25", "0.00", "0.25", "0.50", "0.75", "1.00",
    ]  # fmt: skip


def test_very_large_and_very_small_numbers_are_short():
    assert tick_texts([0.0, 2e7, 4e7]) == ["0", "2e+07", "4e+07"]
    assert tick_texts([0.0, 2e-6]) == ["0", "2e-06"]


def test_numbers_that_differ_by_rounding_have_an_axis_like_equal_ones() -> None:
    score = 26 / 27
    assert round_ticks(score, score + 2e-16) == round_ticks(score, score)
    assert len(tick_texts(round_ticks(score, score + 2e-16))) > 2
