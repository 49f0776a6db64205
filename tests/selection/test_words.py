"""The summary: what it must always hold, what it must never say."""

import math
from dataclasses import dataclass, replace
from itertools import product

import pytest

from bioselect.metrics.base import get_metric
from bioselect.selection.design_words import measured_on_test_part
from bioselect.selection.outcome import (
    ComparisonRow,
    Context,
    Entrant,
    HonestScore,
    RankingRow,
    Verdict,
)
from bioselect.selection.phrases import (
    WIDTH,
    difference_words,
    names_words,
    p_words,
    percent_words,
    rough_words,
    short_reason,
)
from bioselect.selection.words import _corrected_words, summarise

FORBIDDEN = (
    "prove",
    "equal",
    "accept the null",
    "null hypothesis",
    "p = 0.000",
    "95 % probability",
    "100 %",
    " 0 %",
    "nan",
    "None",
)


@dataclass(frozen=True)
class MetricOf:
    name: str = "balanced_accuracy"
    response: str = "labels"
    direction: str = "higher"
    bounds: tuple[float, float] = (0.0, 1.0)

    takes_values = takes_masks = False
    unit, unit_power = "", 0

    @property
    def in_words(self):
        return self.name.replace("_", " ")


METRIC = MetricOf()
LOG_LOSS = MetricOf("log_loss", "probabilities", "lower", (0.0, float("inf")))
CONTEXT = Context((("cat", 212), ("dog", 200)), n_folds=5, n_repeats=10, seed=7)
BEST = Entrant("resnet50", "logistic_regression", cost=70.0, n_features=2048)
SECOND = Entrant("densenet121", "svm", cost=50.0, n_features=1024)
CHEAP = Entrant("mobilenet_v2", "logistic_regression", cost=10.0, n_features=1280)
PAIR = ComparisonRow(
    stage=2,
    family="winners",
    first=BEST.label,
    second=SECOND.label,
    difference=0.009,
    ci_low=-0.021,
    ci_high=0.039,
    t=0.6,
    p=0.5513,
    p_adjusted=0.5513,
    p_first_better=0.48,
    p_practically_equal=0.41,
    p_second_better=0.11,
    words="undecided",
)


def row(rank, entrant, role):
    return RankingRow(
        rank, entrant.extractor, entrant.estimator, 0.8, 0.7, 0.9, None, None, None, None, None,
        entrant.cost, role,
    )  # fmt: skip


VERDICT = Verdict(
    best=BEST,
    recommended=CHEAP,
    tied_with_best=(SECOND, CHEAP),
    ranking=(
        row(1, BEST, "best"),
        row(2, SECOND, "tied"),
        row(3, CHEAP, "recommended"),
        *(row(rank, Entrant("hog", f"knn{rank}"), "behind") for rank in range(4, 49)),
        row(None, Entrant("hog", "dummy"), "baseline"),
    ),
    comparisons=(PAIR,),
    tests=(),
    honest_score=HonestScore("balanced_accuracy", 0.831, 0.763, 0.892, 0.8613, 0.5),
    in_words="",
)


def text_of(
    verdict=VERDICT, metric=METRIC, context=CONTEXT, failed=(), visible=0.0617, effective=None
):
    text = summarise(verdict, metric, context, failed, visible, effective_groups=effective)
    return " ".join(text.split())


def with_pair(**changes):
    return replace(VERDICT, comparisons=(replace(PAIR, **changes),))


def test_the_whole_summary_of_an_ordinary_study():
    text = text_of()
    for sentence in (
        "Best combination: resnet50 + logistic_regression (balanced accuracy in cross-validation "
        "0.861).",
        "Expected on new images: about 0.83, and very likely between 0.76 and 0.89.",
        "(0.861 is flattering: it is the best of 48 tries. 0.83 corrects for that.)",
        "Always guessing the commonest class scores 0.50.",
        "Is it really the best? Not certain. Against the runner-up (densenet121 + svm) it is ahead "
        "by 0.9 points (between -2.1 and +3.9).",
        "Chance that it is better than this one by more than 1 point: 48 %. Verdict: UNDECIDED. "
        "(In statisticians' terms: Holm-adjusted p = 0.551.)",
        "45 of 47 rivals are clearly behind or significantly worse; 2 could still be as good: "
        "densenet121 + svm, mobilenet_v2 + logistic_regression.",
        "With your 412 images, a combination that is truly about 6 points behind is called so in 4 "
        "of 5 studies like this; smaller differences are often missed.",
        "Recommended: mobilenet_v2 + logistic_regression. Its score is within 1 point of the best "
        "and it needs about 7 times less computing.",
        'This means "no important difference was seen", not that there is none.',
        # 1 / (1 / 50 + 1 / 4) = 3.7
        "The 50 test rounds share images, so they count as about 4 independent ones",
        "They are approximate.",
    ):
        assert sentence in text


