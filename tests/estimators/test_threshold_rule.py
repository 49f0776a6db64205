"""What may be written for `threshold`, and what each mistake is told."""

import pytest

from bioselect.estimators.threshold_rule import ThresholdRule, threshold_problem, with_places
from bioselect.exceptions import ConfigurationError
from bioselect.registry import ComponentSpec

NAMES = ("no tumour", "tumour")


def spec(value, name="lda"):
    return ComponentSpec.of(name, {"threshold": value})


@pytest.mark.parametrize(
    "value",
    [
        None,
        "youden",
        "balanced_accuracy",
        "f1_macro",
        {"criterion": "f1", "positive": "tumour"},
        {"criterion": "youden", "positive": "tumour"},
        {"sensitivity": 0.9, "positive": "tumour"},
        {"specificity": 0.5, "positive": "tumour"},
    ],
)
def test_what_is_right(value):
    assert threshold_problem(value) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("yuden", "Did you mean 'youden'"),
        ("sensitivity", "write {sensitivity: 0.9, positive: CLASS}"),
        ({"sensitivity": 0.9}, "Add positive: CLASS"),
        ({"sensitivity": 90, "positive": "tumour"}, "as 0.9 for 90 %. Got 90"),
        ({"sensitivity": True, "positive": "tumour"}, "must be a number"),
        ({"specificity": 1.0, "positive": "tumour"}, "below 1"),
        ({"criterion": "auc", "positive": "tumour"}, "criterion must be one of f1"),
        ({"criterion": "f1", "positive": 1}, "in quotes"),
        ({"positive": "tumour"}, "Got the keys positive"),
        ({"sensitivity": 0.9, "specificity": 0.9, "positive": "a"}, "Got the keys sensitivity"),
        ({"sensitivity": 0.9, "positive": "a", "cost": 2}, "cost"),
        ({}, "Got the keys none"),
        (0.3, "Got 0.3"),
    ],
)
def test_what_is_wrong(value, message):
    assert message in threshold_problem(value)


def test_the_place_of_the_positive_class_goes_with_its_name():
    [found] = with_places([spec({"sensitivity": 0.9, "positive": "no tumour"})], NAMES)
    assert ThresholdRule.of(found.params_dict["threshold"]) == ThresholdRule("sensitivity", 0, 0.9)
    assert found.label == "lda(threshold={positive: no tumour, sensitivity: 0.9})"
    assert with_places([found], NAMES) == [found]
    searched = ComponentSpec.of(
        "lda", search={"threshold": [None, {"criterion": "f1", "positive": "tumour"}]}
    )
    [placed] = with_places([searched], NAMES)
    assert placed.search_dict["threshold"][0] is None
    assert ThresholdRule.of(placed.search_dict["threshold"][1]) == ThresholdRule("f1", 1)


def test_f1_alone_is_for_labels_of_which_to_have_one_is_positive():
    assert threshold_problem("f1") is None
    assert ThresholdRule.of("f1") == ThresholdRule("f1", 1)
    with pytest.raises(ConfigurationError, match=r"write \{criterion: f1, positive: CLASS\}"):
        with_places([spec("f1")], NAMES)


def test_specs_without_a_threshold_stay_the_same():
    specs = [ComponentSpec.of("svm", {"C": 10}, {"gamma": [0.1, 1]}), ComponentSpec("dummy")]
    assert with_places(specs, ("a", "b", "c")) == specs
    own = ComponentSpec.of("mylab:Mine", {"threshold": 0.3})
    assert with_places([own], ("a", "b", "c")) == [own]


def test_three_classes_cannot_be_divided_by_one_number():
    with pytest.raises(ConfigurationError, match="divides two classes, not 3") as caught:
        with_places([spec("youden")], ("a", "b", "c"))
    assert "class_weight" in str(caught.value)


def test_a_class_that_is_not_there():
    with pytest.raises(ConfigurationError, match=r"Got 'tumor'\. Did you mean 'tumour'"):
        with_places([spec({"sensitivity": 0.9, "positive": "tumor"})], NAMES)


def test_a_name_without_its_place_is_no_rule_yet():
    with pytest.raises(ConfigurationError, match="known"):
        ThresholdRule.of({"sensitivity": 0.9, "positive": "tumour"})
