"""Random splits: the share of every class, whole units, no two alike."""

import numpy as np
import pytest

from bioselect.data.random_splits import draw_parts, draw_splits
from bioselect.exceptions import DataError

Y = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [20, 50, 130]))
ALONE = np.arange(200)


@pytest.mark.parametrize("test_size", [0.1, 0.2, 0.3, 0.5])
def test_every_class_is_tested_by_its_share(test_size):
    plan = draw_splits(Y, ALONE, 6, test_size, seed=3)
    assert (plan.n_folds, plan.n_repeats, len(plan.folds)) == (1, 6, 6)
    for number, fold in enumerate(plan.folds):
        assert (fold.repeat, fold.index) == (number, 0)
        assert sorted([*fold.train, *fold.test]) == list(range(200))
        # Within one image of the even share.
        counts = np.bincount(Y[fold.test], minlength=3)
        assert np.abs(counts - test_size * np.array([20, 50, 130])).max() <= 1


def test_units_stay_whole_and_unequal_groups_come_near_the_share():
    sizes = np.random.default_rng(0).integers(1, 30, 40)
    units = np.repeat(np.arange(40), sizes)
    y = np.repeat(np.arange(40) % 2, sizes)
    for fold in draw_splits(y, units, 10, 0.25, seed=0).folds:
        assert not set(units[fold.train]) & set(units[fold.test])
        shares = np.bincount(y[fold.test]) / np.bincount(y)
        assert np.abs(shares - 0.25).max() < 0.1


def test_no_two_splits_are_alike_and_the_seed_draws_them():
    plan = draw_splits(Y, ALONE, 40, 0.2, seed=0)
    assert len({fold.test.tobytes() for fold in plan.folds}) == 40
    first = draw_splits(Y, ALONE, 3, 0.2, seed=0)
    for short, long in zip(first.folds, plan.folds, strict=False):
        np.testing.assert_array_equal(short.test, long.test)
    other = draw_splits(Y, ALONE, 3, 0.2, seed=1)
    assert other.folds[0].test.tobytes() != first.folds[0].test.tobytes()


def test_fewer_where_there_are_no_more():
    # Two units a class, one of each is tested: 2 x 2 ways, of which two and two are each other
    # with the parts exchanged.
    y, units = np.repeat([0, 1], 8), np.arange(16) // 4
    plan = draw_splits(y, units, 30, 0.5, seed=0)
    assert plan.n_repeats == 2
    assert "30 were asked for, but no further different one was found" in plan.design


def test_three_parts():
    parts = draw_parts(Y, ALONE, (0.6, 0.2, 0.2), seed=0)
    for place, n in enumerate((20, 50, 130)):
        counts = np.bincount(parts[place == Y], minlength=3)
        assert np.abs(counts - n * np.array([0.6, 0.2, 0.2])).max() <= 1.5
    np.testing.assert_array_equal(parts, draw_parts(Y, ALONE, (0.6, 0.2, 0.2), seed=0))
    assert (parts != draw_parts(Y, ALONE, (0.6, 0.2, 0.2), seed=1)).any()
    units = np.arange(200) // 10
    grouped = draw_parts(Y, units, (0.6, 0.2, 0.2), seed=0)
    assert all(len(set(grouped[units == unit])) == 1 for unit in range(20))


def test_too_few_units_for_three_parts():
    with pytest.raises(DataError, match="2 independent images or groups cannot be divided into 3"):
        draw_parts(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), (0.6, 0.2, 0.2), 0)


def test_random_splits_are_even_in_every_label():
    random = np.random.default_rng(0)
    labels = (random.random((200, 3)) < [0.5, 0.1, 0.8]).astype(int)
    units = np.concatenate([np.repeat(np.arange(10), 5), np.arange(10, 160)])
    plan = draw_splits(labels, units, 4, 0.2, seed=3)
    assert "stratified by label, over 200 images in 160 units" in plan.design
    for fold in plan.folds:
        assert not set(units[fold.train]) & set(units[fold.test])
        assert abs(len(fold.test) - 40) <= 2
        # A fifth of the images with each label; lumps of five leave some unevenness.
        assert np.all(np.abs(labels[fold.test].sum(axis=0) - labels.sum(axis=0) / 5) <= 3)
    assert len({fold.test.tobytes() for fold in plan.folds}) == 4
    parts = draw_parts(labels, units, (0.6, 0.2, 0.2), seed=0)
    shares = np.stack([labels[parts == part].sum(axis=0) for part in range(3)]) / labels.sum(axis=0)
    assert np.all(np.abs(shares - [[0.6], [0.2], [0.2]]) < 0.1)