def test_what_must_always_be_said_is_said():
    text = text_of(context=replace(CONTEXT, excluded=("2 images could not be read",)))
    for fact in (
        "412 images (cat 212, dog 200)",
        "no groups were declared",
        "5 folds x 10 repeats",
        "seed 7",
        "48 combinations tried",
        "judged by balanced accuracy",
        "differences up to 1 point count as unimportant",
        "test level 0.05",
        "Left out: 2 images could not be read.",
    ):
        assert fact in text
    assert "Left out: nothing." in text_of()


@pytest.mark.parametrize(
    ("n_folds", "n_repeats", "words"),
    [
        # 1 / (1 / 50 + 1 / 4) = 3.7; 1 / (1 / 5 + 1 / 4) = 2.2
        (5, 10, "count as about 4 independent ones; all"),
        (5, 1, "count as about 2 independent ones; all"),
        # 1 / (1 / 2 + 1) = 0.67; 1 / (1 / 3 + 1 / 2) = 1.2
        (2, 1, "count as hardly more than 1 independent one (5 folds x 10 repeats: about 4); all"),
        (3, 1, "count as hardly more than 1 independent one (5 folds x 10 repeats: about 4); all"),
    ],
)
def test_what_the_rounds_are_worth(n_folds, n_repeats, words):
    assert words in text_of(context=replace(CONTEXT, n_folds=n_folds, n_repeats=n_repeats))


def test_failures_are_listed_with_their_reason():
    failed = (Entrant("hog", "lda", error="LinAlgError: did not converge.\nTraceback"),)
    assert "Left out: hog + lda failed (LinAlgError: did not converge)." in text_of(failed=failed)


@pytest.mark.parametrize(
    ("score", "metric", "said"),
    [
        ((0.55, 0.49, 0.61, 0.5), METRIC, True),
        ((0.55, 0.50, 0.61, 0.5), METRIC, True),
        ((0.55, 0.51, 0.61, 0.5), METRIC, False),
        ((0.60, 0.50, 0.70, 0.69), LOG_LOSS, True),
        ((0.60, 0.50, 0.68, 0.69), LOG_LOSS, False),
    ],
)
def test_not_better_than_guessing_is_said_when_the_bad_end_reaches_chance(score, metric, said):
    value, low, high, chance = score
    honest = HonestScore(metric.name, value, low, high, value, chance)
    text = text_of(replace(VERDICT, honest_score=honest), metric)
    assert ("NOT SHOWN TO BE BETTER THAN GUESSING" in text) is said


def test_grouped_studies_say_that_the_groups_count():
    context = replace(CONTEXT, n_groups=21)
    pair = with_pair(words="undecided (approximate; tested over 21 groups)")
    text = text_of(pair, context=context, effective=20.9)
    assert "48 % (approximate). Verdict: UNDECIDED (approximate; " in text
    assert "21 groups, never split between training and test" in text
    assert "it is the groups that count: differences were tested over 21 groups. All" in text
    assert "t with the variance between groups and that between folds, Holm" in text
    assert "45 of 47 rivals are clearly behind or significantly worse" in text
    assert "With your 412 images from 21 groups, a combination that is truly about 6" in text
    unlike = text_of(pair, context=context, effective=8.7)
    assert "21 groups, which differ in size and class and so tell as much as 9 like ones." in unlike


def test_exploratory_studies_make_no_claim():
    context = replace(CONTEXT, class_counts=(("cat", 8), ("dog", 9)), exploratory=True)
    pair = with_pair(
        p=None,
        p_adjusted=None,
        p_first_better=None,
        p_practically_equal=None,
        p_second_better=None,
        words="not judged (too few images)",
    )
    text = text_of(pair, context=context)
    assert "With 17 images this study is EXPLORATORY: too small to tell" in text
    for word in ("significan", "undecided", "clearly", "practically", "important difference"):
        assert word not in text.lower()


def test_a_clear_winner_is_said_to_be_one():
    text = text_of(with_pair(p_adjusted=0.00004, words="clearly better, significantly better"))
    assert "As far as these data can tell, yes." in text
    assert "Verdict: CLEARLY BETTER, SIGNIFICANTLY BETTER. (In statisticians' terms: " in text


def test_recommended_and_best_may_be_one():
    text = text_of(replace(VERDICT, recommended=BEST))
    assert (
        "Recommended: resnet50 + logistic_regression. Nothing that needs much less computing"
        in text
    )


