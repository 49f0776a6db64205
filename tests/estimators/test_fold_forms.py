"""Fed with what the fold has ready, each classifier says what its plain pipeline says."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.fold_forms import fold_form
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.responses import class_probabilities
from bioselect.registry import ComponentSpec

N_CLASSES = 4

VARIANTS = [
    *[(name, {}) for name in CLASSIFIERS],
    ("logistic_regression", {"C": 0.01, "class_weight": "balanced"}),
    ("linear_svm", {"C": 0.001, "class_weight": "balanced"}),
    ("svm", {"C": 10.0, "gamma": "auto"}),
    ("svm", {"C": 1.0, "gamma": 0.002, "class_weight": "balanced"}),
    ("svm", {"kernel": "poly", "degree": 2}),
    ("svm", {"kernel": "poly"}),
    ("svm", {"kernel": "sigmoid"}),
    ("svm", {"kernel": "linear", "C": 0.1}),
    ("knn", {"n_neighbors": 3, "weights": "distance"}),
    ("knn", {"metric": "cosine"}),
    ("knn", {"metric": "manhattan"}),
    ("random_forest", {"class_weight": "balanced", "n_estimators": 30}),
    ("gradient_boosting", {"components": 5, "n_estimators": 10}),
    ("lda", {"class_weight": "balanced"}),
    ("naive_bayes", {"class_weight": "balanced"}),
]

#: What is the same to the last bit, because the same code gets the same numbers.
SAME_BITS = {
    "knn",
    "lda",
    "naive_bayes",
    "random_forest",
    "extra_trees",
    "gradient_boosting",
    "mlp",
    "nearest_centroid",
    "dummy",
}


def drawn(case):
    """Return rows, labels, and the places of training and test images of one case."""
    random = np.random.default_rng(5)
    n_features = 12 if case == "few features" else 300
    labels = np.tile([0, 1, 0, 2, 3, 0, 1, 0], 12)  # rare and common classes
    X = random.normal(size=(96, n_features)) * random.uniform(0.1, 50.0, n_features)
    X += 0.4 * X.std(axis=0) * random.normal(size=(N_CLASSES, n_features))[labels]
    train, test = np.arange(72), np.arange(72, 96)
    if case == "duplicates":
        X[20:40:4] = X[0]
        X[45:60:4] = X[1]
        X[80] = X[0]
    elif case == "constant columns":
        X[:, ::3] = 5.0
        X[:, 1] = 1e9
    elif case == "missing class":
        train = train[labels[train] != 2]
    elif case == "two classes":
        train = train[labels[train] < 2]
    return X.astype(np.float32), labels, train, test


CASES = [
    "few features",
    "many features",
    "duplicates",
    "constant columns",
    "missing class",
    "two classes",
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("name", "params"), VARIANTS, ids=lambda value: str(value))
def test_the_results_of_the_plain_pipeline(name, params, case):
    X, labels, train, test = drawn(case)
    spec = ComponentSpec.of(name, params)
    plain = create_classifier(spec, 3).fit(X[train].astype(np.float64), labels[train])
    expected = class_probabilities(plain, X[test].astype(np.float64), N_CLASSES)
    rows = FoldRows(X, train, test)
    form = fold_form(name, create_classifier(spec, 3), rows)
    form.estimator.fit(form.train(), labels[train])
    found = class_probabilities(form.estimator, form.test(), N_CLASSES)
    if name in SAME_BITS:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
        np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))


PLAIN = {
    "logistic_regression": (LogisticRegression(solver="newton-cholesky", tol=1e-12), 1e-8),
    "linear_svm": (SVC(kernel="linear"), 1e-8),
    "svm": (SVC(), 1e-8),
    "knn": (KNeighborsClassifier(), 1e-12),
    "lda": (LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), 1e-8),
    "naive_bayes": (GaussianNB(), 1e-12),
    "random_forest": (RandomForestClassifier(200, random_state=3), 1e-12),
    "extra_trees": (ExtraTreesClassifier(200, random_state=3), 1e-12),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("case", ["few features", "many features", "duplicates"])
def test_the_results_of_scikit_learn(name, case):
    X, labels, train, test = drawn(case)
    model, tolerance = PLAIN[name]
    plain = make_pipeline(StandardScaler(), model).fit(X[train].astype(np.float64), labels[train])
    expected = class_probabilities(plain, X[test].astype(np.float64), N_CLASSES)
    form = fold_form(name, create_classifier(ComponentSpec(name), 3), FoldRows(X, train, test))
    form.estimator.fit(form.train(), labels[train])
    found = class_probabilities(form.estimator, form.test(), N_CLASSES)
    if (name, case) == ("logistic_regression", "few features"):
        tolerance = 1e-6  # scikit-learn's own optimum there, to the tolerance of the table
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))


def test_inner_products_are_used_where_features_outnumber_images():
    X, _, train, test = drawn("many features")
    rows = FoldRows(X, train, test)
    for name in ("logistic_regression", "svm", "linear_svm"):
        form = fold_form(name, create_classifier(ComponentSpec(name), 0), rows)
        assert form.train().shape == (72, 72)
        assert form.test().shape == (24, 72)


def test_of_many_images_one_kernel_at_a_time_is_kept(monkeypatch):
    monkeypatch.setattr("bioselect.estimators.fold_rows.FEW_IMAGES", 10)
    X, _, train, test = drawn("many features")
    rows = FoldRows(X, train, test)
    first = fold_form("svm", create_classifier(ComponentSpec.of("svm", {"C": 1}), 0), rows)
    second = fold_form("svm", create_classifier(ComponentSpec.of("svm", {"C": 2}), 0), rows)
    assert np.shares_memory(first.train(), second.train())
    other = fold_form("svm", create_classifier(ComponentSpec.of("svm", {"gamma": 1.0}), 0), rows)
    before = first.train()
    assert not np.shares_memory(before, other.train())
    assert not np.shares_memory(before, first.train())
    np.testing.assert_array_equal(before, first.train())


def test_somebody_elses_classifier_gets_rows_of_its_own():
    X, _, train, test = drawn("many features")
    rows = FoldRows(X, train, test)
    own = create_classifier(ComponentSpec("svm"), 0)
    form = fold_form("mylab:Own", own, rows)
    assert form.estimator is own
    form.train()[:] = 0.0
    form.test()[:] = 0.0
    np.testing.assert_array_equal(rows.train(), X[train])
    np.testing.assert_array_equal(rows.test(), X[test])
