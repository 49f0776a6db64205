import numpy as np
import pytest

from bioselect.explain.agreement import agreement, errors_by_group

# Peak expiratory flow by two meters, 17 subjects, first measurements: Bland and Altman (1986),
# table 1. Their figures: mean difference -2.1 litres a minute, deviation 38.8; with 2 deviations
# the limits were -79.7 and 75.5, so with 1.96 they are -78.1 and 73.9.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_it_is_what_bland_and_altman_published():
    differences = np.subtract(WRIGHT, MINI).astype(float)
    found = agreement(differences, np.arange(17), seed=0)
    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert found.lower_limit.value == pytest.approx(-78.1, abs=0.1)
    assert found.upper_limit.value == pytest.approx(73.9, abs=0.1)
    # Their 95 % interval of the bias by the t distribution: -22.0 to 17.8; of the lower limit
    # -114.3 to -45.1 (with 2 deviations), by a normal approximation.
    assert (found.bias.ci_low, found.bias.ci_high) == pytest.approx((-22.0, 17.8), abs=4)
    assert (found.lower_limit.ci_low, found.lower_limit.ci_high) == pytest.approx(
        (-114.3, -45.1), abs=16
    )


def test_units_are_drawn_whole():
    # Ten groups of fifty images each with the error of their group: what is known is ten numbers.
    rng = np.random.default_rng(0)
    of_group = rng.normal(size=10)
    errors, groups = np.repeat(of_group, 50), np.repeat(np.arange(10), 50)
    by_groups, by_images = agreement(errors, groups, 0), agreement(errors, np.arange(500), 0)
    assert by_groups.bias.value == by_images.bias.value
    # The intervals differ by about the root of fifty.
    ratio = np.subtract(by_groups.bias.ci_high, by_groups.bias.ci_low) / np.subtract(
        by_images.bias.ci_high, by_images.bias.ci_low
    )
    assert ratio == pytest.approx(50**0.5, rel=0.15)


def test_of_few_units_nothing_is_said_of_how_sure():
    found = agreement(np.arange(40.0), np.repeat(np.arange(4), 10), 0)
    assert found.bias.ci_low is None
    assert (found.n_images, found.n_units) == (40, 4)
    assert found.bias.value == 19.5


def test_errors_of_groups_by_hand():
    errors, groups = np.array([3.0, -4.0, 0.5, -0.5]), ["b", "b", "a", "a"]
    rows = errors_by_group(errors, groups, np.array([False, True, True, True]))
    assert [row.group for row in rows] == ["b", "a"]
    worst = rows[0]
    assert (worst.mean_error, worst.mae, worst.rmse) == pytest.approx((-0.5, 3.5, 12.5**0.5))
    assert (worst.within, rows[1].within) == (0.5, 1.0)
    assert errors_by_group(errors, groups)[0].within is None
