import math

import pytest

from bioselect.networks.rates import PLATEAU_FACTOR, RatePlan


def test_a_constant_rate_stays():
    plan = RatePlan(0.1, "constant", 3, 4)
    assert [plan.rate_at(step) for step in (0, 11, 50)] == [0.1, 0.1, 0.1]


def test_cosine_falls_from_the_rate_to_nothing():
    plan = RatePlan(0.2, "cosine", n_epochs=4, n_steps_per_epoch=5)
    rates = [plan.rate_at(step) for step in range(21)]
    assert rates[0] == 0.2
    # Half-way cos(pi / 2) = 0: half the rate; a quarter of the way (1 + cos(pi / 4)) / 2 of it.
    assert rates[10] == pytest.approx(0.1)
    assert rates[5] == pytest.approx(0.2 * (1 + math.sqrt(0.5)) / 2)
    assert rates[20] == pytest.approx(0, abs=1e-12)
    assert rates == sorted(rates, reverse=True)


def test_warm_up_rises_step_by_step():
    plan = RatePlan(1.0, "constant", 3, 4, warmup_epochs=1)
    assert [plan.rate_at(step) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_each_plateau_lowers_the_rate():
    plan = RatePlan(0.1, "plateau", 9, 2)
    assert plan.rate_at(5) == 0.1
    assert plan.rate_at(5, n_plateaus=2) == pytest.approx(0.1 * PLATEAU_FACTOR**2)
