"""The validation part: cut from the training images, units whole, every class still trained on."""

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.selection.validation_part import (
    VALIDATION_SHARE,
    TooFewUnitsError,
    cut_validation_part,
)


def test_parts_make_up_the_training_images_and_no_unit_is_in_both():
    random = np.random.default_rng(0)
    units = np.repeat(np.arange(60), random.integers(1, 8, 60))
    classes = (units * 7 % 3).astype(np.int64)
    for fold in draw_folds(classes, units, 5, 2, 0).folds:
        trained, validation = cut_validation_part(classes, units, fold.train, seed=3)
        assert sorted([*trained, *validation]) == sorted(fold.train)
        assert not set(units[trained]) & set(units[validation])
        assert set(classes[trained]) == {0, 1, 2} == set(classes[validation])
        assert 0.1 < len(validation) / len(fold.train) < 0.2


def test_independent_images_are_divided_evenly_in_every_class():
    classes = np.repeat([0, 1, 2], [200, 100, 40])
    train = np.arange(0, 340, 2)
    trained, validation = cut_validation_part(classes, np.arange(340), train, seed=0)
    counts = np.bincount(classes[validation])
    # 0.15 of 100, 50 and 20 images.
    assert np.abs(counts - VALIDATION_SHARE * np.array([100, 50, 20])).max() <= 1
    assert len(trained) + len(validation) == 170


def test_the_seed_decides():
    classes, units, train = np.arange(100) % 2, np.arange(100), np.arange(80)
    first = cut_validation_part(classes, units, train, seed=1)
    again = cut_validation_part(classes, units, train, seed=1)
    other = cut_validation_part(classes, units, train, seed=2)
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize(
    ("units", "n_units"), [(np.zeros(10, dtype=int), 1), (np.repeat([0, 1], 5), 1)]
)
def test_a_class_that_would_be_lost_is_named(units, n_units):
    classes = np.repeat([0, 1], 5)
    with pytest.raises(TooFewUnitsError) as raised:
        cut_validation_part(classes, units, np.arange(10), seed=0)
    assert raised.value.n_units == n_units
