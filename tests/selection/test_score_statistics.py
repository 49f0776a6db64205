"""Images that are judged by scores of their own (masks), through the statistics of a study."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bioselect.metrics.base import Metric, evaluate
from bioselect.metrics.intervals import bootstrap_interval, widened_if_perfect
from bioselect.selection.grouped import effective_groups
from bioselect.selection.honest import bbc_cv, choose_and_score, guessing_score
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.resampled_scores import choose_scorer
from bioselect.selection.verdict import decide

N_IMAGES, N_FOLDS = 60, 5


def mean_of_images(y_true, response, n_classes):
    return response[:, 0].mean()


def weighted_mean(y_true, response, n_classes, weights):
    return weights @ response[:, 0] / weights.sum(axis=1)


DICE = Metric("dice", "higher", (0.0, 1.0), "scores", mean_of_images, weighted_mean)


def study(means, n_groups=None, seed=0, n_images=N_IMAGES, spread=0.1):
    """Return entrants, fold scores, predictions and context for candidates with these means."""
    random = np.random.default_rng(seed)
    hard = random.normal(0, spread, n_images)
    images = [np.clip(mean + hard + random.normal(0, 0.03, n_images), 0, 1) for mean in means]
    folds = np.arange(n_images)[None] % N_FOLDS
    units = np.arange(n_images)
    if n_groups:
        units = (np.arange(n_images) // N_FOLDS) % n_groups
        folds = (units % N_FOLDS)[None]
    scores = [[one[folds[0] == fold].mean() for fold in range(N_FOLDS)] for one in images]
    tables = tuple(one[None, :, None] for one in images)
    out_of_fold = OutOfFold(tables, np.zeros(n_images), units, 1, folds)
    entrants = [Entrant("", f"net{place}", cost=1e6) for place in range(len(means))]
    context = Context(
        (), N_FOLDS, 1, 0, n_groups, n_valued=n_images, known="masks of nucleus", noun="model"
    )
    return entrants, np.array(scores), out_of_fold, context


def test_a_study_of_scores_is_decided():
    entrants, scores, out_of_fold, context = study([0.6, 0.85, 0.7])
    verdict = decide(entrants, scores, out_of_fold, DICE, context)
    assert verdict.best.label == verdict.recommended.label == "net1"
    assert [row.label for row in verdict.ranking] == ["net1", "net2", "net0"]
    assert verdict.honest_score.chance is None
    assert verdict.honest_score.value == pytest.approx(0.85, abs=0.04)
    assert verdict.honest_score.n_draws == 1000
    assert {row.quantity for row in verdict.descriptive} >= {"mean_rank", "friedman_chi_square"}
    assert "cochrans_q" not in {row.quantity for row in verdict.descriptive}


def test_pairs_are_compared_by_the_corrected_t_of_the_folds():
    entrants, scores, out_of_fold, context = study([0.6, 0.65])
    verdict = decide(entrants, scores, out_of_fold, DICE, context)
    [row] = [row for row in verdict.comparisons if row.stage == 1]
    lead = scores[1] - scores[0]
    # Nadeau and Bengio: the variance times 1/5 + n_test/n_train = 1/5 + 1/4, 4 degrees of freedom.
    error = np.sqrt(lead.var(ddof=1) * (1 / 5 + 1 / 4))
    assert row.t == pytest.approx(lead.mean() / error)
    assert row.p == pytest.approx(2 * stats.t.sf(lead.mean() / error, 4))


@pytest.mark.parametrize("n_groups", [None, 15])
def test_no_sentence_speaks_of_classes_or_of_guessing(n_groups):
    entrants, scores, out_of_fold, context = study([0.6, 0.85, 0.7], n_groups)
    words = decide(entrants, scores, out_of_fold, DICE, context).in_words
    plain = " ".join(words.split())
    assert not re.search(r"class|guess|label|combination", plain)
    assert "Use net1, the best of 3 models tried" in plain
    assert f"{N_IMAGES} images (masks of nucleus)" in plain
    assert ("15 groups" in plain) == bool(n_groups)


def test_groups_are_what_differences_are_tested_over():
    entrants, scores, out_of_fold, context = study([0.6, 0.65], n_groups=15)
    verdict = decide(entrants, scores, out_of_fold, DICE, context)
    alone = decide(entrants, scores, out_of_fold, DICE, replace(context, n_groups=None))
    assert verdict.comparisons[0].p != alone.comparisons[0].p
    assert "over 15 groups" in " ".join(verdict.in_words.split())
    sizes = np.repeat(np.arange(15), 4)
    assert effective_groups(np.zeros(60), sizes) == pytest.approx(15)
    # Values of any size are of one kind: the same as zeros.
    assert effective_groups(np.arange(60.0), sizes) == pytest.approx(15)


def test_bbc_is_the_choice_repeated_in_plain_loops():
    _, _, out_of_fold, _ = study([0.6, 0.61, 0.62], spread=0.2)
    scorer, n_draws = choose_scorer(out_of_fold, DICE, 40)
    assert n_draws == 40
    random = np.random.default_rng(3)
    drawn = [random.integers(0, N_IMAGES, N_IMAGES) for _ in range(40)]
    counts = np.stack([np.bincount(one, minlength=N_IMAGES) for one in drawn]).astype(float)
    chosen, scores = choose_and_score(scorer, counts, False)
    for places, candidate, score in zip(drawn, chosen, scores, strict=True):
        rest = np.setdiff1d(np.arange(N_IMAGES), places)
        inside = [table[0, places, 0].mean() for table in out_of_fold.probabilities]
        assert candidate == int(np.argmax(inside))
        assert score == pytest.approx(out_of_fold.probabilities[candidate][0, rest, 0].mean())


def test_somebodys_metric_without_a_form_for_many_draws_gets_fewer():
    own = replace(DICE, name="own", weighted=None)
    estimate = bbc_cv(study([0.6, 0.7])[2], own, seed=1, n_draws=300)
    assert estimate.n_draws == 300
    assert estimate.value is not None


def test_lower_is_better_of_distances():
    distance = replace(DICE, name="hausdorff_95", direction="lower", bounds=(0.0, float("inf")))
    entrants, scores, out_of_fold, context = study([0.6, 0.3])
    verdict = decide(entrants, scores, out_of_fold, distance, replace(context, rope=0.01))
    assert verdict.best.label == "net1"


def test_values_have_no_frequencies_to_guess_from():
    assert guessing_score(DICE, np.zeros(5), 1) is None


def test_a_perfect_score_has_the_interval_of_its_images():
    low, high = widened_if_perfect(1.0, 1.0, DICE, np.zeros(20), np.arange(20))
    assert (low, high) == (pytest.approx(0.05 ** (1 / 20)), 1.0)


def test_scores_are_evaluated_and_resampled():
    table = np.array([[0.5], [1.0], [0.75]])
    assert evaluate(DICE, np.zeros(3), table) == 0.75
    values = replace(DICE, response="values", function=lambda y, found, n: abs(found - y).mean())
    assert evaluate(values, np.array([0.5, 2.0, 0.75]), table) == pytest.approx(1 / 3)
    low, high = bootstrap_interval(DICE, np.zeros(3), table, np.arange(3), seed=0)
    assert 0.5 <= low < 0.75 < high <= 1.0


def test_one_split_compares_on_the_validation_part():
    entrants, _, out_of_fold, context = study([0.6, 0.85])
    folds = np.where(np.arange(N_IMAGES) < 40, -1, 0)[None]
    tables = [np.where(folds[..., None] < 0, np.nan, one) for one in out_of_fold.probabilities]
    split = replace(out_of_fold, probabilities=tuple(tables), folds=folds)
    scores = np.array([[np.nanmean(one)] for one in tables])
    context = replace(
        context, n_folds=1, split_counts=(34, 20, 6), test_to_train=1.0, n_groups=None
    )
    verdict = decide(entrants, scores, split, DICE, context)
    assert verdict.best.label == "net1"
    assert verdict.honest_score.method == "test part"
    assert verdict.comparisons[0].p < 0.01
