"""What is said of prediction sets, true of the figures it is made of."""

from dataclasses import replace

from bioselect.estimators.prediction_set import PredictionSets
from bioselect.selection.model_sets import MeasuredSets, ModelSets
from bioselect.selection.set_words import set_words

MEASURED = MeasuredSets(0.912, (0.88, None, 0.95), 1.124, 0.83, 0.97, 0.87)
FOUND = ModelSets(PredictionSets(0.9, (0.2, 0.3, 0.3)), (), MEASURED, 0.9, 60, 9)
NAMES = ("flat", "round", "spiky")


def test_everything_that_was_measured_is_said():
    words = set_words(FOUND, NAMES, "lbp + lda")
    assert (
        "90 % sets held the true class for 91.2 % of images (by class 88 to 95 %); 1.12 classes on "
        "average." in words
    )
    assert (
        "Of the images with one class in their set (83 %), 97 % were predicted right, of all 87 %"
        in words
    )
    assert "border" not in words
    assert "larger than need be" not in words


def test_classes_that_share_a_border_are_named_and_few_units_told():
    words = set_words(replace(FOUND, shared=(1, 2), n_units=17), NAMES, "lbp + lda", "row")
    assert "With fewer than 9 independent rows or groups a class has no border of its own" in words
    assert "of round, spiky together" in words
    assert "With 17 independent rows or groups sets are larger than need be." in words


def test_a_model_that_is_right_more_often_is_given_a_higher_level():
    sure = MeasuredSets(0.994, (0.99, 0.99, 1.0), 1.0, 1.0, 0.994, 0.994)
    words = set_words(replace(FOUND, measured=sure), NAMES, "lbp + lda")
    assert "single out no image; a higher one would (bundle.coverage: 0.99)" in words
    assert "abstain" not in words
    less = replace(sure, right=0.92, coverage=0.92, right_if_single=0.92)
    assert "bundle.coverage: 0.95)" in set_words(replace(FOUND, measured=less), NAMES, "a")


def test_unmeasured_and_never_alone():
    words = set_words(replace(FOUND, measured=None), NAMES, "lbp + lda")
    assert "could not be measured" in words
    never = replace(MEASURED, single=0.0, right_if_single=None)
    assert "No set was one class alone." in set_words(replace(FOUND, measured=never), NAMES, "a")
