"""Folds and splits of images with values: low, middling and high ones alike, units whole."""

import numpy as np
import pytest

from bioselect.data.random_splits import draw_parts, draw_splits
from bioselect.data.target_folds import choose_target_design, draw_target_folds
from bioselect.data.value_quantiles import quantile_places
from bioselect.exceptions import DataError

RANDOM = np.random.default_rng(1)
SKEWED = RANDOM.lognormal(size=103)


def test_every_fold_has_its_part_of_every_quantile():
    plan = draw_target_folds(SKEWED, np.arange(103), 5, 3, seed=0)
    assert "stratified by quantiles of the target" in plan.design
    tenths = quantile_places(SKEWED, np.arange(103), 5)
    assert np.bincount(tenths).tolist() == [10, 10, 10, 11, 10, 10, 11, 10, 10, 11]
    for fold in plan.folds:
        assert set(np.bincount(tenths[fold.test], minlength=10)) <= {1, 2, 3}
        assert len(fold.test) in (20, 21)
        assert np.array_equal(np.sort(np.append(fold.train, fold.test)), np.arange(103))
    # Means of plain folds differ by about sd / sqrt(20).
    means = [SKEWED[fold.test].mean() for fold in plan.folds]
    assert np.std(means) < 0.6 * SKEWED.std() / np.sqrt(20)


def test_units_stay_whole_and_repeats_differ():
    units = np.repeat(np.arange(20), [3, 7] * 10)
    values = units + RANDOM.normal(size=100)
    plan = draw_target_folds(values, units, 4, 5, seed=3)
    assert plan.n_repeats == 5
    assert len({tuple(fold.test) for fold in plan.folds}) == 20
    for fold in plan.folds:
        assert not set(units[fold.train]) & set(units[fold.test])
    again = draw_target_folds(values, units, 4, 2, seed=3)
    for first, second in zip(plan.folds, again.folds, strict=False):
        assert np.array_equal(first.test, second.test)


def test_equal_values_are_in_one_part_and_order_alone_counts():
    many_zeros = np.array([0.0] * 30 + [1.0, 2.0, 3.0] * 5)
    places = quantile_places(many_zeros, np.arange(45), 5)
    assert len(set(places[:30])) == 1
    assert places.max() >= 2
    cubes = quantile_places(many_zeros**3, np.arange(45), 5)
    assert np.array_equal(places, cubes)
    few = draw_target_folds(np.array([0.0] * 9 + [1.0]), np.arange(10), 5, 1, seed=0)
    assert [len(fold.test) for fold in few.folds] == [2] * 5


@pytest.mark.parametrize(("n_images", "size"), [(80, 0.33), (569, 0.33), (60, 0.2), (35, 0.1)])
def test_random_splits_test_the_share_that_was_asked_for(n_images, size):
    values = np.random.default_rng(0).lognormal(size=n_images)
    plan = draw_splits(values, np.arange(n_images), 8, size, seed=0)
    assert plan.n_repeats == 8
    assert "stratified by quantiles of the target" in plan.design
    for fold in plan.folds:
        assert abs(len(fold.test) - size * n_images) < 1.5
    spread = np.std([values[fold.test].mean() for fold in plan.folds])
    assert spread < 0.9 * values.std() * np.sqrt(1 / (size * n_images) - 1 / n_images)


def test_three_parts_of_values():
    values = RANDOM.normal(size=300)
    parts = draw_parts(values, np.arange(300), (0.6, 0.2, 0.2), seed=0)
    assert np.bincount(parts).tolist() == [180, 60, 60]
    assert np.ptp([values[parts == place].mean() for place in range(3)]) < 0.2


def test_a_target_that_tells_nothing_is_refused():
    def design(values):
        return choose_target_design(np.array(values), np.arange(len(values)), "auto", "auto", ())

    assert design(np.arange(120.0)).n_repeats == 10
    with pytest.raises(DataError, match=r"must differ between images. Got 3 for all"):
        design([3.0] * 20)
    with pytest.raises(DataError, match=r"finite number for every image. Got 2"):
        design([1.0, np.nan, np.inf, 4.0, 5.0, 6.0])
    with pytest.raises(DataError, match=r"at least 5 images or groups"):
        design([1.0, 2.0, 3.0])
    with pytest.raises(DataError, match=r"differ by so little"):
        design((1.0 + 1e-11 * np.arange(30)).tolist())
