"""Parts of the training images: whole units, every class, one inside the next."""

import numpy as np
import pytest

from bioselect.estimators.inner_folds import inner_folds
from bioselect.estimators.search_stages import with_part_of_training

Y = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [150, 150, 300]))
UNITS = np.arange(600) // 2


def parts(stage, units=UNITS, y=Y):
    folds = inner_folds(y, units, 3, seed=5)
    return folds, with_part_of_training(folds, y, units, stage, seed=5)


@pytest.mark.parametrize(("stage", "share"), [(9, 1 / 9), (3, 1 / 3)])
def test_a_part_is_a_stratified_share_of_the_training_images(stage, share):
    folds, made = parts(stage)
    for whole, part in zip(folds, made, strict=True):
        np.testing.assert_array_equal(whole.test, part.test)
        assert set(part.train) < set(whole.train)
        counts = np.bincount(Y[part.train]) / np.bincount(Y[whole.train])
        np.testing.assert_allclose(counts, share, atol=0.04)


def test_units_are_in_a_part_or_not():
    for whole, part in zip(*parts(9), strict=True):
        rest = set(whole.train) - set(part.train)
        assert not set(UNITS[list(rest)]) & set(UNITS[part.train])
        assert not set(UNITS[part.test]) & set(UNITS[part.train])


def test_a_smaller_part_lies_in_the_larger_one():
    for small, large in zip(parts(9)[1], parts(3)[1], strict=True):
        assert set(small.train) < set(large.train)


def test_the_last_stage_has_everything():
    folds, made = parts(1)
    assert made == folds


def test_too_few_of_a_class_or_too_few_units_give_none():
    y = Y.copy()
    y[np.flatnonzero(Y == 1)[45:]] = 0  # 45 are left, 30 in a training part, 3 or 4 in a ninth
    assert parts(9, units=np.arange(600), y=y)[1] is None
    assert parts(3, units=np.arange(600), y=y)[1] is not None
    assert parts(9, units=np.arange(600) // 60)[1] is None
