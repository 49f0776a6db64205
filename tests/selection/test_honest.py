"""The honest score: published algorithm by hand, scikit-learn's metrics, loops in plain Python."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.metrics.builtin import CLASSES, METRICS
from bioselect.registry import ComponentSpec
from bioselect.selection import resampled_scores
from bioselect.selection.honest import bbc_cv, choose_and_score, guessing_score
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.resampled_areas import PairScorer, RankScorer
from bioselect.selection.resampled_scores import (
    CorrectnessScorer,
    GeneralScorer,
    WeightedScorer,
    affordable,
    choose_scorer,
)


@dataclass(frozen=True)
class MetricOf:
    name: str
    function: Any
    response: str = "labels"
    direction: str = "higher"
    bounds: tuple[float, float] = (0.0, 1.0)
    weighted: Any = None

    takes_values = takes_masks = False
    unit, unit_power = "", 0

    @property
    def in_words(self):
        return self.name.replace("_", " ")


ACCURACY = MetricOf("accuracy", lambda y, r, k: float(np.mean(y == r)))
BALANCED = MetricOf("balanced_accuracy", lambda y, r, k: balanced_accuracy_score(y, r))
F1 = MetricOf("f1_macro", lambda y, r, k: f1_score(y, r, average="macro"))
LOG_LOSS = MetricOf(
    "log_loss",
    lambda y, r, k: float(-np.mean(np.log(r[np.arange(len(y)), y]))),
    "probabilities",
    "lower",
    (0, np.inf),
)


def area(y, probabilities, n_classes):
    if n_classes == 2:
        return roc_auc_score(y, probabilities[:, 1])
    return roc_auc_score(y, probabilities, multi_class="ovr")


ROC_AUC = MetricOf("roc_auc", area, "probabilities")

# Rows are 12 images, columns 4 candidates, 1 = classified rightly; 8 bootstraps. The algorithm of
# Tsamardinos and others (2018) done by a loop over them: chosen 1 1 2 1 2 2 1 1, scores below.
CORRECT = """
    1 1 1 0  0 1 1 1  1 1 0 1  0 1 1 1  1 0 1 0  1 1 0 1
    0 1 1 1  1 1 1 1  1 1 1 0  0 1 1 1  0 0 1 0  0 1 1 1
"""
BOOTSTRAPS = """
    0 6 3 5 5 8 9 3 3 11 9 3
    6 11 11 0 9 7 5 5 8 7 9 8
    1 10 6 3 8 0 4 10 10 10 1 9
    6 2 2 2 0 7 3 6 11 8 7 1
    11 10 7 11 9 1 0 4 11 4 10 2
    7 8 7 9 8 4 0 4 11 1 8 6
    5 2 6 9 3 0 7 4 5 7 2 10
    3 11 5 0 7 5 4 7 10 1 8 6
