"""Parts of the training images for a learning curve: nested, grouped, stratified, by seed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bioselect.data.random_splits import draw_splits
from bioselect.data.target_folds import draw_target_folds
from bioselect.explain.training_parts import SHARES, training_parts

TARGETS = np.repeat([0, 1, 2], [60, 30, 10])


def shares_of(parts, draw, index):
    return {p.share: p.fold.train for p in parts if (p.draw, p.place) == (draw, index)}


def test_parts_lie_inside_one_another_and_hold_every_class() -> None:
    units = np.arange(100)
    plan = draw_target_folds(TARGETS, units, 5, 2, seed=0)
    parts = training_parts(plan, TARGETS, units, seed=0)
    assert len(parts) == 2 * 5 * len(SHARES)
    for draw in range(2):
        for fold in plan.folds[draw * 5 : draw * 5 + 5]:
            trained = shares_of(parts, draw, fold.index)
            np.testing.assert_array_equal(trained[1.0], fold.train)
            for smaller, larger in pairwise(SHARES):
                assert set(trained[smaller]) <= set(trained[larger])
                assert len(trained[smaller]) == round(smaller * 80)
            counts = np.bincount(TARGETS[trained[0.4]], minlength=3)
            np.testing.assert_allclose(counts, [19, 10, 3], atol=1.5)  # 60, 30 and 10 percent
            assert set(TARGETS[trained[0.2]]) == {0, 1, 2}
    for part in parts:
        assert not set(part.fold.train) & set(part.fold.test)


def test_units_stay_whole() -> None:
    units = np.arange(100) // 7
    sizes = np.bincount(units)
    plan = draw_target_folds(TARGETS, units, 2, 1, seed=0)
    for part in training_parts(plan, TARGETS, units, seed=0):
        inside = np.bincount(units[part.fold.train], minlength=len(sizes))
        assert ((inside == 0) | (inside == sizes)).all()


def test_the_smallest_parts_have_a_unit_of_every_class() -> None:
    targets = np.repeat([0, 1], [94, 6])
    units = np.arange(100)
    plan = draw_target_folds(targets, units, 2, 3, seed=0)
    parts = training_parts(plan, targets, units, seed=0)
    assert all(targets[part.fold.train].sum() >= 1 for part in parts)
    assert {int(targets[p.fold.train].sum()) for p in parts if p.share == 1.0} == {3}


def test_trainings_on_parts_have_seeds_of_their_own() -> None:
    units = np.arange(100)
    plan = draw_target_folds(TARGETS, units, 5, 4, seed=0)
    parts = training_parts(plan, TARGETS, units, seed=0)
    assert {part.draw for part in parts} == {0, 1, 2}  # no more, however many repeats
    numbers = {(part.fold.repeat, part.fold.index) for part in parts}
    assert len(numbers) == len(parts)
    own = {(fold.repeat, fold.index) for fold in plan.folds}
    assert {(p.fold.repeat, p.fold.index) for p in parts if p.share < 1.0} & own == set()


@pytest.mark.parametrize(
    "targets",
    [np.linspace(0, 1, 100), np.stack([TARGETS == 1, TARGETS == 2], axis=1).astype(np.int64)],
    ids=["values", "labels"],
)
def test_values_and_labels_are_spread_evenly(targets) -> None:
    units = np.arange(100)
    plan = draw_target_folds(targets, units, 5, 1, seed=0)
    for part in training_parts(plan, targets, units, seed=0):
        whole = targets[plan.folds[part.fold.index].train].mean(axis=0)
        np.testing.assert_allclose(targets[part.fold.train].mean(axis=0), whole, atol=0.1)


def test_random_splits_have_five_in_place_of_folds() -> None:
    units = np.arange(100)
    plan = draw_splits(TARGETS, units, 12, 0.2, seed=0)
    parts = training_parts(plan, TARGETS, units, seed=0)
    columns = {(part.draw, part.place) for part in parts}
    assert len(columns) == 2 * 5
    assert {(p.draw, p.place) for p in parts if p.share == 1.0} == columns


def test_of_one_split_parts_are_drawn_several_times() -> None:
    units = np.arange(100)
    plan = draw_splits(TARGETS, units, 2, 0.2, seed=0)
    plan = replace(plan, folds=plan.folds[:1])
    parts = [part for part in training_parts(plan, TARGETS, units, seed=0) if part.share == 0.4]
    assert len(parts) == 3
    assert len({tuple(part.fold.train) for part in parts}) == 3
    assert len({tuple(part.fold.test) for part in parts}) == 1
