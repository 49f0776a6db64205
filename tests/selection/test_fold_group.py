"""Run together or alone, each estimator of a fold gives what its plain pipeline gives."""

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.responses import class_probabilities
from bioselect.execution import one_thread, run_tasks
from bioselect.registry import ComponentSpec
from bioselect.selection.fitting import TrainingRows, fit_estimator
from bioselect.selection.fold_group import FoldGroup, divided, effort, run_group

SEARCHES = [
    ComponentSpec.of(name, search={key: list(values) for key, values in row.search})
    for name, row in CLASSIFIERS.items()
    if row.search and name not in ("mlp", "random_forest", "extra_trees", "gradient_boosting")
]
FORESTS = ("random_forest", "extra_trees")
MANY = [
    *[
        ComponentSpec.of(name, {"n_estimators": 20} if name in FORESTS else {})
        for name in CLASSIFIERS
        if name not in ("mlp", "gradient_boosting")
    ],
    *SEARCHES,
    ComponentSpec.of("svm", search={"C": [0.1, 1.0], "gamma": ["scale", 0.001]}),
    ComponentSpec.of("extra_trees", {"n_estimators": 10}, {"min_samples_leaf": [1, 3]}),
    ComponentSpec.of("gradient_boosting", {"n_estimators": 3}, {"learning_rate": [0.1, 0.5]}),
]

OWN = textwrap.dedent(
    '''
    import numpy as np
    from sklearn.naive_bayes import GaussianNB


    class Greedy(GaussianNB):
        """Overwrites what it is given."""

        def fit(self, X, y):
            X[:] = 0.0
            return super().fit(X + np.arange(len(X))[:, None], y)
    '''
)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


