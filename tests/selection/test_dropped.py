"""Candidates that a budget dropped: nowhere in the comparisons, but in the honest score."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from bioselect.metrics.base import get_metric
from bioselect.selection.expected import _not_above
from bioselect.selection.honest import HonestEstimate, bbc_cv
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.verdict import decide

N_IMAGES, N_REPEATS = 60, 4


TRUTH = np.arange(N_IMAGES) % 2
FOLDS = np.tile(np.arange(N_IMAGES) // 2 % 5, (N_REPEATS, 1))
CONTEXT = Context((("a", 30), ("b", 30)), 5, N_REPEATS, seed=0, budget="20min")
#: What is taken off for shared training images: of 5 folds one is tested for four trained on.
PART = {"shared_training": 1 / 4, "chance": 0.5}


def study(n_candidates=20, n_kept=2, seed=3, n_slow=0):
    """Candidates that are equally good; after one repeat those that look best go on.

    Of the first `n_slow` nobody goes on, however good: they were passed over.

    What a candidate knows of an image is mostly the same in all repeats.
    """
    generator = np.random.default_rng(seed)
    knows = generator.random((n_candidates, N_IMAGES))
    right = (knows[:, None] + 0.2 * generator.normal(size=(1, N_REPEATS, N_IMAGES))) < 0.7
    first = right[:, 0].mean(axis=1)
    kept = np.argsort(np.where(np.arange(n_candidates) < n_slow, np.inf, -first))[:n_kept]
    entrants, tables, scores = [], [], []
    for number in range(n_candidates):
        n_done = N_REPEATS if number in kept else 1
        guess = np.where(right[number, :n_done], TRUTH, 1 - TRUTH)
        tables.append(np.eye(2)[guess])
        by_fold = [right[number, r][FOLDS[r] == f].mean() for r in range(n_done) for f in range(5)]
        scores.append([*by_fold, *[np.nan] * (5 * (N_REPEATS - n_done))])
        entrants.append(
            Entrant(
                "hog",
                f"c{number:02d}",
                dropped="" if number in kept else "after 1 repeat it was behind",
                n_folds=5 * n_done,
                passed_over=number < n_slow,
            )
        )
    data = OutOfFold(tuple(tables), TRUTH, np.arange(N_IMAGES), 2, FOLDS)
    return entrants, np.array(scores), data


def decided(entrants, scores, data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return decide(entrants, scores, data, get_metric("accuracy"), CONTEXT)


def test_they_have_no_rank_and_are_compared_with_nobody():
    entrants, scores, data = study()
    verdict = decided(entrants, scores, data)
    assert [row.rank for row in verdict.ranking] == [1, 2, *[None] * 18]
    for row in verdict.ranking[2:]:
        assert (row.role, row.mean, row.n_folds) == ("dropped (budget)", None, 5)
        assert row.reason == "after 1 repeat it was behind"
    assert verdict.ranking[0].n_folds == 20
    assert verdict.ranking[0].reason == ""
    kept = {f"hog + {row.estimator}" for row in verdict.ranking[:2]}
    assert {row.first for row in verdict.comparisons} <= kept
    assert {row.second for row in verdict.comparisons} <= kept


def test_the_expected_score_is_that_of_all_that_were_tried_on_what_all_of_them_have():
    entrants, scores, data = study()
    honest = decided(entrants, scores, data).honest_score
    first_repeat = OutOfFold(
        tuple(table[:1] for table in data.probabilities), TRUTH, data.units, 2, FOLDS
    )
    expected = bbc_cv(first_repeat, get_metric("accuracy"), CONTEXT.seed, **PART)
    assert (honest.value, honest.ci_low) == (expected.value, expected.ci_low)
    survivors = [index for index, one in enumerate(entrants) if not one.dropped]
    flattering = bbc_cv(data.of(survivors), get_metric("accuracy"), CONTEXT.seed)
    # Twenty equal candidates of which luck chose two: the two alone know nothing of that.
    assert flattering.value > honest.value + 0.03


@pytest.mark.parametrize("n_slow", [0, 12])
def test_over_many_studies_it_is_not_flattering(n_slow):
    # All are right about 0.7 of new images; the best of 20 looks 8 points better than that, the
    # best of 8 five (the other twelve were passed over). What is expected, averaged over studies,
    # must not be above the truth by more than its error.
    errors, naive = [], []
    for seed in range(40):
        honest = decided(*study(n_kept=1, seed=seed, n_slow=n_slow)).honest_score
        errors.append(honest.value - 0.7)
        naive.append(honest.naive - 0.7)
    assert np.mean(naive) > 0.04
    assert np.mean(errors) < 0.01


def test_who_was_not_tried_counts_for_nothing():
    entrants, scores, data = study()
    without = decided(entrants, scores, data).honest_score
    untried = Entrant("vgg16", "svm", dropped="there was no time", n_folds=0)
    more = OutOfFold((*data.probabilities, None), TRUTH, data.units, 2, FOLDS)
    verdict = decided([*entrants, untried], np.vstack([scores, np.full(20, np.nan)]), more)
    assert verdict.honest_score == without
    assert "20 combinations tried" in " ".join(verdict.in_words.split())


def test_the_words_say_what_was_left_out_and_what_that_means():
    text = " ".join(decided(*study()).in_words.split())
    assert "best of 20 tries" in text
    assert (
        "Dropped for time (budget 20min): 18 combinations were tried on some of the folds" in text
    )
    assert "computed from the folds that all of these share" in text
    assert "Any of them may be better than what is recommended" in text
    assert "Left out: nothing" not in text
    single = " ".join(decided(*study(n_kept=1)).in_words.split())
    assert "Only one combination was tried on all folds: nothing to compare it with." in single


def test_a_dropped_baseline_and_a_failed_candidate_are_not_part_of_the_choice():
    entrants, scores, data = study(n_candidates=4)
    dropped = next(index for index, one in enumerate(entrants) if one.dropped)
    expected = None
    for change in ({"is_baseline": True}, {"error": "boom"}):
        one = entrants[dropped]
        changed = [*entrants]
        changed[dropped] = Entrant("hog", one.estimator, dropped=one.dropped, n_folds=5, **change)
        honest = decided(changed, scores, data).honest_score
        pool = [index for index in range(4) if index != dropped]
        shared = data.of(pool).on_shared_repeats()
        expected = bbc_cv(shared, get_metric("accuracy"), CONTEXT.seed, **PART)
        assert honest.value == pytest.approx(expected.value)


def passed_over(indices, entrants):
    return [replace(one, passed_over=number in indices) for number, one in enumerate(entrants)]


def right_in(shares, n_images=N_IMAGES):
    """Return the first repeats of candidates of which each is right about its share of images."""
    generator = np.random.default_rng(1)
    right = [generator.permutation(n_images) < round(share * n_images) for share in shares]
    return [np.eye(2)[np.where(one, TRUTH, 1 - TRUTH)][None] for one in right]


def test_who_could_not_be_finished_however_good_is_not_part_of_the_estimate():
    # The last is exported, though four that were too slow looked better after one repeat.
    firsts = right_in([0.95, 0.93, 0.92, 0.9, 0.8])
    tables = (*firsts[:-1], np.repeat(firsts[-1], N_REPEATS, axis=0))
    scores = np.full((5, 5 * N_REPEATS), np.nan)
    for row, table in zip(scores, tables, strict=True):
        right = table.argmax(axis=2) == TRUTH
        by_fold = [one[FOLDS[0] == fold].mean() for one in right for fold in range(5)]
        row[: len(by_fold)] = by_fold
    entrants = [Entrant("hog", f"slow{n}", dropped="40 s", n_folds=5) for n in range(4)]
    entrants.append(Entrant("hog", "lda", n_folds=20))
    data = OutOfFold(tables, TRUTH, np.arange(N_IMAGES), 2, FOLDS)
    verdict = decided(passed_over(range(4), entrants), scores, data)
    alone = bbc_cv(data.of([4]), get_metric("accuracy"), CONTEXT.seed)
    assert verdict.honest_score.value == alone.value == pytest.approx(0.8, abs=0.01)
    text = " ".join(verdict.in_words.split())
    assert "flattering" not in text
    assert "Of those tried, 4 combinations were too slow to be finished, however good" in text
    assert "What went in" in text
    assert "5 combinations tried" in text
    # Had they lost the choice, they would count, and what is expected would still not be above
    # what was seen of the one that is exported.
    honest = decided(entrants, scores, data).honest_score
    every = bbc_cv(
        data.of([4, 0, 1, 2, 3]).on_shared_repeats(), get_metric("accuracy"), CONTEXT.seed
    )
    assert every.value > 0.9
    assert honest.value == honest.naive == pytest.approx(0.8)
    assert honest.ci_low <= honest.value <= honest.ci_high


def test_of_errors_the_expected_one_is_not_below_the_one_seen():
    metric = get_metric("log_loss")
    estimate = HonestEstimate(0.3, 0.2, 0.35, 1000, 0)
    capped = _not_above(estimate, 0.4, metric)
    assert (capped.value, capped.ci_low, capped.ci_high) == (0.4, 0.2, 0.4)
    assert _not_above(estimate, 0.25, metric) == estimate