@pytest.mark.parametrize(
    ("cost", "n_features", "words"),
    [
        (10.0, 1, "needs about 7 times less computing"),
        (0.05, 1, "needs about 1400 times less computing"),
        (60.0, 1, "needs less computing"),
        (0.0, 1, "needs less computing"),
        (70.0, 1, "needs fewer features"),
        (70.0, 2048, "needs no more computing"),
    ],
)
def test_why_the_recommended_is_cheaper(cost, n_features, words):
    cheap = replace(CHEAP, cost=cost, n_features=n_features)
    assert f"it {words}." in text_of(replace(VERDICT, recommended=cheap))


def test_a_known_cost_beats_one_that_is_not_declared():
    undeclared = replace(VERDICT, best=replace(BEST, cost=math.inf))
    assert "it has a known cost, while the best declares none." in text_of(undeclared)


def test_more_than_there_is_between_the_best_and_guessing_is_not_promised():
    # The best has 0.8 and guessing 0.5: nothing sensible is 0.31 behind.
    assert "truly about 29 points behind is called so" in text_of(visible=0.29)
    text = text_of(visible=0.31)
    assert "even one that only guesses, 30 points behind, would often not be called so" in text
    assert "4 of 5" not in text


def test_nor_more_than_there_is_to_the_worst_score():
    honest = replace(VERDICT.honest_score, chance=None)
    text = text_of(replace(VERDICT, honest_score=honest), visible=1.53)
    assert "even the worst there can be, 80 points behind, would often not be called so" in text
    assert "truly about 1.5 behind is called so" in text_of(metric=LOG_LOSS, visible=1.53)


def test_a_test_part_may_be_easier_than_what_was_chosen_by():
    # 0.62 flatters on average; beside 0.76 nobody would believe that it does.
    honest = HonestScore("balanced_accuracy", 0.76, None, None, 0.62, 0.25, of=BEST.label)
    context = replace(CONTEXT, split_counts=(300, 60, 52))
    text = measured_on_test_part(honest, "0.76", context, 6)
    assert "(0.620 there: the best of 6 tries is flattering on average, 0.76 is not)" in text


def test_no_estimate_is_said_plainly():
    honest = HonestScore("balanced_accuracy", None, None, None, 0.8, 0.5)
    text = text_of(replace(VERDICT, honest_score=honest))
    assert "cannot be estimated, there are too few images" in text
    text = text_of(replace(VERDICT, honest_score=replace(honest, reduced="nobody was left")))
    assert "cannot be estimated, nobody was left." in text


def test_a_lead_is_no_longer_than_the_scale():
    text = text_of(with_pair(difference=0.3, ci_low=-0.39, ci_high=1.007))
    assert "ahead by 30 points (between -39.0 and +100.0)" in text
    text = text_of(with_pair(difference=0.3, ci_low=-1.2, ci_high=0.5))
    assert "(between -100.0 and +50.0)" in text
    # From -1 to 1 a difference may be 2.
    matthews = MetricOf("matthews_corrcoef", bounds=(-1.0, 1.0))
    assert "(between -0.5 and +1.3)" in text_of(with_pair(ci_low=-0.5, ci_high=1.3), matthews)
    assert "(between -2 and +1.3)" in text_of(with_pair(ci_low=-2.5, ci_high=1.3), matthews)


def test_metrics_beyond_zero_and_one_have_no_points():
    pair = with_pair(difference=-0.12, ci_low=-0.3, ci_high=0.06)
    text = text_of(pair, LOG_LOSS, visible=0.234)
    assert "ahead by 0.12 (between -0.06 and +0.3)" in text
    assert "truly about 0.23 behind is called so" in text
    assert "point" not in text
    assert "(log loss in cross-validation 0.861, lower is better)" in text


def test_no_forbidden_word_in_any_kind_of_study():
    contexts = [CONTEXT, replace(CONTEXT, n_groups=9), replace(CONTEXT, exploratory=True)]
    honest = [VERDICT.honest_score, HonestScore("m", None, None, None, 0.8, None)]
    pairs = [
        PAIR,
        replace(PAIR, p=0.0, p_adjusted=0.0, p_first_better=1.0, t=None),
        replace(PAIR, difference=0.0, p_first_better=0.0, p_practically_equal=1.0),
        replace(PAIR, difference=0.0001, p=None, p_adjusted=None, p_first_better=None),
        replace(PAIR, words="practically the same"),
    ]
    count = 0
    for context, score, pair, metric, recommended in product(
        contexts, honest, pairs, (METRIC, LOG_LOSS), (BEST, CHEAP)
    ):
        verdict = replace(VERDICT, honest_score=score, comparisons=(pair,), recommended=recommended)
        text = text_of(verdict, metric, context, visible=None)
        for word in FORBIDDEN:
            assert word not in text, (word, text)
        count += 1
    assert count == 120