def a_group(*specs, n_features=120, folder=None, change=None):
    random = np.random.default_rng(2)
    labels = np.arange(90) % 3
    X = random.normal(size=(90, n_features)) + 0.5 * random.normal(size=(3, n_features))[labels]
    if change is not None:
        change(X)
    rows = TrainingRows(X.astype(np.float32), labels, np.arange(90) // 2, 3)
    fold = draw_folds(labels, rows.units, 3, 1, 0).folds[0]
    return FoldGroup(rows, "balanced_accuracy", 7, folder, specs, fold.train, fold.test)


def plain(group, spec):
    """Return probabilities and choice without anything shared."""
    train = group.rows.of_images(group.train)
    estimator, chosen = fit_estimator(spec, train, group.seed, group.metric_name, group.base_dir)
    tested = group.rows.X[group.test].astype(np.float64)
    return class_probabilities(estimator, tested, group.rows.n_classes), chosen


def bits(entry):
    timeless = {key: value for key, value in entry.values.items() if "seconds" not in key}
    return timeless, None if entry.array is None else entry.array.tobytes()


@pytest.mark.parametrize("n_features", [6, 120])
def test_results_are_those_of_the_final_model(n_features):
    # `fit_estimator` is also what trains the model on all images.
    group = a_group(*MANY, n_features=n_features)
    for spec, entry in zip(MANY, run_group(group), strict=True):
        probabilities, chosen = plain(group, spec)
        assert entry.values["error"] == ""
        assert entry.values["chosen"] == chosen, spec.label
        np.testing.assert_allclose(entry.array, probabilities, rtol=0, atol=1e-8)
        np.testing.assert_array_equal(entry.array.argmax(axis=1), probabilities.argmax(axis=1))
        assert entry.values["n_features"] == n_features


def test_a_search_chooses_as_pipelines_without_anything_shared_do():
    from sklearn.metrics import balanced_accuracy_score

    group = a_group(*SEARCHES)
    y, units = group.rows.class_indices[group.train], group.rows.units[group.train]
    X = group.rows.X[group.train].astype(np.float64)
    for spec, entry in zip(SEARCHES, run_group(group), strict=True):
        [(name, values)] = spec.search_dict.items()
        means = []
        for value in values:
            scores = []
            for fold in draw_folds(y, units, 3, 1, group.seed).folds:
                made = create_classifier(ComponentSpec.of(spec.name, {name: value}), group.seed)
                made.fit(X[fold.train], y[fold.train])
                scores.append(balanced_accuracy_score(y[fold.test], made.predict(X[fold.test])))
            means.append(np.mean(scores))
        assert entry.values["chosen"] == {name: values[int(np.argmax(np.round(means, 10)))]}


def test_it_does_not_matter_who_is_run_together():
    group = a_group(*MANY)
    together = run_group(group)
    for spec, entry in zip(MANY, together, strict=True):
        [alone] = run_group(replace(group, estimators=(spec,)))
        assert bits(alone) == bits(entry), spec.label
    backwards = run_group(replace(group, estimators=tuple(MANY[::-1])))
    assert [bits(entry) for entry in backwards[::-1]] == [bits(entry) for entry in together]


def test_processes_give_the_same_bits():
    groups = [a_group(*MANY[:6]), a_group(*MANY[:6], n_features=700)]
    alone = [bits(entry) for entries in map(run_group, groups) for entry in entries]
    several = [bits(entry) for entries in run_tasks(run_group, groups, 2) for entry in entries]
    assert alone == several


def test_a_failure_harms_nobody_else(tmp_path):
    (tmp_path / "own_greedy_classifier.py").write_text(OWN)
    specs = (
        ComponentSpec.of("svm", {"C": -1}),
        ComponentSpec.of("knn", search={"n_neighbors": [1000, 1]}),
        ComponentSpec.of("svm", search={"C": [1, "big"]}),
        ComponentSpec("own_greedy_classifier:Greedy"),
        ComponentSpec("lda"),
        ComponentSpec.of("linear_svm", search={"C": [0.01, 0.1]}),
    )
    group = a_group(*specs, folder=tmp_path)
    entries = run_group(group)
    errors = [entry.values["error"] for entry in entries]
    assert "C: must be" in errors[0]
    assert "knn(n_neighbors=1000) cannot be trained on 40 images and judged on 20" in errors[1]
    assert "part 1 of 3" in errors[1]
    assert "must be a number. Got 'big'" in errors[2]
    assert errors[3:] == ["", "", ""]
    assert [entry.array is None for entry in entries] == [True] * 3 + [False] * 3
    assert entries[0].values["fit_seconds"] == entries[0].values["predict_seconds"] == 0
    for place in (4, 5):
        probabilities, _ = plain(group, specs[place])
        np.testing.assert_allclose(entries[place].array, probabilities, rtol=0, atol=1e-8)


def test_rows_that_cannot_be_scaled_fail_for_each():
    def spoil(X):
        X[3, 1] = np.nan

    group = a_group(*map(ComponentSpec, ("svm", "lda", "knn", "dummy")), change=spoil)
    errors = [entry.values["error"] for entry in run_group(group)]
    assert all("contains NaN" in error for error in errors[:3])
    assert errors[3] == ""


def test_a_class_with_one_unit_stops_the_searches_only():
    group = a_group(ComponentSpec("lda"), SEARCHES[0], SEARCHES[2])
    units = np.where(group.rows.class_indices == 1, 0, group.rows.units)
    group = replace(group, rows=replace(group.rows, units=units))
    errors = [entry.values["error"] for entry in run_group(group)]
    assert errors[0] == ""
    assert all("at least 2 independent images or groups" in error for error in errors[1:])


def test_what_is_shared_is_counted_for_each(monkeypatch):
    import time

    from bioselect.estimators import fold_rows

    scaler = fold_rows.StandardScaler

    class SlowScaler(scaler):
        def fit(self, X, y=None):
            time.sleep(0.2)
            return super().fit(X, y)

    monkeypatch.setattr(fold_rows, "StandardScaler", SlowScaler)
    names = ("svm", "linear_svm", "knn", "dummy")
    started = time.perf_counter()
    entries = run_group(a_group(*map(ComponentSpec, names)))
    assert time.perf_counter() - started < 0.6
    seconds = [entry.values["fit_seconds"] for entry in entries]
    assert all(spent >= 0.2 for spent in seconds[:3])
    assert 0 < seconds[3] < 0.2
    # Scaling is learnt in training; testing uses it and does not pay for it again.
    assert all(0 < entry.values["predict_seconds"] < 0.2 for entry in entries)


def test_groups_and_their_order():
    names = ["own:Own", "svm", "random_forest", "lda", "mlp"]
    specs = [ComponentSpec(name) for name in names]
    assert divided(specs) == [[1, 3], [0], [2], [4]]
    assert divided(specs[:1]) == [[0]]
    alone = [effort([spec]) for spec in specs]
    assert sorted(alone, reverse=True) == [alone[0], alone[2], alone[4], alone[1], alone[3]]
    assert effort(specs) == sum(alone)
    # 2 x 3 combinations on 3 inner folds of two thirds of the images, and once more.
    searched = ComponentSpec.of("svm", search={"C": [1, 2], "gamma": [1, 2, 3]})
    assert effort([searched]) == effort([ComponentSpec("svm")]) * 13


def test_every_built_in_has_its_place():
    from bioselect.selection import fold_group

    assert {*CLASSIFIERS, *REGRESSORS} == fold_group.TOGETHER | set(fold_group._EFFORTS)


SURROUNDED = [
    ComponentSpec.of("svm", {"resampling": "smote"}),
    ComponentSpec.of("logistic_regression", {"resampling": "random_over"}),
    ComponentSpec.of("extra_trees", {"n_estimators": 5, "resampling": "random_under"}),
    ComponentSpec.of("lda", {"threshold": "youden"}),
    ComponentSpec.of("logistic_regression", {"threshold": "f1_macro", "resampling": "smote"}),
    ComponentSpec.of("svm", {"threshold": "youden"}, {"C": [0.1, 1.0]}),
    ComponentSpec.of("lda", search={"threshold": [None, "balanced_accuracy"]}),
]


def two_unequal_classes(*specs):
    group = a_group(*specs)
    labels = (np.arange(90) // 2 % 5 == 0).astype(np.int64)
    random = np.random.default_rng(3)
    X = random.normal(size=(90, 40)) + 0.9 * labels[:, None] * random.normal(size=40)
    rows = TrainingRows(X.astype(np.float32), labels, group.rows.units, 2)
    fold = draw_folds(labels, rows.units, 3, 1, 0).folds[0]
    return replace(group, rows=rows, train=fold.train, test=fold.test)


def test_resampling_and_thresholds_are_those_of_the_final_model():
    group = two_unequal_classes(*SURROUNDED)
    for spec, entry in zip(SURROUNDED, run_group(group), strict=True):
        probabilities, chosen = plain(group, spec)
        assert entry.values["error"] == "", spec.label
        thresholded = "threshold" in spec.params_dict or chosen.get("threshold") is not None
        assert ("decision_threshold" in chosen) == thresholded
        found, border = dict(entry.values["chosen"]), chosen.pop("decision_threshold", 0.0)
        assert found.pop("decision_threshold", 0.0) == pytest.approx(border, rel=1e-6)
        assert found == chosen
        np.testing.assert_allclose(entry.array, probabilities, rtol=0, atol=1e-8)


def test_the_quick_forms_are_not_taken_for_resampled_rows():
    # `svm` alone gets inner products of the training rows, which know nothing of resampled ones.
    specs = [ComponentSpec("svm"), SURROUNDED[0]]
    alone, resampled = run_group(two_unequal_classes(*specs))
    assert not np.allclose(alone.array, resampled.array, atol=1e-3)


def test_test_images_have_no_say_in_resampling_and_threshold():
    group = two_unequal_classes(*SURROUNDED)
    before = run_group(group)
    changed = group.rows.class_indices.copy()
    changed[group.test] = 1 - changed[group.test]
    rows = replace(group.rows, class_indices=changed)
    assert list(map(bits, run_group(replace(group, rows=rows)))) == list(map(bits, before))


def test_what_shares_nothing_runs_alone_and_starts_earlier():
    specs = [ComponentSpec("lda"), SURROUNDED[3], ComponentSpec("svm"), SURROUNDED[0]]
    assert divided(specs) == [[0, 2], [1], [3]]
    assert effort([SURROUNDED[3]]) == 5 * effort([ComponentSpec("lda")])
    assert effort([SURROUNDED[0]]) == effort([ComponentSpec("svm")])


def test_a_wanted_sensitivity_out_of_reach_fails_with_the_reason():
    positive = {"name": "rare", "place": 1}
    spec = ComponentSpec.of(
        "knn", {"n_neighbors": 1, "threshold": {"sensitivity": 0.99, "positive": positive}}
    )
    [entry] = run_group(two_unequal_classes(spec))
    assert "no border reaches a sensitivity of 0.99" in entry.values["error"]


def test_a_search_keeps_copies_and_groups_on_one_side_of_its_inner_folds():
    # 60 pictures without signal, each twice, with the same label. Split from its copy, a picture
    # finds it as its nearest neighbour: one neighbour would be right every time.
    random = np.random.default_rng(8)
    labels = np.repeat(np.arange(60) % 2, 2)
    X = np.repeat(random.normal(size=(60, 4)) + 0.4 * labels[::2, None], 2, axis=0)
    spec = ComponentSpec.of("knn", search={"n_neighbors": [1, 31]})
    chosen = {}
    for name, units in (("kept", np.repeat(np.arange(60), 2)), ("split", np.arange(120))):
        rows = TrainingRows(X.astype(np.float32), labels, units, 2)
        fold = draw_folds(labels, np.repeat(np.arange(60), 2), 3, 1, 0).folds[0]
        group = FoldGroup(rows, "accuracy", 7, None, (spec,), fold.train, fold.test)
        chosen[name] = run_group(group)[0].values["chosen"]["n_neighbors"]
    assert chosen == {"kept": 31, "split": 1}


def test_a_large_search_beside_small_ones_chooses_as_it_does_alone():
    labels = np.arange(300) % 2
    random = np.random.default_rng(3)
    X = random.normal(size=(300, 3)) + 0.5 * labels[:, None]
    rows = TrainingRows(X.astype(np.float32), labels, np.arange(300), 2)
    fold = draw_folds(labels, rows.units, 3, 1, 0).folds[0]
    large = ComponentSpec.of("knn", search={"n_neighbors": list(range(1, 41))})
    small = ComponentSpec.of("svm", search={"C": [0.1, 1.0]})
    group = FoldGroup(
        rows, "accuracy", 7, None, (large, small, ComponentSpec("lda")), fold.train, fold.test
    )
    together = run_group(group)
    for spec, entry in zip(group.estimators, together, strict=True):
        [alone] = run_group(replace(group, estimators=(spec,)))
        assert bits(alone) == bits(entry)
        assert entry.values["error"] == ""
        assert entry.values["chosen"] == plain(group, spec)[1]
