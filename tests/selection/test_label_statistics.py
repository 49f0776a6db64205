"""Several labels an image through the statistics: against plain loops and scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as reference

from bioselect.metrics.base import ChosenMetric, evaluate, get_metric
from bioselect.metrics.builtin import LABEL_SETS, OF_TARGETS
from bioselect.metrics.intervals import widened_if_perfect
from bioselect.registry import ComponentSpec
from bioselect.selection.grouped import effective_groups
from bioselect.selection.honest import bbc_cv, choose_and_score, guessing_score
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.per_label import LABEL_METRICS, label_scores, label_values
from bioselect.selection.resampled_areas import PairScorer, RankScorer
from bioselect.selection.resampled_scores import choose_scorer, evaluate_if_defined

N_IMAGES, N_LABELS, N_REPEATS = 40, 3, 2


def metric_of(name, **params):
    return get_metric(ChosenMetric(ComponentSpec.of(name, params), ("a", "b", "c"), True))


def predictions(n_candidates=4, seed=0, signal=0.3):
    random = np.random.default_rng(seed)
    labels = (random.random((N_IMAGES, N_LABELS)) < [0.5, 0.3, 0.6]).astype(np.int8)
    shape = (n_candidates, N_REPEATS, N_IMAGES, N_LABELS)
    tables = np.clip((1 - signal) * random.random(shape) + signal * labels, 0, 1).round(2)
    folds = np.stack([random.permutation(N_IMAGES) % 4 for _ in range(N_REPEATS)])
    return OutOfFold(tuple(tables), labels, np.arange(N_IMAGES), N_LABELS, folds)


def test_bbc_is_the_choice_repeated_in_plain_loops():
    out_of_fold, metric = predictions(), metric_of("f1_macro")
    scorer, draws = choose_scorer(out_of_fold, metric, 50)
    assert draws == 50
    random = np.random.default_rng(3)
    counts = np.stack([np.bincount(random.integers(0, 40, 40), minlength=40) for _ in range(50)])
    chosen, scores = choose_and_score(scorer, counts.astype(float), False)
    for row, candidate, score in zip(counts, chosen, scores, strict=True):
        drawn, rest = np.repeat(np.arange(40), row), np.flatnonzero(row == 0)

        def mean(places, index):
            labels = out_of_fold.class_indices[places]
            tables = out_of_fold.probabilities[index]
            macro = {"average": "macro", "zero_division": np.nan}
            return np.mean([reference.f1_score(labels, t[places] > 0.5, **macro) for t in tables])

        inside = [mean(drawn, index) for index in range(4)]
        assert inside[candidate] == pytest.approx(max(inside), abs=1e-12)
        assert score == pytest.approx(mean(rest, candidate), abs=1e-12)


@pytest.mark.parametrize("name", OF_TARGETS[LABEL_SETS])
def test_every_metric_has_all_draws(name):
    out_of_fold = predictions()
    estimate = bbc_cv(out_of_fold, metric_of(name), seed=1, n_draws=200)
    assert (estimate.n_draws, estimate.reduced) == (200, "")
    assert estimate.ci_low < estimate.value < estimate.ci_high


def test_a_draw_is_used_if_every_label_is_there_and_is_not():
    # The first label is on image 0 only: it is left out of about 1 / e of all draws.
    out_of_fold = predictions()
    out_of_fold.class_indices[:, 0] = 0
    out_of_fold.class_indices[0, 0] = 1
    estimate = bbc_cv(out_of_fold, metric_of("hamming_loss"), seed=1, n_draws=200)
    assert estimate.n_draws == 200
    assert 200 < estimate.n_skipped < 600  # 200 * (e - 1) = 344 are expected


def test_areas_compare_images_of_one_model_only():
    out_of_fold = predictions(2)
    once = np.ones((1, N_IMAGES))
    pairs = PairScorer(out_of_fold).score_all(once)
    np.testing.assert_allclose(RankScorer(out_of_fold).score_all(once), pairs, atol=1e-12)
    labels, folds = out_of_fold.class_indices, out_of_fold.folds
    for candidate, tables in enumerate(out_of_fold.probabilities):
        areas = []
        for place in range(N_LABELS):
            right = compared = 0.0
            for table, fold in zip(tables, folds, strict=True):
                for i in np.flatnonzero(labels[:, place] == 1):
                    for j in np.flatnonzero(labels[:, place] == 0):
                        if fold[i] == fold[j]:
                            lead = table[i, place] - table[j, place]
                            right += 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0
                            compared += 1
            areas.append(right / compared)
        assert pairs[0, candidate] == pytest.approx(np.mean(areas), abs=1e-12)


def test_guessing_is_the_best_that_the_same_labels_can_do():
    # 10 of 20 images have the first label, 5 the second. To give all images both labels has the
    # F1 2/3 and 2 * 5 / 25 = 0.4; no image any has 0 for both.
    labels = np.zeros((20, 2), dtype=int)
    labels[:10, 0] = labels[:5, 1] = 1
    assert guessing_score(metric_of("f1_macro"), labels, 2) == pytest.approx((2 / 3 + 0.4) / 2)
    # Wrong answers: with no labels 15 of 40, with both 25.
    assert guessing_score(metric_of("hamming_loss"), labels, 2) == pytest.approx(15 / 40)
    assert guessing_score(metric_of("roc_auc"), labels, 2) == 0.5


def test_no_answers_without_a_look_beat_guessing():
    random = np.random.default_rng(0)
    labels = (random.random((4000, 2)) < [0.5, 0.2]).astype(int)
    chance = guessing_score(metric_of("f1_macro"), labels, 2)
    for share in (0.1, 0.5, 0.9):
        table = (random.random(labels.shape) < share).astype(float)
        assert evaluate(metric_of("f1_macro"), labels, table) < chance


def test_groups_count_as_those_of_the_rarest_label():
    units = np.repeat(np.arange(20), 3)
    common = np.tile([0, 1], 30)
    rare = np.isin(units, [0, 1, 2]).astype(int)
    alone = [effective_groups(column, units) for column in (common, rare)]
    both = effective_groups(np.stack([common, rare], axis=1), units)
    assert both == min(alone) == alone[1] < alone[0]


def test_the_interval_of_perfect_labels_is_as_wide_as_the_rarest_makes_it():
    labels = np.zeros((100, 2), dtype=int)
    labels[:50, 0] = labels[:10, 1] = 1
    units = np.arange(100)
    # 2 labels, the rarest on 10 units: 0.05 ** (1 / 20).
    low, _ = widened_if_perfect(1.0, 1.0, metric_of("f1_macro"), labels, units)
    assert low == pytest.approx(0.05 ** (1 / 20))
    low, _ = widened_if_perfect(1.0, 1.0, metric_of("subset_accuracy"), labels, units)
    assert low == pytest.approx(0.05 ** (1 / 100))


def test_each_label_is_scored_as_scikit_learn_does():
    out_of_fold = predictions(1)
    labels, folds = out_of_fold.class_indices, out_of_fold.folds
    (tables,) = out_of_fold.probabilities
    values = label_values(tables, labels, folds)
    assert tuple(values) == LABEL_METRICS
    for repeat, (table, fold) in enumerate(zip(tables, folds, strict=True)):
        for place in range(N_LABELS):
            y, p = labels[:, place], table[:, place]
            for name in ("precision", "recall", "f1"):
                expected = getattr(reference, f"{name}_score")(y, p > 0.5)
                assert values[name][repeat, place] == pytest.approx(expected, abs=1e-12)
            for name in ("roc_auc", "average_precision"):
                function = getattr(reference, f"{name}_score")
                # Folds where all images have the label, or none, have no curve.
                judged = [n for n in range(4) if 0 < y[fold == n].mean() < 1]
                of_folds = [function(y[fold == n], p[fold == n]) for n in judged]
                assert values[name][repeat, place] == pytest.approx(np.mean(of_folds), abs=1e-12)
    rows = list(label_scores(tables, labels, ("a", "b", "c"), folds))
    assert [row.metric for row in rows[:5]] == list(LABEL_METRICS)
    assert [row.n_images for row in rows[::5]] == labels.sum(axis=0).tolist()
    assert rows[2].mean == pytest.approx(values["f1"][:, 0].mean())


def test_somebodys_own_metric_of_labels_may_do_without_the_form_for_many_draws():
    from dataclasses import replace

    out_of_fold = predictions()
    own = replace(metric_of("hamming_loss"), name="own", weighted=None)
    slow = bbc_cv(out_of_fold, own, seed=1, n_draws=30)
    quick = bbc_cv(out_of_fold, metric_of("hamming_loss"), seed=1, n_draws=30)
    assert slow.value == pytest.approx(quick.value, abs=1e-12)
    assert np.isnan(
        evaluate_if_defined(metric_of("roc_auc"), np.zeros((3, 3), int), np.ones((3, 3)))
    )


@pytest.mark.parametrize("multilabel", ["binary_relevance", "chain"])
def test_a_label_that_a_fold_cannot_learn_kills_nothing(tmp_path, multilabel):
    from bioselect.data.splitting import Fold, SplitPlan
    from bioselect.features.learning import Features
    from bioselect.progress import SILENT
    from bioselect.selection.candidates import Candidate
    from bioselect.selection.cross_validation import Problem, cross_validate
    from bioselect.selection.journal import Journal

    random = np.random.default_rng(0)
    labels = np.stack([np.arange(30) % 2, np.arange(30) < 15], axis=1).astype(np.int8)
    folds = (
        Fold(0, 0, np.arange(15, 30), np.arange(15)),  # No training image has the second label.
        Fold(0, 1, np.arange(15), np.arange(15, 30)),  # All have it.
    )
    plan = SplitPlan(folds, 2, 1, 0, "by hand")
    chosen = ChosenMetric(ComponentSpec("f1_macro"), ("a", "b"), True)
    problem = Problem(labels, 2, np.arange(30), plan, chosen, seed=0)
    rows = random.normal(size=(30, 4)) + labels[:, :1]
    spec = ComponentSpec.of(
        "svm", {"multilabel": "chain"} if multilabel == "chain" else {}, {"C": [0.1, 10.0]}
    )
    candidate = Candidate(ComponentSpec("drawn"), spec)
    with Journal(tmp_path / "journal") as journal:
        features = Features(ComponentSpec("drawn"), rows)
        found = cross_validate(problem, features, "x", [candidate], journal, SILENT, 1)
        again = cross_validate(problem, features, "x", [candidate], journal, SILENT, 1)
    assert [one.error for one in found] == ["", ""]
    assert (found[0].probabilities[:, 1] == 0).all()
    assert (found[1].probabilities[:, 1] == 1).all()
    assert found[0].probabilities[:, 0].std() > 0
    for one, same in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.probabilities, same.probabilities)


@pytest.mark.parametrize("method", ["temperature", "sigmoid", "isotonic"])
def test_one_calibration_for_the_answers_to_all_labels(method):
    from bioselect.estimators.calibration_fit import fit_calibration
    from bioselect.selection.calibrating import calibrate
    from bioselect.selection.calibration_words import reliability_words

    # Far too sure: of what is said with 98 % seven of ten are right.
    random = np.random.default_rng(0)
    labels = (random.random((200, 3)) < [0.5, 0.2, 0.4]).astype(np.int8)
    said = np.where(random.random(labels.shape) < 0.7, labels, 1 - labels)
    table = np.clip(said + random.normal(0, 0.01, said.shape), 0.01, 0.99)
    out_of_fold = OutOfFold((table[None],), labels, np.arange(200), 3)
    found = calibrate(out_of_fold, 0, method, seed=0)
    assert found.of_labels
    assert found.before.right == pytest.approx(np.mean((table > 0.5) == labels))
    assert found.after.log_loss < 0.7 * found.before.log_loss
    flat = np.stack([1 - table.ravel(), table.ravel()], axis=1)
    by_hand = fit_calibration(method, flat, labels.ravel(), np.ones(600))
    assert found.calibration == by_hand
    calibrated = found.calibration.applied_to_labels(table)
    # No label is said that was not, and none is lost, even where the curve crosses one half.
    np.testing.assert_array_equal(calibrated > 0.5, table > 0.5)
    assert np.abs(np.maximum(calibrated, 1 - calibrated).mean() - 0.7) < 0.05
    words = reliability_words(found, "hog + lda")
    assert "it gave its answers, whether an image has a label or not, 99 % on average" in words
    assert "Calibration changes no predicted label" in words


def test_calibration_leaves_the_labels_as_they_are_said():
    from bioselect.estimators.calibration import Calibration

    upwards = Calibration("isotonic", knots=(((0.0, 1.0), (0.6, 0.9)),))
    table = np.array([[0.2, 0.5], [0.51, 0.9]])
    assert upwards.applied_to_labels(table).tolist()[0] == [0.5, 0.5]
    assert (upwards.applied_to_labels(table)[1] > 0.7).all()
    downwards = Calibration("isotonic", knots=(((0.0, 1.0), (0.1, 0.4)),))
    assert ((downwards.applied_to_labels(table) > 0.5) == (table > 0.5)).all()


def test_of_random_splits_only_what_was_tested_counts():
    out_of_fold = predictions(1)
    labels, (tables,) = out_of_fold.class_indices, out_of_fold.probabilities
    tested = np.arange(N_IMAGES) % 3 == 0
    tables[:, ~tested] = np.nan
    folds = np.tile(np.where(tested, 0, -1), (N_REPEATS, 1))
    values = label_values(tables, labels, folds)
    alone = label_values(tables[:, tested], labels[tested], None)
    for name in LABEL_METRICS:
        np.testing.assert_array_equal(values[name], alone[name])
    rows = list(label_scores(tables, labels, ("a", "b", "c"), folds))
    assert [row.n_images for row in rows[::5]] == labels[tested].sum(axis=0).tolist()
