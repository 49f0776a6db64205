"""The first lines of a summary: what to use, what to expect, what is open."""

from dataclasses import replace

import pytest

from bioselect.selection.held_out import TEST_PART
from bioselect.selection.outcome import HonestScore
from bioselect.selection.phrases import WIDTH
from bioselect.selection.words import summarise
from tests.selection.test_words import BEST, CONTEXT, LOG_LOSS, METRIC, VERDICT, with_pair


def first_lines(verdict=VERDICT, metric=METRIC, context=CONTEXT):
    lines = summarise(verdict, metric, context).partition("\n\n")[0].splitlines()
    assert lines[0] == "In short:"
    assert len(lines) <= 10
    assert max(map(len, lines)) <= WIDTH
    return " ".join(" ".join(lines).split())


def test_a_cheaper_one_is_recommended_and_the_figure_is_said_to_be_of_the_best():
    honest = replace(VERDICT.honest_score, of=BEST.label)
    text = first_lines(replace(VERDICT, honest_score=honest))
    assert (
        "Use mobilenet_v2 + logistic_regression: of 48 combinations tried it is the one within 1 "
        "point of the best (resnet50 + logistic_regression) that needs the least computing."
    ) in text
    assert (
        "Expect balanced accuracy of about 0.83 on new images like these (very likely between 0.76 "
        "and 0.89; guessing: 0.50), the share of each class that is recognised, averaged over the "
        "classes. That is the figure of resnet50 + logistic_regression."
    ) in text
    assert "Open: whether the next one, densenet121 + svm, is really behind." in text
    assert "These data cannot tell 0.9 points apart." in text
    assert "if several come from one patient, slide or dish, name it (dataset.group)" in text


def test_who_could_be_as_good_is_counted():
    chosen = replace(VERDICT, recommended=BEST)
    assert "the best of 48 combinations tried; 2 others could be as good." in first_lines(chosen)
    one = replace(chosen, tied_with_best=chosen.tied_with_best[:1])
    assert "tried; 1 other could be as good." in first_lines(one)
    assert "tried; all others are behind." in first_lines(replace(chosen, tied_with_best=()))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("clearly better", "The next one, densenet121 + svm, is behind as far as these data"),
        ("practically the same", "densenet121 + svm, is practically the same: either will do."),
    ],
)
def test_what_is_known_of_the_next_one(words, said):
    assert said in first_lines(with_pair(words=words))


def test_equal_scores_are_not_zero_points_apart():
    text = first_lines(with_pair(difference=0.0))
    assert "The next one, densenet121 + svm, has the same score: these data cannot tell" in text
    assert "0 points" not in text


def test_nothing_is_recommended_that_may_be_guessing():
    honest = HonestScore("balanced_accuracy", 0.55, 0.49, 0.61, 0.6, 0.5)
    text = first_lines(replace(VERDICT, honest_score=honest))
    assert "Use none of them yet: resnet50 + logistic_regression, the best of 48 tried, is" in text
    assert "Open:" not in text


def test_small_studies_say_so_and_claim_nothing_about_the_others():
    small = replace(CONTEXT, exploratory=True)
    text = first_lines(replace(VERDICT, recommended=BEST), context=small)
    assert "A small study: take it as a hint" in text
    assert "Use resnet50 + logistic_regression, the best of 48 combinations tried. Expect" in text
    assert "dataset.group" in text


def test_groups_are_what_it_holds_for():
    pair = with_pair(words="undecided (approximate; tested over 21 groups)")
    text = first_lines(pair, context=replace(CONTEXT, n_groups=21))
    assert "It holds for new groups like these 21; images from elsewhere are not tested." in text


def test_scores_without_an_upper_end_say_which_way_is_better():
    honest = HonestScore("log_loss", 0.61, 0.5, 0.68, 0.6, 0.69)
    text = first_lines(replace(VERDICT, honest_score=honest), LOG_LOSS)
    assert "(very likely between 0.50 and 0.68; guessing: 0.69; lower is better)." in text


def test_a_test_part_is_named_and_no_estimate_is_said_plainly():
    honest = replace(VERDICT.honest_score, method=TEST_PART)
    divided = replace(CONTEXT, split_counts=(300, 60, 52))
    text = first_lines(replace(VERDICT, honest_score=honest), context=divided)
    assert "on new images like these (measured on the test part; " in text
    none = HonestScore("balanced_accuracy", None, None, None, 0.8, 0.5)
    assert "cannot be said from these." in first_lines(replace(VERDICT, honest_score=none))


def test_without_an_interval_nothing_is_said_of_guessing():
    honest = HonestScore("balanced_accuracy", 0.72, None, None, 0.7, 0.25)
    text = first_lines(replace(VERDICT, honest_score=honest, recommended=BEST))
    assert "Use resnet50 + logistic_regression" in text
    assert "about 0.72 on new images like these (how far off that may be is not known; " in text
    assert "guessing: 0.25)" in text