def test_lines_fit_a_terminal():
    assert max(len(line) for line in summarise(VERDICT, METRIC, CONTEXT).splitlines()) <= WIDTH


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (1.0, "p = 1.000")],
)
def test_p_words(p, words):
    assert p_words(p) == words


def test_percent_words_are_never_certain():
    shares = (0.0, 0.004, 0.5, 0.996, 1.0)
    assert [percent_words(share) for share in shares] == [
        "under 1 %", "under 1 %", "50 %", "over 99 %", "over 99 %",
    ]  # fmt: skip


def test_differences_in_points():
    assert difference_words(0.01, METRIC) == "1 point"
    assert difference_words(0.0125, METRIC) == "1.2 points"
    assert difference_words(0.05, METRIC) == "5 points"
    assert difference_words(0.0001, METRIC) == "less than 0.1 points"
    assert difference_words(-0.0001, METRIC, signed=True) == "+0.0 points"
    assert rough_words(0.001, METRIC) == "1 point"


def test_long_lists_and_reasons_are_cut():
    assert names_words(list("abcde"), "x.csv") == "a, b, c, d, e"
    assert names_words(list("abcdef"), "x.csv").endswith("e and 1 more (see x.csv)")
    assert len(short_reason("x" * 500)) == 300


def test_no_score_is_rounded_up_to_a_perfect_one():
    score = HonestScore("balanced_accuracy", 0.9962, 0.9914, 0.9999, 0.9975, 0.333)
    text = text_of(replace(VERDICT, honest_score=score))
    assert "about 0.996, and very likely between 0.99 and 1.000." in text
    score = HonestScore("balanced_accuracy", 1.0, 0.9914, 1.0, 1.0, 0.333)
    assert "about 1.00, and very likely between 0.99 and 1.00." in text_of(
        replace(VERDICT, honest_score=score)
    )
    # Where lower is better, zero is what must not be made of it.
    score = HonestScore("log_loss", 0.004, 0.0031, 0.012, 0.003, 0.69)
    assert "about 0.004, and very likely between 0.003 and 0.01." in text_of(
        replace(VERDICT, honest_score=score), LOG_LOSS
    )


def test_fewer_draws_than_meant_are_told():
    score = replace(VERDICT.honest_score, reduced="it was computed from 416 random draws")
    assert "(Of this estimate: it was computed from 416 random draws.)" in text_of(
        replace(VERDICT, honest_score=score)
    )
    assert "Of this estimate" not in text_of()


@pytest.mark.parametrize(
    ("metric", "naive", "is_flattering"),
    # The score of single folds is not always the better one, and lower may be better.
    [(METRIC, 0.82, False), (METRIC, 0.84, True), (LOG_LOSS, 0.84, False), (LOG_LOSS, 0.82, True)],
)
def test_only_what_is_better_than_expected_is_called_flattering(metric, naive, is_flattering):
    score = replace(VERDICT.honest_score, naive=naive)
    text = text_of(replace(VERDICT, honest_score=score), metric)
    assert ("is flattering" in text) == is_flattering


def test_where_the_unimportant_difference_comes_from():
    context = replace(CONTEXT, rope=0.02, rope_words="1 % of the range")
    assert "differences up to 2 points (1 % of the range) count as unimportant" in text_of(
        context=context
    )


@pytest.mark.parametrize(
    ("name", "naive", "value", "is_flattering"),
    [
        ("accuracy", 0.823, 0.84, False),
        ("accuracy", 0.823, 0.80, True),
        ("log_loss", 0.40, 0.38, False),
        ("log_loss", 0.40, 0.45, True),
    ],
)
def test_only_a_score_that_is_worse_corrects_flattery(name, naive, value, is_flattering):
    score = HonestScore(name, value, value - 0.1, value + 0.1, naive, None)
    words = _corrected_words(score, get_metric(name), 30)
    assert ("is flattering" in words) == is_flattering
    assert ("found no flattery" in words) != is_flattering


def test_few_folds_are_not_taken_for_few_images():
    few = replace(CONTEXT, n_folds=2, n_repeats=1)
    text = text_of(context=few, visible=0.6)
    assert "2 scores of each (2 folds x 1 repeat) are too few to tell most combinations" in text
    assert "Write folds: 5 and repeats: 10 under validation." in text
    splits = replace(CONTEXT, n_folds=1, n_repeats=3, test_to_train=0.25)
    assert "Write splits: 50 under validation." in text_of(context=splits, visible=0.6)
    assert "under validation" not in text_of(visible=0.6)
    assert "under validation" not in text_of(context=replace(few, n_groups=30), visible=0.6)
