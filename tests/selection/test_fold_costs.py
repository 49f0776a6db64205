"""Seconds of a fold: its own, those of the same classifier, those of any."""

import pytest

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.fold_costs import FoldCosts, reckoned_seconds


def candidate(extractor, estimator="random_forest"):
    return Candidate(ComponentSpec(extractor), ComponentSpec(estimator))


def fold(of, seconds, error=""):
    return FoldResult(of, 0, 0, None, fit_seconds=seconds, predict_seconds=0.0, error=error)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_more_images_and_features_never_take_less(name):
    small = reckoned_seconds(ComponentSpec(name), 100, 50, 3)
    large = reckoned_seconds(ComponentSpec(name), 2000, 1500, 3)
    assert 0 < small <= large < 60


def test_a_search_takes_a_multiple():
    searched = ComponentSpec.of("svm", search={"C": [1, 10, 100]})
    once = reckoned_seconds(ComponentSpec("svm"), 100, 50, 3)
    # Three values, each on three inner folds of two thirds of the images, then the best on all.
    assert reckoned_seconds(searched, 100, 50, 3) == pytest.approx(7 * once)


def test_somebodys_own_is_taken_for_a_slow_one():
    own = reckoned_seconds(ComponentSpec("mylab:Slow"), 500, 100, 2)
    assert own == reckoned_seconds(ComponentSpec("random_forest"), 500, 100, 2)


def test_its_own_folds_count_first():
    costs = FoldCosts(200, 3)
    costs.learn([fold(candidate("hog"), 2.0), fold(candidate("hog"), 4.0)], 100)
    costs.learn([fold(candidate("lbp"), 50.0)], 100)
    assert costs.seconds(candidate("hog"), 100) == 3.0


def test_the_same_classifier_on_other_rows_comes_next():
    costs = FoldCosts(200, 3)
    costs.learn([fold(candidate("hog"), 10.0)], 100)
    ratio = reckoned_seconds(ComponentSpec("random_forest"), 200, 1000, 3) / reckoned_seconds(
        ComponentSpec("random_forest"), 200, 100, 3
    )
    assert costs.seconds(candidate("vgg16"), 1000) == pytest.approx(10.0 * ratio)


def test_a_slow_machine_is_slow_for_all():
    costs = FoldCosts(200, 3)
    reckoned = reckoned_seconds(ComponentSpec("random_forest"), 200, 100, 3)
    costs.learn([fold(candidate("hog"), 5 * reckoned)], 100)
    untried = candidate("hog", "mlp")
    once = reckoned_seconds(ComponentSpec("mlp"), 200, 100, 3)
    assert costs.seconds(untried, 100) == pytest.approx(5 * once)
    assert costs.knows(ComponentSpec("random_forest"))
    assert not costs.knows(ComponentSpec("mlp"))


def test_failed_folds_say_nothing():
    costs = FoldCosts(200, 3)
    costs.learn([fold(candidate("hog"), 0.0, error="boom")], 100)
    assert not costs.knows(ComponentSpec("random_forest"))


def test_a_threshold_takes_five_more_fits():
    once = reckoned_seconds(ComponentSpec("svm"), 800, 1500, 2)
    spec = ComponentSpec.of("svm", {"threshold": "youden"})
    # Five fits on four fifths of the images and one on all.
    assert reckoned_seconds(spec, 800, 1500, 2) == pytest.approx(5 * once)


def test_the_dummy_says_nothing_of_the_others():
    costs = FoldCosts(n_images=100, n_classes=2)
    dummy, svm = (Candidate(ComponentSpec("hog"), ComponentSpec(n)) for n in ("dummy", "svm"))
    before = costs.seconds(svm, 50)
    costs.learn([FoldResult(dummy, 0, 0, None, fit_seconds=1.0, predict_seconds=0.0)], 50)
    assert costs.seconds(svm, 50) == before
    assert costs.seconds(dummy, 50) == 1.0