"""


def out_of_fold(n_images=60, n_candidates=4, n_classes=3, n_repeats=3, strength=0.0, seed=0):
    generator = np.random.default_rng(seed)
    truth = np.arange(n_images) % n_classes
    tables = generator.random((n_candidates, n_repeats, n_images, n_classes))
    tables += strength * np.eye(n_classes)[truth]
    tables /= tables.sum(axis=3, keepdims=True)
    folds = np.stack([generator.permutation(np.arange(n_images) % 5) for _ in range(n_repeats)])
    return OutOfFold(tuple(tables), truth, np.arange(n_images), n_classes, folds)


def multiplicities(n_images, n_draws=20, seed=5):
    picked = np.random.default_rng(seed).integers(0, n_images, (n_draws, n_images))
    return np.stack([np.bincount(row, minlength=n_images) for row in picked]).astype(float)


def test_the_published_algorithm_on_explicit_bootstraps():
    correct = np.array(CORRECT.split(), dtype=float).reshape(12, 4)
    drawn = np.array(BOOTSTRAPS.split(), dtype=int).reshape(8, 12)
    counts = np.stack([np.bincount(row, minlength=12) for row in drawn]).astype(float)
    scorer = CorrectnessScorer(correct, 1, np.zeros(12, dtype=int), by_class=False)
    chosen, scores = choose_and_score(scorer, counts, lower_is_better=False)
    assert chosen.tolist() == [1, 1, 2, 1, 2, 2, 1, 1]
    assert scores == pytest.approx([0.6, 0.6, 0.5, 0.5, 0.75, 0.5, 1.0, 1.0], abs=1e-12)
    assert scores.mean() == pytest.approx(0.68125, abs=1e-9)


@pytest.mark.parametrize("metric", [ACCURACY, BALANCED, F1], ids=lambda metric: metric.name)
def test_label_metrics_are_those_of_scikit_learn_on_repeated_images(metric):
    data = out_of_fold(strength=0.2)
    counts = multiplicities(60)
    scorer = choose_scorer(data, metric, 1000)[0]
    got = scorer.score_all(counts)
    for row, candidate in [(0, 0), (7, 2), (19, 3)]:
        indices = np.repeat(np.arange(60), counts[row].astype(int))
        expected = np.mean(
            [
                metric.function(
                    data.class_indices[indices], table[indices].argmax(axis=1), data.n_classes
                )
                for table in data.probabilities[candidate]
            ]
        )
        assert got[row, candidate] == pytest.approx(expected, abs=1e-12)
    chosen = np.arange(20) % 4
    assert scorer.score_chosen(counts, chosen) == pytest.approx(got[np.arange(20), chosen])


def test_accuracies_take_the_fast_way_and_other_metrics_do_not():
    data = out_of_fold()
    assert isinstance(choose_scorer(data, BALANCED, 1000)[0], CorrectnessScorer)
    assert isinstance(choose_scorer(data, ROC_AUC, 1000)[0], PairScorer)
    assert isinstance(choose_scorer(data, get_metric("f1_macro"), 1000)[0], WeightedScorer)
    assert isinstance(choose_scorer(data, F1, 1000)[0], GeneralScorer)


PARAMS = {name: {"positive": "b"} for name in ("precision", "recall", "f1")}
PARAMS["sensitivity_at_specificity"] = {"positive": "b", "specificity": 0.7}


OF_CLASSES = sorted(row.name for row in METRICS.values() if CLASSES in row.takes)


@pytest.mark.parametrize("name", [name for name in OF_CLASSES if name != "roc_auc"])
def test_every_built_in_metric_gets_all_draws_with_the_values_of_the_general_way(name):
    # Unsorted classes, one of them rare: many draws lack it.
    data = out_of_fold(n_images=40, n_candidates=3, strength=0.3)
    truth = np.where(data.class_indices == 2, 0, data.class_indices)
    truth[[7, 31]] = 2
    data = OutOfFold(data.probabilities, truth, data.units, 3, data.folds)
    metric = get_metric(ChosenMetric(ComponentSpec.of(name, PARAMS.get(name)), ("a", "b", "c")))
    scorer, n_draws = choose_scorer(data, metric, 1000)
    assert n_draws == 1000
    assert not isinstance(scorer, GeneralScorer)
    counts, general = multiplicities(40), GeneralScorer(data, metric, 3)
    counts[:4, [7, 31]] = 0  # Draws that lack a class ...
    counts[4, truth != 1] = 0  # ... and one that lacks all but one.
    np.testing.assert_allclose(
        scorer.score_all(counts), general.score_all(counts), rtol=0, atol=1e-12
    )
    chosen = np.arange(20) % 3
    np.testing.assert_allclose(
        scorer.score_chosen(counts, chosen),
        general.score_chosen(counts, chosen),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize("name", ["f1_macro", "brier", "average_precision"])
def test_in_how_many_parts_the_draws_are_evaluated_changes_nothing(name, monkeypatch):
    data, counts = out_of_fold(n_images=40, n_candidates=3), multiplicities(40)
    whole = WeightedScorer(data, get_metric(name)).score_all(counts)
    monkeypatch.setattr(resampled_scores, "PART_CELLS", 1)
    monkeypatch.setattr(resampled_scores, "PART_DRAWS", 3)
    parts = WeightedScorer(data, get_metric(name)).score_all(counts)
    np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-15)


def test_a_metric_without_a_value_in_one_repeat_has_none_in_the_draw():
    # Kappa of images that are all of one class, and predicted so in the first repeat only.
    table = np.eye(2)[[[0, 0, 0, 1], [0, 1, 0, 1]]].astype(float)
    data = OutOfFold((table,), np.array([0, 0, 0, 1]), np.arange(4), 2)
    draws = np.array([[2.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    scorer = WeightedScorer(data, get_metric("cohen_kappa"))
    # All four once: perfect, then 3 of 4 right with 2 of 4 by chance: (1 + 1/2) / 2.
    np.testing.assert_allclose(scorer.score_all(draws), [[np.nan], [0.75]])


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("with_folds", [True, False])
def test_many_images_are_ranked_with_the_same_areas_as_pairs(n_classes, with_folds, monkeypatch):
    data = out_of_fold(n_classes=n_classes, strength=0.1)
    tables = tuple(np.round(table, 1) for table in data.probabilities)
    folds = data.folds if with_folds else None
    data = OutOfFold(tables, data.class_indices, data.units, n_classes, folds)
    counts, chosen = multiplicities(60), np.arange(20) % 4
    pairs = choose_scorer(data, ROC_AUC, 1000)[0]
    monkeypatch.setattr(resampled_scores, "MAXIMUM_PAIRS", 10)
    ranks, n_draws = choose_scorer(data, ROC_AUC, 1000)
    assert isinstance(ranks, RankScorer)
    assert n_draws == 1000
    # Sums of whole numbers: the same to the last bit.
    np.testing.assert_array_equal(ranks.score_all(counts), pairs.score_all(counts))
    np.testing.assert_array_equal(
        ranks.score_chosen(counts, chosen), pairs.score_chosen(counts, chosen)
    )


def test_nothing_is_reduced_without_saying_so():
    data = out_of_fold(n_images=30, n_candidates=2, n_repeats=3)
    whole = bbc_cv(data, get_metric("f1_macro"), seed=0, n_draws=300)
    assert (whole.n_draws, whole.n_repeats, whole.reduced) == (300, 3, "")


def test_a_metric_of_somebody_else_gets_what_there_is_time_for_and_says_so(monkeypatch):
    data = out_of_fold(n_images=30, n_candidates=2, n_repeats=3)
    monkeypatch.setitem(resampled_scores.EVALUATIONS, "labels", 800)
    # 200 draws, the least, of 2 candidates: 800 / 400 = 2 repeats.
    few = bbc_cv(data, MetricOf("mine", ACCURACY.function), seed=0, n_draws=300)
    assert (few.n_draws, few.n_repeats) == (200, 2)
    assert few.reduced == (
        "it was computed from 200 random draws and 2 repeats instead of 300 random draws and 3 "
        "repeats, because this metric has no form for many draws at once"
    )


def test_draws_without_a_score_are_told():
    # Two units, each of one class. The image of the second is predicted rightly: left out alone, it
    # has no kappa. Of the first half is wrong: kappa 0.
    truth, units = np.array([0] * 20 + [1]), np.array([0] * 20 + [1])
    table = np.eye(2)[np.array([0, 1] * 10 + [1])][None]
    estimate = bbc_cv(OutOfFold((table,), truth, units, 2), get_metric("cohen_kappa"), 0, 200)
    assert 0 < estimate.n_draws < 200
    assert (estimate.value, estimate.ci_high) == (0.0, 0.0)
    assert estimate.reduced == (
        f"{200 - estimate.n_draws} of 200 random draws have no score, because some class is in too "
        "few images or groups"
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_roc_auc_of_one_fold_is_scikit_learns(n_classes):
    data = out_of_fold(n_classes=n_classes, n_repeats=1, strength=0.1)
    # Ties, which count half:
    tables = tuple(np.round(table, 1) for table in data.probabilities)
    tables = tuple(table / table.sum(axis=2, keepdims=True) for table in tables)
    whole = OutOfFold(tables, data.class_indices, data.units, n_classes, np.zeros((1, 60)))
    counts = multiplicities(60, 5)
    got = PairScorer(whole).score_all(counts)
    for row in range(5):
        indices = np.repeat(np.arange(60), counts[row].astype(int))
        expected = area(data.class_indices[indices], tables[2][0][indices], n_classes)
        assert got[row, 2] == pytest.approx(expected, abs=1e-12)


def test_roc_auc_never_compares_images_of_two_folds():
    # In each fold the order is perfect, but the second model's probabilities are all higher, so
    # pooling the folds would give 12 of 16 pairs: the 4 wrong ones stand across the folds.
    first = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    truth = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    table = np.stack([1 - first, first], axis=1)[None]
    folds = np.array([[0, 0, 0, 0, 1, 1, 1, 1]])
    kept = OutOfFold((table,), truth, np.arange(8), 2, folds)
    pooled = OutOfFold((table,), truth, np.arange(8), 2)
    once = np.ones((1, 8))
    assert PairScorer(kept).score_all(once)[0, 0] == 1.0
    assert PairScorer(pooled).score_all(once)[0, 0] == 12 / 16


def test_one_candidate_has_nothing_to_correct():
    # Without a choice the left-out images score, on average, what all images do.
    data = out_of_fold(n_images=120, n_candidates=1, strength=0.3)
    naive = np.mean(data.probabilities[0].argmax(axis=2) == data.class_indices)
    assert bbc_cv(data, ACCURACY, seed=1).value == pytest.approx(naive, abs=0.01)


@pytest.mark.parametrize("metric", [ACCURACY, BALANCED, F1, ROC_AUC], ids=lambda m: m.name)
def test_no_sample_shows_that_errors_are_impossible(metric):
    # Everything is right, 3 classes of 20 images: the rule of three, 1 - 3 / 60, on every scale.
    data = out_of_fold(n_images=60, n_candidates=3, strength=1000.0)
    estimate = bbc_cv(data, metric, seed=0, n_draws=50)
    assert (estimate.value, estimate.ci_high) == (1.0, 1.0)
    assert estimate.ci_low == pytest.approx(0.05 ** (1 / 60)) == pytest.approx(1 - 3 / 60, abs=2e-3)


def test_noise_scores_as_chance_and_not_as_the_best_of_many():
    # 40 candidates that guess among 2 classes: the best reaches well above 0.5 by luck alone.
    data = out_of_fold(n_images=60, n_candidates=40, n_classes=2, n_repeats=1)
    correct = [np.mean(t.argmax(axis=2) == data.class_indices) for t in data.probabilities]
    estimate = bbc_cv(data, BALANCED, seed=0)
    assert max(correct) > 0.6
    assert estimate.value == pytest.approx(0.5, abs=0.06)
    assert estimate.ci_low < 0.5 < estimate.ci_high
    assert estimate.n_draws == 1000


@pytest.mark.parametrize("metric", [BALANCED, ROC_AUC, LOG_LOSS], ids=lambda metric: metric.name)
def test_the_same_seed_gives_the_same_and_another_does_not(metric):
    data = out_of_fold(n_images=30, n_repeats=1)
    assert bbc_cv(data, metric, 3, n_draws=60) == bbc_cv(data, metric, 3, n_draws=60)
    assert bbc_cv(data, metric, 3, n_draws=60) != bbc_cv(data, metric, 4, n_draws=60)


def test_lower_is_better_chooses_the_lowest():
    good = out_of_fold(n_images=40, n_candidates=1, strength=2.0)
    bad = out_of_fold(n_images=40, n_candidates=2, seed=9)
    both = OutOfFold(
        (*bad.probabilities, *good.probabilities), good.class_indices, good.units, 3, good.folds
    )
    counts = multiplicities(40)
    scorer = GeneralScorer(both, LOG_LOSS, 3)
    assert set(choose_and_score(scorer, counts, lower_is_better=True)[0]) == {2}
    alone = bbc_cv(good, LOG_LOSS, 0, n_draws=50).value
    assert bbc_cv(both, LOG_LOSS, 0, n_draws=50).value == pytest.approx(alone)


def test_whole_units_are_drawn():
    # 4 units of 15 images; the candidate is right on one unit only. A draw leaves out 1, 2 or 3
    # units, so a left-out score is 0, 1/3, 1/2 or 1 and nothing between.
    truth = np.zeros(60, dtype=int)
    units = np.repeat([7, 3, 5, 1], 15)
    table = np.zeros((1, 60, 2))
    table[0, :, 0] = units == 5
    table[0, :, 1] = units != 5
    estimate = bbc_cv(OutOfFold((table,), truth, units, 2), ACCURACY, seed=0)
    by_image = bbc_cv(OutOfFold((table,), truth, np.arange(60), 2), ACCURACY, seed=0)
    assert (estimate.ci_low, estimate.ci_high) == (0.0, 1.0)
    assert by_image.ci_high < 0.6


def test_draws_that_leave_out_no_image_of_a_class_are_replaced_and_counted():
    # One class has 3 images; none of them is left out in a share of the draws that is
    # 1 - P(at least one left out); by simulation in plain Python:
    truth = np.array([0] * 20 + [1] * 3)
    generator = np.random.default_rng(11)
    lacking = 0
    for _ in range(4000):
        drawn = set(generator.integers(0, 23, 23).tolist())
        lacking += {20, 21, 22} <= drawn
    share = lacking / 4000
    data = out_of_fold(n_images=23, n_candidates=2, n_classes=2, n_repeats=1)
    estimate = bbc_cv(OutOfFold(data.probabilities, truth, data.units, 2), BALANCED, seed=2)
    assert estimate.n_draws == 1000
    assert estimate.n_skipped / (1000 + estimate.n_skipped) == pytest.approx(share, abs=0.04)


def test_classes_of_one_unit_each_still_give_an_estimate():
    # Every class lies in one patient: no draw can leave out all classes and hold all of them.
    truth = np.repeat(np.arange(6), 4)
    data = out_of_fold(n_images=24, n_candidates=2, n_classes=6, n_repeats=1, strength=0.5)
    for metric in (BALANCED, F1, ROC_AUC):
        estimate = bbc_cv(OutOfFold(data.probabilities, truth, truth, 6), metric, 0, n_draws=200)
        assert 0 <= estimate.ci_low <= estimate.value <= estimate.ci_high <= 1


def test_a_single_unit_gives_no_estimate_but_no_error():
    data = out_of_fold(n_images=10, n_candidates=2, n_classes=2, n_repeats=1)
    one = OutOfFold(data.probabilities, data.class_indices, np.zeros(10, dtype=int), 2)
    estimate = bbc_cv(one, BALANCED, seed=0)
    assert (estimate.value, estimate.ci_low, estimate.n_draws) == (None, None, 0)


def test_the_general_way_is_bounded():
    # 48 candidates x 10 repeats: 416 draws x 480 = 199,680 evaluations of labels; of
    # probabilities 200 draws (the least) x 6 repeats x 48 = 57,600.
    assert affordable("labels", 48, 10, 1000) == (416, 10)
    assert affordable("probabilities", 48, 10, 1000) == (200, 6)
    assert affordable("probabilities", 1000, 10, 1000) == (200, 1)
    assert affordable("labels", 3, 1, 1000) == (1000, 1)
    assert affordable("labels", 3, 1, 50) == (50, 1)


def test_candidates_without_predictions_are_refused():
    data = out_of_fold(n_candidates=2)
    broken = OutOfFold((data.probabilities[0], None), data.class_indices, data.units, 3)
    with pytest.raises(ValueError, match="left out first"):
        bbc_cv(broken, ACCURACY, seed=0)


def test_guessing_scores():
    # 30 of 40 images are of class 0; guessing it is right for 0.75 of the images and one class.
    truth = np.array([0] * 30 + [1] * 10)
    assert guessing_score(ACCURACY, truth, 2) == 0.75
    assert guessing_score(BALANCED, truth, 2) == 0.5
    assert guessing_score(ROC_AUC, truth, 2) == 0.5
    # Entropy of (3/4, 1/4).
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert guessing_score(LOG_LOSS, truth, 2) == pytest.approx(entropy)
    undefined = MetricOf("odd", lambda y, r, k: np.nan)
    assert guessing_score(undefined, truth, 2) is None


@pytest.mark.parametrize(("metric", "sign"), [(ACCURACY, 1), (LOG_LOSS, -1)])
def test_what_shared_training_images_flatter_is_taken_off(metric, sign):
    generator = np.random.default_rng(2)
    truth = np.arange(40) % 2
    tables = tuple(generator.dirichlet([1, 1], (2, 40)) for _ in range(5))
    data = OutOfFold(tables, truth, np.arange(40), 2)
    plain = bbc_cv(data, metric, seed=0, n_draws=200)
    moved = bbc_cv(data, metric, seed=0, n_draws=200, shared_training=0.25)
    everybody = [np.mean([metric.function(truth, response(metric, one), 2) for one in table])
                 for table in tables]  # fmt: skip
    flattery = (max if sign > 0 else min)(everybody) - plain.value
    assert sign * flattery > 0.01
    assert moved.value == pytest.approx(plain.value - 0.25 * flattery)
    assert moved.ci_low == pytest.approx(plain.ci_low - 0.25 * flattery)
    assert moved.ci_high == pytest.approx(plain.ci_high - 0.25 * flattery)


@pytest.mark.parametrize(("metric", "sign"), [(ACCURACY, 1), (LOG_LOSS, -1)])
def test_of_signal_it_is_taken_off_as_far_as_guessing_does_as_well(metric, sign):
    generator = np.random.default_rng(2)
    truth = np.arange(40) % 2
    tables = tuple(generator.dirichlet([1, 1], (2, 40)) for _ in range(5))
    data = OutOfFold(tables, truth, np.arange(40), 2)
    seen = []

    def choose(*arguments):
        seen.append(choose_and_score(*arguments)[1])
        return choose_and_score(*arguments)

    whole = bbc_cv(data, metric, seed=0, n_draws=200, shared_training=0.25, choose=choose)
    plain = bbc_cv(data, metric, seed=0, n_draws=200)
    scores = np.concatenate(seen)
    ideal = 1.0 if sign > 0 else 0.0
    weights = []
    for chance in (float(np.quantile(scores, 0.5 - 0.3 * sign)), float(np.median(scores)), ideal):
        part = bbc_cv(data, metric, 0, 200, shared_training=0.25, chance=chance)
        weights.append(min(1.0, 2 * np.mean(sign * scores <= sign * chance)))
        moved = plain.value + weights[-1] * (whole.value - plain.value)
        assert part.value == pytest.approx(moved)
        assert part.ci_low - plain.ci_low == pytest.approx(part.value - plain.value)
    assert 0.3 < weights[0] < 0.5
    assert weights[1:] == [1.0, 1.0]


def response(metric, table):
    return table.argmax(axis=1) if metric.response == "labels" else table


def test_nothing_is_taken_off_a_single_candidate_and_no_score_leaves_its_bounds():
    truth = np.arange(20) % 2
    right = np.eye(2)[truth][None]
    wrong = 1 - right
    alone = OutOfFold((right,), truth, np.arange(20), 2)
    assert bbc_cv(alone, ACCURACY, seed=0, shared_training=0.25).value == 1.0
    both = OutOfFold((wrong,), truth, np.arange(20), 2)
    found = bbc_cv(both, ACCURACY, seed=0, shared_training=0.25)
    assert (found.value, found.ci_low) == (0.0, 0.0)


def test_a_draw_in_which_nobody_has_a_score_chooses_nobody():
    # Both candidates are scored by ROC AUC. The first draw holds one class only: nobody has a
    # score, so the first candidate must not be scored as if it had been chosen.
    truth = np.array([0, 0, 1, 1])
    said = np.array([[0.9, 0.8, 0.1, 0.2], [0.1, 0.2, 0.8, 0.9]])
    tables = [np.stack([1 - one, one], axis=1)[None] for one in said]
    data = OutOfFold(tuple(tables), truth, np.arange(4), 2)
    draws = np.array([[2.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])
    scorer = choose_scorer(data, ROC_AUC, 2)[0]
    chosen, scores = choose_and_score(scorer, draws, lower_is_better=False)
    assert chosen[1] == 1
    np.testing.assert_array_equal(scores, [np.nan, 1.0])
    alone = choose_scorer(data.of([0]), ROC_AUC, 2)[0]
    # The only one is what is left without a choice: all pairs are the wrong way round.
    assert choose_and_score(alone, draws, lower_is_better=False)[1].tolist() == [0.0, 0.0]


def test_what_somebodys_own_metric_raises_costs_a_draw_and_not_the_study():
    # Share of right ones among those called 1, by plain numbers, which divide by zero loudly.
    def precision(y, response, n_classes):
        return int(((response == 1) & (y == 1)).sum()) / int((response == 1).sum())

    own = MetricOf("own_precision", precision)
    truth = np.array([0] * 12 + [1] * 3)
    table = np.eye(2)[truth][None]
    estimate = bbc_cv(OutOfFold((table,), truth, np.arange(15), 2), own, 0, 200)
    assert estimate.value == 1.0
    never = np.eye(2)[np.zeros(15, dtype=int)][None]
    nothing = bbc_cv(OutOfFold((never,), truth, np.arange(15), 2), own, 0, 200)
    assert (nothing.value, nothing.n_draws) == (None, 0)
    assert guessing_score(own, truth, 2) is None
