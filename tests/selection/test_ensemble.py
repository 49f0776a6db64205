"""The mean of the tied: its members are found anew in every draw, and it does not flatter."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bioselect.metrics.base import get_metric
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.ensemble import Ensemble, TiedChoice, averaged_folds, tie_limits
from bioselect.selection.families import ScoreTable
from bioselect.selection.grouped import leave_out_groups
from bioselect.selection.honest import bbc_cv
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.resampled_scores import choose_scorer
from bioselect.selection.verdict import decide

ACCURACY = get_metric("accuracy")
K, R, N = 6, 3, 40
TRUTH = np.arange(N) % 2
CONTEXT = Context((("a", N // 2), ("b", N // 2)), 5, R, seed=0)


def said(random, right, truth=TRUTH, shape=(R,)):
    """Return probabilities that are right on about this share of images, more or less surely."""
    correct = random.random((*shape, len(truth))) < right
    sure = 0.5 + 0.5 * random.random((*shape, len(truth)))
    of_one = np.where(correct == (truth == 1), sure, 1 - sure)
    return np.stack([1 - of_one, of_one], axis=-1)


def predictions(shares, seed=0, truth=TRUTH):
    random = np.random.default_rng(seed)
    return OutOfFold(
        tuple(said(random, share, truth) for share in shares), truth, np.arange(len(truth)), 2
    )


def table_of(scores, context=CONTEXT):
    entrants = tuple(Entrant("hog", f"knn{number}") for number in range(len(scores)))
    return ScoreTable(entrants, np.asarray(scores), False, context)


def test_limits_are_those_of_the_verdict():
    scores = np.random.default_rng(1).normal(0.7, 0.03, (3, 15))
    table = table_of(scores)
    limits = tie_limits(table, [0, 1, 2])
    compared = table.compare(0, 1)
    # Three pairs of one extractor: two-sided 5 %, a third of it for each.
    by_hand = stats.t.ppf(1 - 0.05 / 6, 14) * compared.standard_error
    assert limits[0, 1] == limits[1, 0] == pytest.approx(by_hand)
    assert np.isposinf(np.diag(limits)).all()
    # At the limit the first of Holm's adjusted p-values is the level.
    shifted = scores.copy()
    shifted[0] += by_hand - compared.mean
    assert 3 * table_of(shifted).compare(0, 1).p == pytest.approx(0.05)
    # With a level of 0.001 it is said earlier that the first is clearly better.
    strict = tie_limits(table_of(scores, replace(CONTEXT, alpha=0.001)), [0, 1, 2])
    assert strict[0, 1] == pytest.approx(0.01 + by_hand)
    # Of two extractors the winners are compared: one pair.
    entrants = (*table.entrants[:2], Entrant("lbp", "knn0"))
    between = tie_limits(replace(table, entrants=entrants), [0, 1, 2])
    error = table.compare(0, 2).standard_error
    assert between[0, 2] == pytest.approx(stats.t.ppf(0.975, 14) * error)
    # In a strict study the pair of each of both tables counts.
    both = replace(table, entrants=entrants, context=replace(CONTEXT, strict=True))
    assert tie_limits(both, [0, 1, 2])[0, 2] == pytest.approx(stats.t.ppf(1 - 0.05 / 4, 14) * error)
    exploratory = table_of(scores, replace(CONTEXT, exploratory=True))
    assert np.isposinf(tie_limits(exploratory, [0, 1, 2])).all()


def test_every_draw_finds_its_own_members():
    out_of_fold = predictions([0.8, 0.75, 0.7, 0.6, 0.55, 0.5])
    limits = np.full((K, K), 0.08)
    np.fill_diagonal(limits, np.inf)
    draws = np.random.default_rng(5).multinomial(N, np.full(N, 1 / N), 40).astype(float)
    scorer, _ = choose_scorer(out_of_fold, ACCURACY, 40)
    chosen, scores = TiedChoice(out_of_fold, ACCURACY, limits)(scorer, draws, False)

    def accuracy(table, weights):
        right = (table.argmax(axis=2) == TRUTH).mean(axis=0)
        return float(weights @ right / weights.sum())

    seen = set()
    for number, weights in enumerate(draws):
        inside = [accuracy(table, weights) for table in out_of_fold.probabilities]
        best = int(np.argmax(np.round(inside, 12)))
        members = [one for one in range(K) if inside[best] - inside[one] < limits[best, one]]
        seen.add(tuple(members))
        tables = [out_of_fold.probabilities[one] for one in members]
        mean = np.mean(tables, axis=0)
        left_out = (weights == 0).astype(float)
        if len(members) > 1 and accuracy(mean, weights) > inside[best] + 1e-12:
            assert chosen[number] == -1
            assert scores[number] == pytest.approx(accuracy(mean, left_out))
        else:
            assert chosen[number] == best
            expected = accuracy(out_of_fold.probabilities[best], left_out)
            assert scores[number] == pytest.approx(expected)
    assert len(seen) > 3
    assert {-1} < set(chosen.tolist())


def honest_and_naive(out_of_fold, limit):
    """Return the honest score, and that of the best or the mean on the images that chose."""
    n = len(out_of_fold.probabilities)
    limits = np.full((n, n), limit)
    np.fill_diagonal(limits, np.inf)
    choice = TiedChoice(out_of_fold, ACCURACY, limits)
    honest = bbc_cv(out_of_fold, ACCURACY, 0, 300, choose=choice).value
    truth = out_of_fold.class_indices
    single = [float((t.argmax(axis=2) == truth).mean()) for t in out_of_fold.probabilities]
    tied = [i for i in range(n) if max(single) - single[i] < limit]
    mean = np.mean([out_of_fold.probabilities[i] for i in tied], axis=0)
    return honest, max(*single, float((mean.argmax(axis=2) == truth).mean())), tied


def test_on_noise_it_promises_nothing():
    # 24 that guess: the best of them and of their mean seems better, and is not.
    truth = np.arange(60) % 2
    found = [
        honest_and_naive(predictions([0.5] * 24, [7, draw], truth), 0.06)[:2] for draw in range(25)
    ]
    honest, naive = np.mean(found, axis=0)
    assert naive > 0.55
    assert abs(honest - 0.5) < 0.02


def test_on_signal_it_is_what_new_images_show():
    # Each is right on its own share of images, of old ones and of 20,000 new ones alike.
    differences = []
    for draw in range(12):
        shares = np.random.default_rng([3, draw]).uniform(0.55, 0.7, 10)
        out_of_fold = predictions(shares, [11, draw], np.arange(100) % 2)
        honest, naive, tied = honest_and_naive(out_of_fold, 0.06)
        new = np.arange(20_000) % 2
        random = np.random.default_rng([13, draw])
        mean = np.mean([said(random, shares[i], new, ()) for i in tied], axis=0)
        truth = float((mean.argmax(axis=1) == new).mean())
        differences.append((honest - truth, naive - truth))
    honest, naive = np.mean(differences, axis=0)
    assert naive > honest
    assert -0.06 < honest < 0.015


def test_a_verdict_counts_the_choice_of_members():
    random = np.random.default_rng(4)
    out_of_fold = predictions([0.7] * K, 0)
    mean = np.mean(out_of_fold.probabilities, axis=0)
    tables = (*out_of_fold.probabilities, mean)
    scores = [np.repeat((t.argmax(axis=2) == TRUTH).mean(axis=1), 5) for t in tables]
    scores = np.array(scores) + 0.001 * random.normal(size=(K + 1, 5 * R))
    entrants = [Entrant("hog", f"knn{number}") for number in range(K)]
    entrants.append(Entrant("ensemble of 6 tied", "mean probability", is_ensemble=True))
    with_it = OutOfFold(tables, TRUTH, np.arange(N), 2)
    verdict = decide(entrants, scores, with_it, ACCURACY, CONTEXT)
    assert verdict.best.is_ensemble
    fixed = [Entrant(one.extractor, one.estimator) for one in entrants]
    flattering = decide(fixed, scores, with_it, ACCURACY, CONTEXT)
    # With its members fixed it would be taken for a candidate that the images did not choose.
    assert verdict.honest_score.value < flattering.honest_score.value
    assert verdict.honest_score.naive == flattering.honest_score.naive
    limits = tie_limits(table_of(scores[:K]), range(K))
    choice = TiedChoice(out_of_fold, ACCURACY, limits)
    expected = bbc_cv(out_of_fold, ACCURACY, CONTEXT.seed, choose=choice)
    assert verdict.honest_score.value == expected.value


def test_folds_are_averaged_member_by_member():
    members = tuple(Candidate(ComponentSpec("hog"), ComponentSpec(name)) for name in ("lda", "knn"))
    ensemble = Ensemble(members)
    folds = [
        [FoldResult(member, 0, fold, np.array([[p, 1 - p]]), fit_seconds=2.0) for fold in (0, 1)]
        for member, p in zip(members, (0.2, 0.6), strict=True)
    ]
    averaged = averaged_folds(ensemble, folds)
    assert [(one.repeat, one.fold) for one in averaged] == [(0, 0), (0, 1)]
    np.testing.assert_allclose(averaged[1].probabilities, [[0.4, 0.6]])
    assert averaged[0].fit_seconds == 4.0
    assert averaged[0].candidate.label == "ensemble of 2 tied + mean probability"
    assert "hog + lda and hog + knn" in " ".join(ensemble.in_words().split())


def test_of_groups_the_flattery_of_the_mean_is_taken_off_too():
    # The mean is right more often than the best member: what flatters is its own score.
    truth, units = np.arange(120) % 2, np.arange(120) // 6
    out_of_fold = replace(predictions([0.55] * 8, 9, truth), units=units)
    mean = np.mean(out_of_fold.probabilities, axis=0)
    limits = np.where(np.eye(8, dtype=bool), np.inf, 1.0)
    choice = TiedChoice(out_of_fold, ACCURACY, limits)
    also = replace(out_of_fold, probabilities=(mean,))
    own = float((mean.argmax(axis=2) == truth).mean())
    alone = bbc_cv(out_of_fold, ACCURACY, 0, 200, choose=choice)
    single = [float((t.argmax(axis=2) == truth).mean()) for t in out_of_fold.probabilities]
    assert own > max(*single, alone.value)
    moved = bbc_cv(out_of_fold, ACCURACY, 0, 200, 0.25, choice, also)
    assert moved.value == pytest.approx(alone.value - 0.25 * (own - alone.value))
    assert moved.value < alone.value
    tables = (*out_of_fold.probabilities, mean)
    scores = np.array([np.repeat((t.argmax(axis=2) == truth).mean(axis=1), 5) for t in tables])
    entrants = [Entrant("hog", f"knn{number}") for number in range(8)]
    entrants.append(Entrant("ensemble of 8 tied", "mean probability", is_ensemble=True))
    every = replace(out_of_fold, probabilities=tables)
    context = replace(CONTEXT, class_counts=(("a", 60), ("b", 60)), n_groups=20)
    verdict = decide(entrants, scores, every, ACCURACY, context)
    assert verdict.best.is_ensemble
    table = table_of(scores[:8], context)
    errors = leave_out_groups(out_of_fold, ACCURACY, table.scores, range(8), table.n_eff)
    table = replace(table, groups=errors)
    choice = TiedChoice(out_of_fold, ACCURACY, tie_limits(table, range(8)))
    expected = bbc_cv(out_of_fold, ACCURACY, 0, 1000, 0.25, choice, also)
    assert verdict.honest_score.value == pytest.approx(expected.value)
    without = bbc_cv(out_of_fold, ACCURACY, 0, 1000, 0.25, choice)
    assert verdict.honest_score.value < without.value
