"""Resampled training rows: those of imbalanced-learn, after scaling, and nothing of them in use."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import check_can_resample, create_classifier, is_surrounded
from bioselect.estimators.resampling import resampled
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.registry import ComponentSpec

SAMPLERS = {
    "random_over": RandomOverSampler(random_state=5),
    "random_under": RandomUnderSampler(random_state=5),
    "smote": SMOTE(random_state=5),
}
MODELS = {
    "knn": KNeighborsClassifier(),
    "naive_bayes": GaussianNB(),
    "lda": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
}


def rows(counts=(60, 25, 9), n_features=4):
    random = np.random.default_rng(1)
    y = np.repeat(np.arange(len(counts)), counts)
    X = random.normal(size=(len(y), n_features)) + y[:, None]
    # Units of the features differ: what is near depends on scaling.
    return X * np.logspace(-3, 3, n_features), y


@pytest.mark.parametrize("method", SAMPLERS)
@pytest.mark.parametrize("name", MODELS)
def test_the_same_as_a_pipeline_of_imbalanced_learn(name, method):
    X, y = rows()
    theirs = make_pipeline(StandardScaler(), SAMPLERS[method], MODELS[name]).fit(X, y)
    ours = create_classifier(ComponentSpec.of(name, {"resampling": method}), 5).fit(X, y)
    new, _ = rows((20, 20, 20))
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-9)
    plain = create_classifier(ComponentSpec(name), 5).fit(X, y)
    assert not np.allclose(plain.predict_proba(new), ours.predict_proba(new), atol=1e-3)


@pytest.mark.parametrize(
    ("method", "n_rows"), [("random_over", 60), ("smote", 60), ("random_under", 9)]
)
def test_every_class_that_is_there_becomes_equally_common(method, n_rows):
    X, y = rows()
    _, found = resampled(X, y, method, 0)
    assert np.bincount(found).tolist() == [n_rows] * 3
    # A class that is missing among the training images stays missing.
    _, found = resampled(X[y != 1], y[y != 1], method, 0)
    assert np.bincount(found).tolist() == [n_rows, 0, n_rows]


def test_equal_or_single_classes_are_left_as_they_are():
    X, y = rows((8, 8))
    assert resampled(X, y, "random_under", 0)[0] is X
    found, _ = resampled(X[:8], y[:8], "smote", 0)
    np.testing.assert_array_equal(found, X[:8])


def test_rows_of_smote_lie_between_two_rows_of_their_class():
    X, y = rows((12, 3), n_features=2)
    found, labels = resampled(X, y, "smote", 0)
    own = X[y == 1]
    for new in found[len(X) :][labels[len(X) :] == 1]:
        lengths = [
            np.linalg.norm(new - a) + np.linalg.norm(new - b) - np.linalg.norm(a - b)
            for a in own
            for b in own
        ]
        assert min(lengths) == pytest.approx(0.0, abs=1e-9)


def test_smote_of_few_images():
    # Six neighbours are wanted of a class with three images: two others are what there is.
    X, y = rows((20, 3))
    assert np.bincount(resampled(X, y, "smote", 0)[1]).tolist() == [20, 20]
    X, y = rows((20, 1))
    with pytest.raises(
        ValueError, match=r"at least 2 of each .* Got 1 of class number 2\. Use rand"
    ):
        resampled(X, y, "smote", 0)


def test_nothing_of_the_package_is_needed_to_predict(monkeypatch):
    import sys

    X, y = rows()
    spec = ComponentSpec.of("svm", {"resampling": "smote"})
    fitted = create_classifier(spec, 0).fit(X, y)
    for name in [name for name in sys.modules if name.startswith("imblearn")]:
        monkeypatch.setitem(sys.modules, name, None)
    assert fitted.predict(X).shape == y.shape
    text = repr(vars(fitted)) + repr([vars(step) for _, step in fitted.steps])
    assert "imblearn" not in text


def test_boosting_without_a_scaler_gets_one():
    made = create_classifier(ComponentSpec.of("gradient_boosting", {"resampling": "smote"}), 0)
    assert [name for name, _ in made.steps] == ["scale", "model"]


def test_a_missing_package_is_told_with_the_command(monkeypatch):
    specs = [ComponentSpec("svm"), ComponentSpec.of("knn", search={"resampling": [None, "smote"]})]
    check_can_resample(specs)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    check_can_resample([ComponentSpec("svm"), ComponentSpec.of("mylab:A", {"resampling": 1})])
    with pytest.raises(UnavailableError, match=r"knn.*pip install bioselect\[imbalance\]"):
        check_can_resample(specs)


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name != "dummy"])
def test_every_classifier_that_learns_can_be_surrounded(name):
    assert is_surrounded(ComponentSpec.of(name, {"resampling": "smote"}))
    assert is_surrounded(ComponentSpec.of(name, search={"threshold": ["youden"]}))
    assert not is_surrounded(ComponentSpec(name))
    weights = [parameter.name for parameter in CLASSIFIERS[name].parameters]
    if "class_weight" not in weights:
        with pytest.raises(ComponentError, match="cannot weight classes"):
            create_classifier(ComponentSpec.of(name, {"class_weight": "balanced"}), 0)


def test_wrong_values():
    with pytest.raises(ComponentError, match="Did you mean 'smote'"):
        create_classifier(ComponentSpec.of("svm", {"resampling": "smoot"}), 0)
    with pytest.raises(ComponentError, match="Did you mean 'youden'"):
        create_classifier(ComponentSpec.of("svm", {"threshold": "yoden"}), 0)
    with pytest.raises(ComponentError, match="unknown parameter"):
        create_classifier(ComponentSpec.of("dummy", {"resampling": "smote"}), 0)
