"""Regressors on the folds of a study: the numbers are those of scikit-learn run by hand."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from bioselect.data.target_folds import draw_target_folds
from bioselect.estimators.label_sets import create_for
from bioselect.exceptions import ComponentError
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import (
    Problem,
    array_digest,
    cross_validate,
    finished_folds,
)
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.scores import score_folds
from bioselect.selection.verdict import decide

EXTRACTOR = ComponentSpec("columns")
BY_HAND = {
    "linear": lambda seed: LinearRegression(),
    "ridge": lambda seed: make_pipeline(StandardScaler(), Ridge()),
    "random_forest": lambda seed: RandomForestRegressor(20, random_state=seed),
    "dummy": lambda seed: DummyRegressor(),
}


@pytest.fixture(scope="module")
def table():
    """The nuclear radius, and all other columns of the diagnostic Wisconsin set."""
    rows = load_breast_cancer().data
    return rows[:, 1:], rows[:, 0]


def problem_of(values, n_repeats=1, seed=0):
    units = np.arange(len(values))
    plan = draw_target_folds(values, units, 3, n_repeats, seed)
    return Problem(values, 1, units, plan, "mae", seed)


def candidates(*names):
    few = {"random_forest": {"n_estimators": 20}}
    return [Candidate(EXTRACTOR, ComponentSpec.of(name, few.get(name))) for name in names]


def run(problem, rows, some, folder, n_jobs=1):
    journal = Journal(folder / "journal")
    return cross_validate(problem, Features(EXTRACTOR, rows), "x", some, journal, SILENT, n_jobs)


def test_predictions_are_those_of_scikit_learn_by_hand_on_the_same_splits(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius)
    results = run(problem, rows, candidates(*BY_HAND), tmp_path)
    assert len(results) == len(BY_HAND) * 3
    for result in results:
        fold = problem.plan.folds[result.fold]
        model = BY_HAND[result.candidate.estimator.name](derived_seed(0, 0, result.fold))
        expected = model.fit(rows[fold.train], radius[fold.train]).predict(rows[fold.test])
        assert result.error == ""
        assert result.probabilities.shape == (len(fold.test), 1)
        np.testing.assert_allclose(result.probabilities[:, 0], expected, rtol=0, atol=1e-9)


def test_scores_are_those_of_scikit_learn(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius)
    results = run(problem, rows, candidates("ridge"), tmp_path)
    metrics = [get_metric(name) for name in ("mae", "rmse", "r2")]
    of_library = [mean_absolute_error, root_mean_squared_error, r2_score]
    for number, score in enumerate(score_folds(results, problem, metrics)):
        result = results[number // 3]
        truth = radius[problem.plan.folds[result.fold].test]
        expected = of_library[number % 3](truth, result.probabilities[:, 0])
        assert score.score == pytest.approx(expected, rel=1e-12)


def test_same_bits_for_any_number_of_processes_and_from_the_journal(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius[:120])
    some = candidates("linear", "ridge", "random_forest", "dummy")
    one = run(problem, rows[:120], some, tmp_path / "one")
    two = run(problem, rows[:120], some, tmp_path / "two", n_jobs=2)
    kept = finished_folds(
        problem, Features(EXTRACTOR, rows[:120]), "x", some, Journal(tmp_path / "one" / "journal")
    )
    assert len(one) == len(two) == len(kept) == 12
    for first, second, third in zip(one, two, kept, strict=True):
        assert first.probabilities.tobytes() == second.probabilities.tobytes()
        assert first.probabilities.tobytes() == third.probabilities.tobytes()


def test_what_was_kept_is_of_these_very_values(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius[:60])
    some = candidates("ridge")
    run(problem, rows[:60], some, tmp_path)
    # Less than one apart: whole numbers would be the same.
    others = replace(problem, class_indices=problem.class_indices + 1e-9)
    features = Features(EXTRACTOR, rows[:60])
    assert len(finished_folds(problem, features, "x", some, Journal(tmp_path / "journal"))) == 3
    assert finished_folds(others, features, "x", some, Journal(tmp_path / "journal")) == []
    assert array_digest(np.array([1.0])) != array_digest(np.array([1]))


def test_a_study_of_values_is_decided(table, tmp_path):
    rows, radius = table[0][:90, 3:9], table[1][:90]
    problem = problem_of(radius, n_repeats=2)
    some = candidates("linear", "ridge", "dummy")
    results = run(problem, rows, some, tmp_path)
    metric = get_metric("mae")
    scores = [score.score for score in score_folds(results, problem, [metric])]
    tables, folds = np.empty((3, 2, 90, 1)), np.empty((2, 90), dtype=int)
    for number, result in enumerate(results):
        test = problem.plan.folds[number % 6].test
        tables[number // 6, result.repeat, test] = result.probabilities
        folds[result.repeat, test] = result.fold
    entrants = [Entrant("", one.estimator.name, is_baseline=one is some[2]) for one in some]
    context = Context((), 3, 2, 0, n_valued=90, noun="regressor")
    verdict = decide(
        entrants,
        np.array(scores).reshape(3, 6),
        OutOfFold(tuple(tables), radius, problem.units, 1, folds),
        metric,
        context,
    )
    assert verdict.best.label in ("linear", "ridge")
    assert verdict.ranking[-1].role == "baseline"
    assert verdict.honest_score.value > 0


def test_a_tree_and_extra_trees_are_those_of_scikit_learn_too(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius)
    spec = ComponentSpec.of("extra_trees", {"n_estimators": 20})
    some = [*candidates("decision_tree"), Candidate(EXTRACTOR, spec)]
    for result in run(problem, rows, some, tmp_path):
        fold, seed = problem.plan.folds[result.fold], derived_seed(0, 0, result.fold)
        model = DecisionTreeRegressor(random_state=seed)
        if result.candidate.estimator is spec:
            model = ExtraTreesRegressor(20, random_state=seed)
        expected = model.fit(rows[fold.train], radius[fold.train]).predict(rows[fold.test])
        np.testing.assert_allclose(result.probabilities[:, 0], expected, rtol=0, atol=1e-9)


def test_a_search_takes_what_scores_best_on_the_inner_folds(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius[:90])
    values = [0.01, 100000.0]
    [result, *_] = run(
        problem,
        rows[:90],
        [Candidate(EXTRACTOR, ComponentSpec.of("ridge", search={"alpha": values}))],
        tmp_path,
    )
    fold, seed = problem.plan.folds[0], derived_seed(0, 0, 0)
    X, y = rows[fold.train], radius[fold.train]
    inner = draw_target_folds(y, np.arange(len(y)), 3, 1, seed)
    errors = {}
    for alpha in values:
        model = make_pipeline(StandardScaler(), Ridge(alpha))
        errors[alpha] = np.mean(
            [
                mean_absolute_error(
                    y[one.test], model.fit(X[one.train], y[one.train]).predict(X[one.test])
                )
                for one in inner.folds
            ]
        )
    assert errors[0.01] < 0.2 * errors[100000.0]
    assert result.chosen == {"alpha": 0.01}
    expected = make_pipeline(StandardScaler(), Ridge(0.01)).fit(X, y).predict(rows[fold.test])
    np.testing.assert_allclose(result.probabilities[:, 0], expected, atol=1e-9)


def test_features_are_chosen_on_the_training_rows_of_each_fold(table, tmp_path):
    rows, radius = table
    problem = problem_of(radius[:90])
    noise = np.random.default_rng(0).normal(size=(90, 200))
    # What goes with the target of the test rows alone must not be seen.
    leak = noise.copy()
    test = problem.plan.folds[0].test
    leak[test] += 100 * radius[test, None]
    some = [Candidate(EXTRACTOR, ComponentSpec.of("linear", {"select": 2}))]
    [first, *_] = run(problem, np.hstack([rows[:90, :1], leak]), some, tmp_path)
    train = problem.plan.folds[0].train
    strengths = [abs(np.corrcoef(one[train], radius[train])[0, 1]) for one in leak.T]
    model = LinearRegression()
    texture = abs(np.corrcoef(rows[train, 0], radius[train])[0, 1])
    columns = np.argsort([-texture, *(-np.array(strengths))])[:2]
    whole = np.hstack([rows[:90, :1], leak])[:, np.sort(columns)]
    expected = model.fit(whole[train], radius[train]).predict(whole[test])
    np.testing.assert_allclose(first.probabilities[:, 0], expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["knn", "svr", "random_forest"])
def test_one_name_for_classes_and_numbers_is_two_estimators(name):
    if name == "svr":
        with pytest.raises(ComponentError, match="belongs under regressors"):
            create_for(np.array([0, 1]), ComponentSpec(name), 0)
        return
    of_numbers = create_for(np.array([0.5, 1.0]), ComponentSpec(name), 0)["model"]
    of_classes = create_for(np.array([0, 1]), ComponentSpec(name), 0)["model"]
    assert is_regressor(of_numbers)
    assert is_classifier(of_classes)
