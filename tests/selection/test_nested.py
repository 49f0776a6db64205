"""Nested cross-validation: what each outer fold chose is what is scored there."""

from dataclasses import replace

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import pairings
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.honest import bbc_cv
from bioselect.selection.journal import Journal
from bioselect.selection.nested import NOBODY_LEFT, nested_estimate
from bioselect.selection.outcome import OutOfFold
from bioselect.workflows.nested_study import RepeatedChoice, draw_outer_folds, inner_scores

ACCURACY = get_metric("accuracy")
LOWER = replace(ACCURACY, direction="lower")
N = 40
TRUTH = np.arange(N) % 2
FOLDS = np.tile(np.arange(N) // 20, (2, 1))  # two folds of 20 images, in both repeats


def tables(*shares):
    """Return predictions right on these shares of the images of each fold."""
    made = []
    for in_first, in_second in shares:
        right = np.concatenate([np.arange(20) < 20 * in_first, np.arange(20) < 20 * in_second])
        guess = np.where(right, TRUTH, 1 - TRUTH)
        made.append(np.tile(np.eye(2)[guess], (2, 1, 1)))
    return OutOfFold(tuple(made), TRUTH, np.arange(N), 2, FOLDS)


def estimate(out_of_fold, inner, metric=ACCURACY):
    return nested_estimate(out_of_fold, np.array(inner, dtype=float), metric, seed=0)


def test_what_an_outer_fold_chose_is_scored_on_its_images():
    # The first candidate is right on all images of fold 0 and none of fold 1, the second the
    # other way round. Chosen where they are right they score 1, else 0.
    crossed = tables((1, 0), (0, 1))
    well = [[[0.9, 0.1], [0.9, 0.1]], [[0.2, 0.8], [0.2, 0.8]]]
    badly = [[[0.1, 0.9], [0.1, 0.9]], [[0.2, 0.8], [0.2, 0.8]]]
    assert estimate(crossed, well).value == 1.0
    assert estimate(crossed, badly).value == 0.0
    # By the first repeat well, by the second badly.
    mixed = [[[0.9, 0.1], [0.1, 0.9]], [[0.2, 0.8], [0.2, 0.8]]]
    assert estimate(crossed, mixed).value == pytest.approx(0.5)


def test_value_and_interval_are_those_of_one_candidate_with_these_predictions():
    both = tables((0.9, 0.6), (0.7, 0.8))
    found = estimate(both, [[[0.9, 0.1]], [[0.2, 0.8]]])
    stitched = tables((0.9, 0.8))
    alone = replace(stitched, probabilities=(stitched.probabilities[0][:1],))
    assert found == bbc_cv(alone, ACCURACY, 0)
    assert found.ci_low < found.value < found.ci_high


def test_every_repeat_has_its_own_predictions():
    # Right on everything in the first repeat and on nothing in the second.
    changing = tables((1, 1), (0, 0))
    table = np.stack([changing.probabilities[0][0], changing.probabilities[1][0]])
    alone = replace(changing, probabilities=(table,))
    assert estimate(alone, np.ones((1, 2, 2))).value == pytest.approx(0.5)


def test_lower_is_chosen_where_lower_is_better():
    crossed = tables((1, 0), (0, 1))
    inner = [[[0.9, 0.1]], [[0.2, 0.8]]]
    assert estimate(crossed, inner, LOWER).value == 0.0


def test_of_equal_ones_the_first_is_taken_and_failed_ones_never():
    crossed = tables((1, 1), (0, 0))
    assert estimate(crossed, [[[0.5, 0.5]], [[0.5, 0.5 + 1e-14]]]).value == 1.0
    nan = np.nan
    assert estimate(crossed, [[[0.1, 0.1]], [[nan, nan]]]).value == 1.0
    nothing = estimate(crossed, [[[0.1, nan]], [[0.1, nan]]])
    assert (nothing.value, nothing.ci_low, nothing.reduced) == (None, None, NOBODY_LEFT)


@pytest.mark.slow
def test_nested_and_bbc_agree_on_noise_and_on_signal(tmp_path):
    classifiers = [
        *[ComponentSpec.of("knn", {"n_neighbors": number}) for number in (1, 3, 9)],
        *[ComponentSpec(name) for name in ("naive_bayes", "nearest_centroid", "lda")],
    ]
    metric = get_metric("balanced_accuracy")
    found = {"noise": [], "signal": []}
    for name, shift in (("noise", 0.0), ("signal", 0.5)):
        for draw in range(12):
            random = np.random.default_rng([draw, int(shift * 10)])
            y = np.arange(60) % 2
            rows = (random.normal(size=(60, 6)) + shift * y[:, None]).astype(np.float32)
            found[name].append(
                three_scores(y, rows, classifiers, metric, tmp_path / f"{name}{draw}")
            )
    noise, signal = (np.array(found[name]).mean(axis=0) for name in ("noise", "signal"))
    # naive, bbc, nested: the best of six on noise seems better than 0.5, and is not.
    assert noise[0] > 0.53
    assert abs(noise[1] - 0.5) < 0.04
    assert abs(noise[2] - 0.5) < 0.04
    assert abs(noise[1] - noise[2]) < 0.03
    assert signal[0] > 0.65
    assert abs(signal[1] - signal[2]) < 0.03


def three_scores(y, rows, classifiers, metric, path):
    plan = draw_folds(y, np.arange(len(y)), 5, 2, 0)
    problem = Problem(y, 2, np.arange(len(y)), plan, metric.name, 0)
    features = Features(ComponentSpec("hog"), rows)
    candidates = pairings([features.spec], classifiers)
    outer = draw_outer_folds(y, problem.units, plan, metric)
    with Journal(path) as journal:
        results = cross_validate(problem, features, "d", candidates, journal, SILENT, 1)
        choice = RepeatedChoice(problem, outer, tuple(classifiers), metric)
        inner = inner_scores(choice, features, "d", journal, SILENT, 1)
    made = np.empty((len(candidates), 2, len(y), 2))
    folds = np.empty((2, len(y)), dtype=int)
    for result in results:
        fold = plan.folds[result.repeat * 5 + result.fold]
        made[candidates.index(result.candidate), result.repeat, fold.test] = result.probabilities
        folds[result.repeat, fold.test] = result.fold
    out_of_fold = OutOfFold(tuple(made), y, problem.units, 2, folds)
    table = np.array([inner[one] for one in candidates]).reshape(-1, 2, 5)
    naive = max((one.argmax(axis=2) == y).mean() for one in made)
    nested = nested_estimate(out_of_fold, table, metric, 0)
    return naive, bbc_cv(out_of_fold, metric, 0, 300).value, nested.value
