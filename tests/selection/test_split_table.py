"""Candidates on one validation part: bootstrap against arithmetic, McNemar against statsmodels."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from bioselect.metrics.base import get_metric
from bioselect.selection.claims import clearly_better
from bioselect.selection.held_out import TEST_PART, held_out_score
from bioselect.selection.outcome import Context, Entrant, HonestScore, OutOfFold
from bioselect.selection.significance import student_t
from bioselect.selection.split_table import BOOTSTRAP_NAME, mcnemar_p, split_table
from bioselect.selection.verdict import decide

ACCURACY = get_metric("accuracy")
N_TRAIN, N_VALIDATION, N_TEST = 100, 80, 60
N = N_TRAIN + N_VALIDATION + N_TEST
TRUTH = np.arange(N) % 2
CONTEXT = Context(
    (("a", N // 2), ("b", N // 2)),
    1,
    1,
    seed=0,
    test_to_train=1.0,
    split_counts=(N_TRAIN, N_VALIDATION, N_TEST),
)
PART = np.where(np.arange(N) < N_TRAIN, -1, np.where(np.arange(N) < N_TRAIN + N_VALIDATION, 0, -1))


def study(*wrong, units=None):
    """Return entrants, scores and predictions; `wrong` are places of the validation part."""
    entrants, tables, scores = [], [], []
    for number, places in enumerate(wrong):
        right = np.ones(N_VALIDATION, dtype=bool)
        right[list(places)] = False
        truth = TRUTH[N_TRAIN : N_TRAIN + N_VALIDATION]
        table = np.full((1, N, 2), np.nan)
        table[0, PART == 0] = np.eye(2)[np.where(right, truth, 1 - truth)]
        entrants.append(Entrant(f"extractor{number}", "lda", cost=10.0 - number))
        tables.append(table)
        scores.append([right.mean()])
    units = np.arange(N) if units is None else units
    return entrants, np.array(scores), OutOfFold(tuple(tables), TRUTH, units, 2, PART[None])


def table_of(*wrong, units=None):
    entrants, scores, out_of_fold = study(*wrong, units=units)
    return split_table(tuple(entrants), scores, False, CONTEXT, out_of_fold, ACCURACY)


def test_the_spread_of_a_difference_is_that_of_its_images():
    # 20 images only the second has wrong, 8 only the first: d is +1, -1 or 0 on an image. Its
    # standard error is sqrt((28/80 - (12/80)**2) / 80).
    table = table_of(range(20, 28), range(20))
    found = table.compare(0, 1)
    assert found.mean == pytest.approx(12 / 80)
    expected = np.sqrt((28 / 80 - (12 / 80) ** 2) / 80)
    assert found.standard_error == pytest.approx(expected, rel=0.05)
    assert found.ci_low == pytest.approx(12 / 80 - 1.96 * expected, abs=0.02)
    assert found.ci_high == pytest.approx(12 / 80 + 1.96 * expected, abs=0.02)
    # z = 2.37: two-sided p of the normal distribution 0.018.
    assert found.p == pytest.approx(0.018, abs=0.01)
    back = table.compare(1, 0)
    assert (back.mean, back.p) == (-found.mean, found.p)
    low, high = table.interval(1)
    assert (low + high) / 2 == pytest.approx(0.75, abs=0.02)
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.25 * 0.75 / 80), abs=0.03)


def test_units_are_drawn_and_not_images():
    units = (np.arange(N) + 4) // 8  # 104 is a multiple of 8: units begin with the part
    grouped = table_of(range(16), (), units=units)
    # Two of ten units are all wrong: the spread is that of ten things and not of eighty.
    assert grouped.n_units == 10
    assert grouped.compare(1, 0).standard_error == pytest.approx(np.sqrt(0.2 * 0.8 / 10), rel=0.1)
    alone = table_of(range(16), ())
    assert alone.compare(1, 0).standard_error == pytest.approx(np.sqrt(0.2 * 0.8 / 80), rel=0.1)


def test_the_same_predictions_are_not_told_apart():
    found = table_of(range(9), range(9)).compare(0, 1)
    assert (found.mean, found.p, found.identical) == (0.0, 1.0, True)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (3, 3), (2, 11), (8, 1), (0, 0)])
def test_mcnemar_is_that_of_statsmodels(first, second):
    expected = mcnemar([[10, first], [second, 10]], exact=True).pvalue
    assert mcnemar_p(first, second) == pytest.approx(expected)


def test_the_verdict_of_one_split():
    entrants, scores, out_of_fold = study(range(2), range(30), range(1, 3))
    verdict = decide(entrants, scores, out_of_fold, ACCURACY, CONTEXT)
    # The first and the third are equally good and the third is cheaper; the second is far behind.
    assert verdict.best.extractor == "extractor0"
    assert verdict.recommended.extractor == "extractor2"
    roles = {row.extractor: row.role for row in verdict.ranking}
    assert roles == {"extractor0": "best", "extractor2": "recommended", "extractor1": "behind"}
    names = [test.name for test in verdict.tests]
    assert sum(name.startswith(BOOTSTRAP_NAME) for name in names) == 2
    second_line = [test for test in verdict.tests if test.name.startswith("exact McNemar")]
    # 0 against 2: one image each. 0 against 1: none and 28.
    assert [test.p for test in second_line] == [1.0, pytest.approx(2 / 2**28)]
    assert verdict.honest_score.value is None
    assert "one split (100 training, 80 validation and 60 test images)" in (
        " ".join(verdict.in_words.split())
    )


def test_failed_ones_have_no_part():
    entrants, scores, out_of_fold = study(range(2), range(30), range(5))
    entrants[0] = replace(entrants[0], error="broken")
    tables = (None, *out_of_fold.probabilities[1:])
    verdict = decide(
        entrants, scores, replace(out_of_fold, probabilities=tables), ACCURACY, CONTEXT
    )
    assert verdict.best.extractor == "extractor2"


def test_nothing_is_clear_unless_the_test_says_so():
    found = student_t(0.1, 0.02, df=79)
    assert clearly_better([found], CONTEXT, [0.04]) == [True]
    assert clearly_better([found], CONTEXT, [0.06]) == [False]
    assert clearly_better([found], CONTEXT) == [False]
    assert clearly_better([found], replace(CONTEXT, n_groups=40), [0.04]) == [False]
    assert clearly_better([found], replace(CONTEXT, split_counts=None)) == [True]


def test_of_groups_nothing_is_claimed_in_words():
    entrants, scores, out_of_fold = study(range(2), range(60), units=np.arange(N) // 8)
    verdict = decide(entrants, scores, out_of_fold, ACCURACY, replace(CONTEXT, n_groups=30))
    assert {row.words for row in verdict.comparisons} == {"not judged (one split of groups)"}
    assert {row.role for row in verdict.ranking} == {"best", "tied"}
    # Intervals over the groups of one part would claim by being narrow.
    assert {row.ci_low for row in verdict.ranking} == {None}
    assert {row.ci_high for row in verdict.comparisons} == {None}
    assert "is ahead by 72.5 points. With one split" in " ".join(verdict.in_words.split())
    few = replace(verdict.honest_score, value=0.9)
    told = decide(entrants, scores, out_of_fold, ACCURACY, replace(CONTEXT, n_groups=30), known=few)
    words = " ".join(told.in_words.split())
    assert "about 0.90; how far off that may be cannot be said" in words
    assert "NOT SHOWN TO BE BETTER THAN GUESSING" in words
    assert "NOTHING IS CLAIMED" in verdict.in_words


def test_groups_have_no_mcnemar():
    entrants, scores, out_of_fold = study(range(2), range(30), units=np.arange(N) // 8)
    context = replace(CONTEXT, n_groups=30)
    verdict = decide(entrants, scores, out_of_fold, ACCURACY, context)
    [row] = [test for test in verdict.tests if test.name.startswith("exact McNemar")]
    assert row.p is None


def test_the_test_part_is_scored_with_an_interval_over_units():
    before = HonestScore("accuracy", None, None, None, 0.9, 0.5, TEST_PART)
    truth = np.arange(60) % 2
    guess = np.where(np.arange(60) < 15, 1 - truth, truth)
    tested = OutOfFold((np.eye(2)[guess][None],), truth, np.arange(60), 2)
    score = held_out_score(tested, ACCURACY, 0, before, "hog + lda", 0.8)
    assert (score.value, score.naive, score.chance) == (0.75, 0.8, 0.5)
    assert (score.method, score.of) == ("test part", "hog + lda")
    assert (score.n_draws, score.n_repeats, score.reduced) == (2000, 1, "")
    # 0.75 give or take 1.96 * sqrt(0.75 * 0.25 / 60) = 0.11.
    assert score.ci_low == pytest.approx(0.64, abs=0.02)
    assert score.ci_high == pytest.approx(0.86, abs=0.02)
    grouped = replace(tested, units=np.arange(60) // 5)
    wide = held_out_score(grouped, ACCURACY, 0, before, "hog + lda", 0.8)
    assert wide.ci_high - wide.ci_low > 1.8 * (score.ci_high - score.ci_low)
    few = held_out_score(replace(tested, units=np.arange(60) // 7), ACCURACY, 0, before, "x", 0.8)
    assert (few.value, few.ci_low, few.ci_high) == (0.75, None, None)
    failed = held_out_score(replace(tested, probabilities=(None,)), ACCURACY, 0, before, "x", 0.8)
    assert (failed.value, failed.naive, failed.of) == (None, 0.8, "x")


def test_a_model_that_names_one_class_only_has_no_interval_of_no_width():
    # Balanced accuracy of always naming class 0 of three: 1/3 in every draw that has all classes.
    before = HonestScore("balanced_accuracy", None, None, None, 0.4, 1 / 3, TEST_PART)
    truth = np.arange(15) % 3
    tested = OutOfFold((np.eye(3)[np.zeros(15, dtype=int)][None],), truth, np.arange(15), 3)
    score = held_out_score(tested, get_metric("balanced_accuracy"), 0, before, "a + lda", 0.4)
    assert score.value == pytest.approx(1 / 3)
    assert (score.ci_low, score.ci_high) == (None, None)
    entrants, scores, out_of_fold = study(range(2), range(30))
    told = decide(entrants, scores, out_of_fold, ACCURACY, CONTEXT, known=score)
    words = " ".join(told.in_words.split())
    assert "between" not in words.partition("Is it really")[0]
    assert "Use none of them yet" in words
    assert "about 0.33; how far off that may be is not known, as all random draws" in words
    assert "A larger test part, or folds instead of one split, would tell more." in words


def test_equal_ones_are_hardly_ever_called_different():
    # Five that are right on 70 % of 80 images, and agree on half of them.
    claims = 0
    for draw in range(60):
        random = np.random.default_rng([21, draw])
        shared = random.random(N_VALIDATION)
        wrong = [
            np.flatnonzero(np.where(random.random(N_VALIDATION) < 0.5, shared, alone) > 0.7)
            for alone in random.random((5, N_VALIDATION))
        ]
        entrants, scores, out_of_fold = study(*wrong)
        same = [replace(one, extractor="hog", estimator=one.extractor) for one in entrants]
        verdict = decide(same, scores, out_of_fold, ACCURACY, CONTEXT)
        told = any("better" in row.words for row in verdict.comparisons)
        claims += told or any(row.role == "behind" for row in verdict.ranking)
    # 5 % of 60 are 3; 9 or more would come up in 2 of 1,000 such tests.
    assert claims < 9
