"""The validation part: cut from the training images, units whole, every class still trained on."""

import numpy as np
import pytest

from bioselect.data.label_stratification import draw_label_folds
from bioselect.data.splitting import draw_folds
from bioselect.data.targets import trait_words
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


def labels_of(n_images, *shares):
    """Return labels that are drawn each for itself, on these shares of the images."""
    random = np.random.default_rng(1)
    columns = [random.permutation(n_images) < share * n_images for share in shares]
    return np.stack(columns, axis=1).astype(np.int8)


def test_independent_images_are_divided_evenly_in_every_label():
    labels = labels_of(4000, 0.5, 0.9, 0.05)
    train = np.arange(0, 4000, 2)
    trained, validation = cut_validation_part(labels, np.arange(4000), train, seed=0)
    assert sorted([*trained, *validation]) == train.tolist()
    wanted = VALIDATION_SHARE * labels[train].sum(axis=0)
    assert np.abs(labels[validation].sum(axis=0) - wanted).max() <= 2
    assert abs(len(validation) - VALIDATION_SHARE * 2000) <= 2


def test_units_with_several_labels_stay_whole_and_both_parts_have_every_answer():
    units = np.repeat(np.arange(80), np.random.default_rng(0).integers(1, 8, 80))
    labels = labels_of(80, 0.5, 0.9, 0.1)[units]
    for fold in draw_label_folds(labels, units, 5, 2, 0).folds:
        trained, validation = cut_validation_part(labels, units, fold.train, seed=3)
        assert sorted([*trained, *validation]) == sorted(fold.train)
        assert not set(units[trained]) & set(units[validation])
        for part in (trained, validation):
            assert labels[part].mean(axis=0).min() > 0
            assert labels[part].mean(axis=0).max() < 1


def test_two_images_with_a_label_are_one_to_train_on_and_one_to_judge_by():
    for seed in range(20):
        labels = labels_of(60, 0.4, 0.3)
        rare = np.isin(np.arange(60), [seed, seed + 30])[:, None].astype(np.int8)
        both = np.hstack([labels, rare])
        trained, validation = cut_validation_part(both, np.arange(60), np.arange(60), seed)
        assert both[trained, 2].sum() == both[validation, 2].sum() == 1


def test_an_only_unit_with_a_label_is_trained_on():
    for seed in range(10):
        labels = np.hstack([labels_of(40, 0.4), np.zeros((40, 1), dtype=np.int8)])
        labels[seed, 1] = 1
        trained, validation = cut_validation_part(labels, np.arange(40), np.arange(40), seed)
        assert seed in trained
        assert len(validation) >= 4


def test_nothing_is_left_for_validation_where_every_unit_is_needed():
    units = np.repeat(np.arange(2), 5)
    # The last label is on all images: that none is without it is nobody's lack.
    labels = np.stack([np.arange(10) % 2, units == 1, units >= 0], axis=1).astype(np.int8)
    with pytest.raises(TooFewUnitsError, match=r"are 1 independent .* with label 1 in") as raised:
        cut_validation_part(labels, units, np.arange(10), seed=0)
    assert trait_words(labels, "abc")[raised.value.trait] == "with label 'b'"
