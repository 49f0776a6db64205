"""Views on the side of their image: against scikit-learn by hand, and with poisoned views."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from bioselect.component import ComponentSpec
from bioselect.data.splitting import draw_folds
from bioselect.data.units_of_views import is_no_view, whole_units
from bioselect.estimators.inner_folds import inner_folds
from bioselect.estimators.search_stages import with_part_of_training
from bioselect.features.learning import Features
from bioselect.features.looks import Looks
from bioselect.progress import SILENT
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate, finished_folds
from bioselect.selection.journal import Journal
from bioselect.selection.unfolding import unfolded

N, N_VIEWS, D = 36, 2, 4
EXTRACTOR = ComponentSpec("views")
CANDIDATE = Candidate(EXTRACTOR, ComponentSpec("naive_bayes"))


@pytest.fixture
def problem():
    classes = np.arange(N) % 3
    units = np.arange(N) // 2 * 2 % 36  # pairs
    plan = draw_folds(classes, np.arange(N), 3, 2, 0)
    return Problem(classes, 3, units, plan, "balanced_accuracy", 0)


def wide_rows(problem):
    random = np.random.default_rng(1)
    rows = random.normal(size=(N, 1 + N_VIEWS, D)) + 0.8 * problem.class_indices[:, None, None]
    return rows.astype(np.float32)


def features_of(rows, at_prediction=False):
    return Features(EXTRACTOR, rows.reshape(N, -1), looks=Looks(N_VIEWS, at_prediction))


def run(problem, features, folder, candidate=CANDIDATE):
    with Journal(folder / "journal") as journal:
        return cross_validate(problem, features, "digest", [candidate], journal, SILENT, 1)


def by_hand(problem, rows, fold):
    train = rows[fold.train]
    model = GaussianNB().fit(
        train.reshape(-1, D), np.repeat(problem.class_indices[fold.train], 1 + N_VIEWS)
    )
    return [model.predict_proba(rows[fold.test, look]) for look in range(1 + N_VIEWS)]


def test_trained_on_all_looks_and_tested_on_images(problem, tmp_path):
    rows = wide_rows(problem)
    results = run(problem, features_of(rows), tmp_path)
    for fold, result in zip(problem.plan.folds, results, strict=True):
        assert result.n_features == D
        assert np.allclose(result.probabilities, by_hand(problem, rows, fold)[0], atol=1e-9)


def test_averaged_over_looks_where_asked_for(problem, tmp_path):
    rows = wide_rows(problem)
    results = run(problem, features_of(rows, at_prediction=True), tmp_path)
    for fold, result in zip(problem.plan.folds, results, strict=True):
        expected = np.mean(by_hand(problem, rows, fold), axis=0)
        assert np.allclose(result.probabilities, expected, atol=1e-9)
    kept = finished(problem, features_of(rows, at_prediction=True), tmp_path)
    for one, other in zip(results, kept, strict=True):
        assert np.array_equal(one.probabilities, other.probabilities)
    assert finished(problem, features_of(rows), tmp_path) == []


def finished(problem, features, folder):
    gone = Features(EXTRACTOR, np.empty((0, 0), dtype=np.float32), looks=features.looks)
    with Journal(folder / "journal") as journal:
        return finished_folds(problem, gone, "digest", [CANDIDATE], journal)


def test_no_view_of_a_test_image_is_trained_on(problem, tmp_path):
    rows = wide_rows(problem)
    # Views of image 7 that no classifier can be trained on: only folds that test it still work.
    rows[7, 1:] = np.nan
    results = run(problem, features_of(rows), tmp_path)
    for fold, result in zip(problem.plan.folds, results, strict=True):
        assert bool(result.error) == (7 in fold.train)


def test_the_image_itself_is_tested_and_not_a_view(problem, tmp_path):
    rows = wide_rows(problem)
    plain = run(problem, features_of(rows), tmp_path)
    first = problem.plan.folds[0]
    changed = rows.copy()
    changed[first.test, 1:] = 1000.0
    again = run(problem, features_of(changed), tmp_path / "other")
    assert np.array_equal(plain[0].probabilities, again[0].probabilities)


def test_views_have_the_class_and_the_unit_of_their_image(problem):
    apart = unfolded(problem, features_of(wide_rows(problem)))
    for look in range(1 + N_VIEWS):
        places = np.arange(N) + look * N
        assert np.array_equal(apart.problem.class_indices[places], problem.class_indices)
        units = apart.problem.units[places]
        assert np.array_equal(whole_units(units), problem.units)
        assert is_no_view(units).all() == (look == 0)
        assert is_no_view(units).any() == (look == 0)
        assert np.array_equal(apart.features.rows[places], wide_rows(problem)[:, look])
    for fold, before in zip(apart.problem.plan.folds, problem.plan.folds, strict=True):
        assert len(fold.train) == 3 * len(before.train)
        assert not set(fold.train % N) & set(before.test)
        assert np.array_equal(fold.test, before.test)


@pytest.mark.parametrize(
    "spec",
    [
        ComponentSpec.of("knn", None, {"n_neighbors": [1, 3]}),
        ComponentSpec.of("logistic_regression", {"class_weight": "balanced"}),
        ComponentSpec.of("svm", {"kernel": "rbf"}, {"C": [0.1, 10.0]}),
        ComponentSpec.of("random_forest", {"n_estimators": 10}),
    ],
)
def test_searches_and_other_classifiers_take_them(problem, tmp_path, spec):
    results = run(problem, features_of(wide_rows(problem)), tmp_path, Candidate(EXTRACTOR, spec))
    assert [result.error for result in results] == [""] * 6
    assert all(
        result.probabilities.shape == (len(fold.test), 3)
        for fold, result in zip(problem.plan.folds, results, strict=True)
    )


@pytest.mark.parametrize("is_multi_label", [False, True])
def test_inner_folds_train_on_views_and_are_judged_by_images(problem, is_multi_label):
    apart = unfolded(problem, features_of(wide_rows(problem))).problem
    train = apart.plan.folds[0].train
    targets = np.eye(3, dtype=int) if is_multi_label else np.arange(3)
    y, units = targets[apart.class_indices[train]], apart.units[train]
    for fold in inner_folds(y, units, 3, seed=0):
        tested, trained = train[fold.test], train[fold.train]
        assert (tested < N).all()
        pairs = [set(problem.units[places % N]) for places in (tested, trained)]
        assert not pairs[0] & pairs[1]  # neither an image, nor its view, nor its pair
        assert len(trained) == (1 + N_VIEWS) * (trained < N).sum()
        # Everything but the views of what is tested is used.
        assert len(trained) + len(tested) + N_VIEWS * len(tested) == len(train)
        (part,) = with_part_of_training((fold,), y, units, 3, 0) or (None,)
        if part is not None:
            of_part = train[part.train]
            assert set(of_part) < set(trained)
            assert len(of_part) == (1 + N_VIEWS) * (of_part < N).sum()


def test_a_border_is_chosen_by_images(tmp_path, monkeypatch):
    classes = np.arange(N) % 2
    plan = draw_folds(classes, np.arange(N), 3, 1, 0)
    problem = Problem(classes, 2, np.arange(N), plan, "balanced_accuracy", 0)
    judged = []

    def chosen_log_odds(values, positive, rule):
        assert np.isfinite(values).all()
        judged.append(positive.sum())
        return 0.0

    monkeypatch.setattr("bioselect.estimators.threshold.chosen_log_odds", chosen_log_odds)
    candidate = Candidate(EXTRACTOR, ComponentSpec.of("lda", {"threshold": "youden"}))
    results = run(problem, features_of(wide_rows(problem)), tmp_path, candidate)
    assert [one.error for one in results] == [""] * 3
    # 24 training images, half of each class; 72 rows with their views.
    assert judged == [12] * 3


def test_rows_without_views_stay(problem):
    features = Features(ComponentSpec("hog"), np.zeros((N, D), dtype=np.float32))
    apart = unfolded(problem, features)
    assert apart.problem is problem
    assert apart.features is features
