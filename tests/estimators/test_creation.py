"""From specs to classifiers: built in, from a user's module, and what is refused."""

import numpy as np
import pytest
from sklearn.svm import SVC

from bioselect.estimators.creation import check_not_balanced_twice, create_classifier
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.registry import ComponentSpec

OWN = """
import numpy as np

class Threshold:
    def __init__(self, feature=0, random_state=None):
        self.feature = feature
        self.random_state = random_state
    def fit(self, X, y):
        self.cut_ = np.median(X[:, self.feature])
        return self
    def predict(self, X):
        return (X[:, self.feature] > self.cut_).astype(int)

class Seeded(Threshold):
    def __init__(self, seed):
        super().__init__()
        self.seed = seed

class NoPredict:
    def fit(self, X, y):
        return self

class Nothing:
    pass

class Fussy(Threshold):
    def __init__(self, feature):
        raise ValueError("feature must be green")

def give_class():
    return Threshold

number = 3
"""


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    (folder / "own_classifiers_for_creation.py").write_text(OWN, encoding="utf-8")
    return folder


def own(name):
    return f"own_classifiers_for_creation:{name}"


def test_parameters_reach_the_classifier():
    spec = ComponentSpec.of("svm", {"C": 3, "kernel": "poly", "degree": 2, "gamma": 0.5})
    model = create_classifier(spec, seed=0)["model"]
    assert isinstance(model, SVC)
    assert (model.C, model.kernel, model.degree, model.gamma) == (3.0, "poly", 2, 0.5)


def test_the_seed_reaches_the_classifier():
    assert create_classifier(ComponentSpec("random_forest"), seed=41)["model"].random_state == 41
    assert create_classifier(ComponentSpec("mlp"), seed=41)["model"].random_state == 41


def test_what_is_searched_is_not_looked_at():
    spec = ComponentSpec.of("svm", search={"C": [1, 10]})
    assert create_classifier(spec, seed=0)["model"].C == 1.0


def test_own_class_beside_the_configuration(beside):
    spec = ComponentSpec.of(own("Threshold"), {"feature": 1})
    made = create_classifier(spec, seed=7, base_dir=beside)
    assert (made.feature, made.random_state) == (1, 7)
    rows = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]])
    assert made.fit(rows, np.array([0, 0, 1])).predict(rows).tolist() == [0, 0, 1]


def test_own_class_that_takes_a_seed(beside):
    assert create_classifier(ComponentSpec(own("Seeded")), seed=7, base_dir=beside).seed == 7


def test_a_written_random_state_wins(beside):
    spec = ComponentSpec.of(own("Threshold"), {"random_state": 3})
    assert create_classifier(spec, seed=7, base_dir=beside).random_state == 3


def test_any_scikit_learn_class_can_be_named():
    spec = ComponentSpec.of("sklearn.tree:DecisionTreeClassifier", {"max_depth": 2})
    made = create_classifier(spec, seed=5)
    assert (made.max_depth, made.random_state) == (2, 5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NoPredict", "Got NoPredict without predict"),
        ("Nothing", "Got Nothing without fit and predict"),
        ("give_class", "Got a function that returns the class Threshold"),
        ("number", "must be a class or a function. Got int"),
        ("Absent", "holds no 'Absent'"),
    ],
)
def test_what_is_no_classifier_is_refused(beside, name, words):
    with pytest.raises(ComponentError, match=words):
        create_classifier(ComponentSpec(own(name)), seed=0, base_dir=beside)


def test_a_failing_constructor_is_explained(beside):
    spec = ComponentSpec.of(own("Fussy"), {"feature": "red"})
    with pytest.raises(ComponentError, match=r"'feature': 'red'.*feature must be green"):
        create_classifier(spec, seed=0, base_dir=beside)


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("svn", {}, "unknown classifier 'svn'. Did you mean 'svm'"),
        ("svm", {"c": 1}, "params.c: unknown parameter"),
        ("svm", {"C": 0}, "params.C: must be at least 1e-12. Got 0"),
        ("svm", {"C": "1"}, "params.C: must be a number. Got '1'"),
        ("svm", {"kernel": "rfb"}, "params.kernel: must be one of .*Did you mean 'rbf'"),
        (
            "svm",
            {"gamma": "scales"},
            "params.gamma: must be a number or scale or auto. Got 'scales'",
        ),
        ("knn", {"n_neighbors": 2.5}, "params.n_neighbors: must be a whole number"),
        ("knn", {"n_neighbors": 0}, "params.n_neighbors: must be at least 1"),
        ("lda", {"seed": 1}, "params.seed: unknown parameter"),
        (
            "random_forest",
            {"class_weight": "even"},
            "params.class_weight: must be balanced or null. Got 'even'",
        ),
        ("random_forest", {"max_features": 1.5}, "params.max_features: must be at most 1"),
        ("gradient_boosting", {"bins": 256}, "params.bins: must be at most 255"),
    ],
)
def test_wrong_names_and_parameters_are_explained(name, params, words):
    with pytest.raises(ComponentError, match=words):
        create_classifier(ComponentSpec.of(name, params), seed=0)


def test_weights_beside_a_resampling_that_is_only_tried_have_something_to_do():
    weight = {"class_weight": "balanced"}
    search = {"resampling": [None, "random_over"]}
    check_not_balanced_twice([ComponentSpec.of("svm", weight, search)])
    check_not_balanced_twice([ComponentSpec.of("svm", {**weight, "resampling": None})])
    check_not_balanced_twice([ComponentSpec.of("mylab:A", {**weight, "resampling": "smote"})])
    with pytest.raises(ConfigurationError, match=r"svm.*Leave out one"):
        check_not_balanced_twice([ComponentSpec.of("svm", {**weight, "resampling": "smote"})])
