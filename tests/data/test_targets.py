"""What differs between one class an image and several labels: by hand."""

import numpy as np
import pytest

from bioselect.data.target_folds import choose_target_design, draw_target_folds
from bioselect.data.targets import (
    fewest_units,
    is_right,
    n_models,
    predicted_sets,
    trait_words,
    traits,
)
from bioselect.exceptions import DataError

LABELS = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 1, 0]])


def test_what_no_image_shows_is_no_trait():
    # All have the first label and none the third: with and without the second, with the first,
    # without the third.
    found = {tuple(column) for column in traits(LABELS).T.tolist()}
    assert traits(LABELS).shape == (4, 4)
    assert found == {
        (True, True, True, True),
        (True, False, False, True),
        (False, True, True, False),
    }


def test_traits_of_classes_are_the_classes_there_are():
    assert traits(np.array([3, 0, 3])).tolist() == [[False, True], [True, False], [False, True]]


def test_the_rarest_answer_counts_units():
    units = np.array([0, 1, 1, 0])
    # With the second label are images 0 and 3, of unit 0; without it 1 and 2, of unit 1.
    assert fewest_units(LABELS, units) == 1
    assert fewest_units(LABELS, np.arange(4)) == 2


def test_one_half_is_not_enough_and_all_labels_must_be_right():
    table = np.array([[[0.5, 0.51], [0.9, 0.2]]])
    assert predicted_sets(table).tolist() == [[[False, True], [True, False]]]
    assert is_right(table, np.array([[0, 1], [1, 1]])).tolist() == [[True, False]]
    assert is_right(np.array([[0.2, 0.8]]), np.array([1])).tolist() == [True]


def test_a_classifier_of_labels_is_one_of_two_classes_for_each():
    assert n_models(LABELS, 3) == (3, 2)
    assert n_models(np.array([0, 1]), 2) == (1, 2)


@pytest.mark.parametrize("targets", [np.arange(60) % 3, np.stack([np.arange(60) % 2] * 2, axis=1)])
def test_folds_are_stratified_by_what_there_is(targets):
    plan = draw_target_folds(targets, np.arange(60), 3, 2, seed=1)
    noun = "label" if targets.ndim == 2 else "class"
    assert f"stratified by {noun}" in plan.design
    for fold in plan.folds:
        assert traits(targets)[fold.test].sum(axis=0).min() >= 6


def test_a_rare_label_stops_the_study_as_a_rare_class_does():
    labels = np.zeros((40, 2), dtype=int)
    labels[:20, 0] = 1
    labels[:3, 1] = 1
    with pytest.raises(DataError, match="label 'mass' is present in 3"):
        choose_target_design(labels, np.arange(40), "auto", "auto", ["nodule", "mass"])


@pytest.mark.parametrize("targets", [LABELS, np.array([3, 0, 3]), np.eye(3, dtype=int)])
def test_the_words_of_a_trait_are_those_of_the_images_that_show_it(targets):
    words = trait_words(targets, "abc" if targets.ndim == 2 else "abcd")
    shown = traits(targets).T
    assert len(words) == len(shown)
    for word, images in zip(words, shown, strict=True):
        kind, name = word.split(" ")[0], word.split("'")[1]
        place = "abcd".index(name)
        column = targets == place if kind == "of" else targets[:, place] == (kind == "with")
        assert images.tolist() == column.tolist()
