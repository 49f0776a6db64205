"""Folds without classes: of nearly equal size, units whole, never the same twice."""

import numpy as np
import pytest

from bioselect.data.plain_folds import choose_plain_design, draw_plain_folds, draw_plain_parts
from bioselect.exceptions import DataError


def test_folds_are_of_nearly_equal_size_and_test_each_image_once() -> None:
    plan = draw_plain_folds(np.arange(23), 5, 3, seed=1)
    assert [(fold.repeat, fold.index) for fold in plan.folds] == [
        (repeat, index) for repeat in range(3) for index in range(5)
    ]
    for repeat in range(3):
        tested = [fold.test for fold in plan.folds if fold.repeat == repeat]
        assert sorted(np.concatenate(tested).tolist()) == list(range(23))
        assert {len(one) for one in tested} == {4, 5}  # 23 = 3 * 5 + 2 * 4
    for fold in plan.folds:
        assert sorted([*fold.train, *fold.test]) == list(range(23))


def test_groups_stay_whole() -> None:
    units = np.repeat(np.arange(12), 4)
    for fold in draw_plain_folds(units, 4, 2, seed=0).folds:
        assert not set(units[fold.train]) & set(units[fold.test])
        assert len(fold.test) == 12


def test_the_words_know_no_classes() -> None:
    words = draw_plain_folds(np.repeat(np.arange(6), 2), 3, 1, seed=0).design
    assert "stratified" not in words
    assert words.startswith("3 folds, drawn once, over 12 images in 6 units")


def test_the_same_seed_gives_the_same_folds_and_others_other_ones() -> None:
    def tested(seed):
        return [fold.test.tolist() for fold in draw_plain_folds(np.arange(20), 5, 1, seed).folds]

    assert tested(3) == tested(3)
    assert tested(3) != tested(4)


def test_parts_have_their_shares_and_keep_units_whole() -> None:
    units = np.repeat(np.arange(20), 5)
    parts = draw_plain_parts(units, (0.7, 0.2, 0.1), seed=0)
    assert np.bincount(parts).tolist() == [70, 20, 10]
    assert all(len(set(parts[units == unit])) == 1 for unit in range(20))


def test_too_few_images_are_refused() -> None:
    with pytest.raises(DataError, match=r"must have at least 5 images or groups .* Got 4"):
        choose_plain_design(np.repeat(np.arange(4), 9), "auto", "auto")
    with pytest.raises(DataError, match=r"validation.folds: must be at most 6"):
        choose_plain_design(np.arange(6), 7, 1)


def test_few_images_are_exploratory() -> None:
    assert choose_plain_design(np.arange(29), "auto", 1).exploratory
    assert not choose_plain_design(np.arange(30), "auto", 1).exploratory
