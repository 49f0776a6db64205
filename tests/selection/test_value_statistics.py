"""Numbers and their predictions through the statistics of a study, and in words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mean_absolute_error

from bioselect.data.random_splits import draw_splits
from bioselect.data.target_folds import draw_target_folds
from bioselect.metrics.base import evaluate, get_metric
from bioselect.metrics.builtin import OF_TARGETS, VALUES
from bioselect.selection.honest import bbc_cv, guessing_score
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.verdict import decide

N_IMAGES = 60
DUMMY = 9.0


def study(errors, name="mae", n_groups=None, n_splits=0, spread=1000.0, seed=0):
    """Return what `decide` takes, for regressors with these errors in standard deviations."""
    random = np.random.default_rng(seed)
    truth = 5000.0 + spread * random.normal(size=N_IMAGES)
    units = np.arange(N_IMAGES) % (n_groups or N_IMAGES)
    plan = draw_target_folds(truth, units, 5, 2, 0)
    if n_splits:
        plan = draw_splits(truth, units, n_splits, 0.33, 0)
    folds = np.full((plan.n_repeats, N_IMAGES), -1)
    for fold in plan.folds:
        folds[fold.repeat, fold.test] = fold.index
    metric, hard = get_metric(name), random.normal(size=N_IMAGES)
    tables, scores = [], []
    for error in errors:
        noise = 0.9 * hard + 0.4 * random.normal(size=(plan.n_repeats, N_IMAGES))
        found = truth + error * spread * noise if error < DUMMY else np.full_like(noise, 5000.0)
        table = np.where(folds >= 0, found, np.nan)[:, :, None]
        tables.append(table)
        scores.append(
            [evaluate(metric, truth[one.test], table[one.repeat, one.test]) for one in plan.folds]
        )
    entrants = [
        Entrant("", "dummy" if error == DUMMY else f"model{place}", is_baseline=error == DUMMY)
        for place, error in enumerate(errors)
    ]
    context = Context(
        (),
        plan.n_folds,
        plan.n_repeats,
        0,
        n_groups,
        rope=0.01 * float(truth.std()) if metric.unit_power == 1 else 0.01,
        test_to_train=0.5 if n_splits else None,
        n_valued=N_IMAGES,
        known="area from 2000 to 8000",
        noun="regressor",
        unit="um2",
    )
    out_of_fold = OutOfFold(tuple(tables), truth, units, 1, folds)
    return entrants, np.array(scores), out_of_fold, metric, context


def plain(verdict):
    return " ".join(verdict.in_words.split())


@pytest.mark.parametrize("name", OF_TARGETS[VALUES])
@pytest.mark.parametrize("design", [{}, {"n_groups": 15}, {"n_splits": 12}])
def test_every_metric_decides_every_design(name, design):
    verdict = decide(*study([0.5, 0.2, 0.9, DUMMY], name, **design))
    assert verdict.best.label == "model1"
    assert [row.role for row in verdict.ranking][-1] == "baseline"
    assert verdict.honest_score.n_draws == 1000
    words = plain(verdict)
    assert not re.search(r"\bclass|guess|label|point|combination|nan", words)
    assert ("um2" in words) == bool(get_metric(name).unit_power)


def test_errors_are_told_in_the_unit_of_the_target():
    words = plain(decide(*study([0.5, 0.2, DUMMY])))
    value = re.search(r"Expect mean absolute error of about (\d+) um2", words)
    assert value is not None
    assert 100 < int(value[1]) < 250
    assert re.search(r"always predicting the same number: \d{3} um2; lower is better", words)
    assert "differences up to 8.97 um2" in words


def test_who_is_no_better_than_one_number_is_not_recommended():
    words = plain(decide(*study([1.05, 1.0, DUMMY])))
    assert "is not shown to be better than always predicting the same number" in words
    assert "NOT SHOWN TO BE BETTER THAN ALWAYS PREDICTING THE SAME NUMBER" in words


def test_without_looking_one_number_is_predicted_the_mean_or_the_median():
    skewed = np.array([1.0, 1.0, 1.0, 1.0, 16.0])
    # The mean 4 is off by 3 four times and by 12; the median 1 by 15 once.
    assert guessing_score(get_metric("mae"), skewed, 1) == pytest.approx(3.0)
    assert guessing_score(get_metric("mse"), skewed, 1) == pytest.approx((4 * 9 + 144) / 5)
    assert guessing_score(get_metric("r2"), skewed, 1) == pytest.approx(0.0)
    assert guessing_score(get_metric("pearson"), skewed, 1) == 0.0


def test_pairs_are_compared_by_the_corrected_t_of_the_splits():
    entrants, scores, out_of_fold, metric, context = study([0.5, 0.45], n_splits=12)
    verdict = decide(entrants, scores, out_of_fold, metric, context)
    [row] = [row for row in verdict.comparisons if row.stage == 1]
    lead = scores[0] - scores[1]
    # Nadeau and Bengio: the variance times 1/12 + n_test/n_train, 11 degrees of freedom.
    t = lead.mean() / np.sqrt(lead.var(ddof=1) * (1 / 12 + 0.5))
    assert abs(row.t) == pytest.approx(abs(t))
    assert row.p == pytest.approx(2 * stats.t.sf(abs(t), 11))


def test_bbc_is_the_choice_repeated_in_plain_loops():
    _, _, out_of_fold, metric, _ = study([0.5, 0.5, 0.52])
    estimate = bbc_cv(out_of_fold, metric, seed=4, n_draws=60)
    random, scores = np.random.default_rng(4), []
    picked = random.integers(0, N_IMAGES, (60, N_IMAGES))
    tables = [table[:, :, 0] for table in out_of_fold.probabilities]

    def error(table, places):
        return np.mean(
            [mean_absolute_error(out_of_fold.class_indices[places], one[places]) for one in table]
        )

    for drawn in picked:
        rest = np.setdiff1d(np.arange(N_IMAGES), drawn)
        chosen = int(np.argmin([error(table, drawn) for table in tables]))
        scores.append(error(tables[chosen], rest))
    assert estimate.value == pytest.approx(np.mean(scores), rel=1e-9)


def test_units_of_the_target_change_no_decision():
    once = decide(*study([0.5, 0.45, 0.9, DUMMY]))
    entrants, scores, out_of_fold, metric, context = study([0.5, 0.45, 0.9, DUMMY])
    larger = replace(
        out_of_fold,
        probabilities=tuple(1024 * table for table in out_of_fold.probabilities),
        class_indices=1024 * out_of_fold.class_indices,
    )
    other = decide(
        entrants, 1024 * scores, larger, metric, replace(context, rope=1024 * context.rope)
    )
    assert [row.role for row in once.ranking] == [row.role for row in other.ranking]
    assert other.honest_score.value == pytest.approx(1024 * once.honest_score.value)
    for first, second in zip(once.comparisons, other.comparisons, strict=True):
        assert first.p == pytest.approx(second.p)
        assert first.words == second.words
