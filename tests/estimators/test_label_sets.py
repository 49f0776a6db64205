"""One classifier a label, or a chain: what scikit-learn's own make of the same pipelines."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.preprocessing import StandardScaler

from bioselect.bundle.estimator_file import MadeOf, dump_estimator, load_estimator
from bioselect.estimators.averaging import AveragedModels
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import create_classifier, is_surrounded
from bioselect.estimators.fitted_pipeline import FittedPipeline
from bioselect.estimators.fold_forms import fold_form
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.label_sets import LabelSetClassifier, create_for
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.estimators.threshold_words import threshold_words
from bioselect.estimators.training import chosen_in_training
from bioselect.estimators.training import train as train_it
from bioselect.exceptions import ComponentError
from bioselect.execution import one_thread
from bioselect.registry import ComponentSpec

N_IMAGES = 90
NAMES = ("effusion", "mass", "nodule")
#: Who looks at no feature has nothing to chain.
FLOOR = ("dummy", True)
#: Quick enough to be trained for each label several times.
SMALL = {
    "random_forest": {"n_estimators": 10},
    "extra_trees": {"n_estimators": 10},
    "gradient_boosting": {"n_estimators": 5},
    "mlp": {"hidden": 5, "max_iter": 30},
}
#: What shares inner products, whose last digits depend on the order of sums.
NEARLY = {"logistic_regression", "linear_svm", "svm"}


def drawn(n_features=8, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(N_IMAGES, n_features))
    noise = random.normal(size=(N_IMAGES, 3))
    Y = (X[:, :3] + noise > [0.0, 0.8, -0.5]).astype(np.int8)
    Y[:, 2] |= Y[:, 0]  # Labels that depend on each other, for the chain.
    return X, Y, np.arange(60), np.arange(60, N_IMAGES)


def spec_of(name, **params):
    return ComponentSpec.of(name, {**SMALL.get(name, {}), **params})


def reference_table(fitted, X):
    """Return the probability of each label by scikit-learn's own wrapper."""
    if hasattr(fitted.estimators_[0], "predict_proba"):
        if isinstance(fitted, MultiOutputClassifier):
            return np.stack([table[:, 1] for table in fitted.predict_proba(X)], axis=1)
        return fitted.predict_proba(X)
    return None


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_features", [8, 120])
@pytest.mark.parametrize(
    ("name", "chain"),
    [(name, chain) for name in CLASSIFIERS for chain in (False, True) if (name, chain) != FLOOR],
)
def test_the_results_of_scikit_learn(name, chain, n_features):
    X, Y, train, test = drawn(n_features)
    wrapper = ClassifierChain if chain else MultiOutputClassifier
    expected = wrapper(create_classifier(spec_of(name), 3)).fit(X[train], Y[train])
    spec = spec_of(name, multilabel="chain") if chain else spec_of(name)
    rows = FoldRows(X, train, test)
    form = fold_form(name, create_for(Y, spec, 3), rows)
    form.estimator.fit(form.train(), Y[train])
    found = class_probabilities(form.estimator, form.test(), 3)
    np.testing.assert_array_equal(found > 0.5, expected.predict(X[test]) == 1)
    table = reference_table(expected, X[test])
    if table is None:
        assert name in ("linear_svm", "svm")
    else:
        np.testing.assert_allclose(found, table, rtol=0, atol=1e-8 if name in NEARLY else 1e-12)
    assert not np.array_equal(found > 0.5, Y[test])  # It is no perfect set, which all would learn.


def test_decisions_become_probabilities_as_for_two_classes():
    X, Y, train, test = drawn()
    expected = MultiOutputClassifier(create_classifier(spec_of("svm"), 0)).fit(X[train], Y[train])
    found = create_for(Y, spec_of("svm"), 0).fit(X[train], Y[train]).predict_proba(X[test])
    for place, model in enumerate(expected.estimators_):
        decision = model.decision_function(X[test])
        np.testing.assert_allclose(found[:, place], 1 / (1 + np.exp(-decision)), atol=1e-12)


def test_the_chain_sees_what_it_predicted_and_not_the_truth():
    X, Y, train, test = drawn()
    made = create_for(Y, spec_of("lda", multilabel="chain"), 0).fit(X[train], Y[train])
    known = np.hstack([X[test], made.predict(X[test])[:, :2]])
    last = class_probabilities(made.models_[2], known, 2)[:, 1]
    np.testing.assert_array_equal(made.predict_proba(X[test])[:, 2], last)
    assert made.models_[2]["scale"].n_features_in_ == X.shape[1] + 2


def test_binary_relevance_is_each_label_by_itself():
    X, Y, train, test = drawn()
    both = create_for(Y, spec_of("lda"), 0).fit(X[train], Y[train]).predict_proba(X[test])
    one = create_for(Y[:, 1:2], spec_of("lda"), 0).fit(X[train], Y[train, 1:2])
    np.testing.assert_array_equal(one.predict_proba(X[test])[:, 0], both[:, 1])


@pytest.mark.parametrize("multilabel", ["binary_relevance", "chain"])
@pytest.mark.parametrize("value", [0, 1])
def test_a_label_with_one_value_is_predicted_as_it_is(multilabel, value):
    X, Y, train, test = drawn()
    Y[:, 1] = value
    spec = spec_of("logistic_regression", multilabel=multilabel)
    form = fold_form(spec.name, create_for(Y, spec, 0), FoldRows(X, train, test))
    form.estimator.fit(form.train(), Y[train])
    found = class_probabilities(form.estimator, form.test(), 3)
    assert (found[:, 1] == value).all()
    assert found[:, 0].min() > 0
    assert probability_source(form.estimator) == "predict_proba"


def test_the_source_is_that_of_a_label_that_was_learnt():
    X, Y, train, _ = drawn()
    Y[:, 0] = 1
    fitted = create_for(Y, spec_of("svm"), 0).fit(X[train], Y[train])
    assert probability_source(fitted) == "decision_function"
    assert probability_source(FittedPipeline([("model", fitted)])) == "decision_function"


def test_rare_labels_are_found_more_often_with_weights():
    X, Y, train, test = drawn(seed=2)
    found = {
        weight: create_for(Y, spec_of("logistic_regression", class_weight=weight), 0)
        .fit(X[train], Y[train])
        .predict(X[test])[:, 1]
        .sum()
        for weight in (None, "balanced")
    }
    assert found["balanced"] > found[None]


def test_resampling_is_done_for_each_label():
    pytest.importorskip("imblearn")
    X, Y, train, test = drawn()
    spec = spec_of("lda", resampling="random_over")
    found = create_for(Y, spec, 5).fit(X[train], Y[train]).predict_proba(X[test])
    for place in range(3):
        alone = create_classifier(spec, 5).fit(X[train], Y[train, place])
        np.testing.assert_array_equal(found[:, place], class_probabilities(alone, X[test], 2)[:, 1])


@pytest.mark.parametrize("rule", ["f1", "youden"])
def test_the_border_of_each_label_is_that_of_the_label_alone(rule):
    X, Y, train, test = drawn()
    Y[:, 2] = 1
    units = np.arange(60) // 2
    fitted = create_for(Y, spec_of("lda", threshold=rule), 5)
    form = fold_form("lda", fitted, FoldRows(X, train, test))
    train_it(form.estimator, form.train(), Y[train], units)
    found = class_probabilities(form.estimator, form.test(), 3)
    borders = chosen_in_training(form.estimator)["decision_threshold"]
    for place in (0, 1):
        alone = create_classifier(spec_of("lda", threshold=rule), 5)
        alone.fit(X[train], Y[train, place], units)
        expected = class_probabilities(alone, X[test], 2)[:, 1]
        np.testing.assert_array_equal(found[:, place], expected)
        assert borders[place] == alone.threshold_ != 0.5
    assert borders[2] is None
    words = threshold_words({"threshold": rule}, {"decision_threshold": borders}, NAMES)
    assert f"An image is said to have effusion from {borders[0]:.3g} on, mass from" in words
    assert "nodule" not in words
    assert "label by label" in words


def test_by_f1_more_of_a_rare_label_is_found():
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 3))
    Y = (X[:, :1] + random.normal(size=(600, 1)) > 2.0).astype(np.int8)  # about one in twelve
    learnt, new = np.arange(300), np.arange(300, 600)
    plain, divided = (
        create_for(Y, spec_of("lda", threshold=rule), 0).fit(X[learnt], Y[learnt]).predict(X[new])
        for rule in (None, "f1")
    )
    assert recall_score(Y[new, 0], divided[:, 0]) > recall_score(Y[new, 0], plain[:, 0])
    assert f1_score(Y[new, 0], divided[:, 0]) > f1_score(Y[new, 0], plain[:, 0])


class Writes(ClassifierMixin, BaseEstimator):
    """A classifier of somebody's own that changes the rows it is given."""

    def fit(self, X, y):
        self.model_ = LogisticRegression().fit(X, y)
        self.classes_ = self.model_.classes_
        X[:] = 0.0
        return self

    def predict(self, X):
        found = self.model_.predict(X)
        X[:] = 0.0
        return found


def test_a_label_does_not_see_what_another_did_to_the_rows():
    X, Y, train, test = drawn()
    name = "mine:Writes"
    form = fold_form(name, LabelSetClassifier(Writes()), FoldRows(X, train, test))
    form.estimator.fit(form.train(), Y[train])
    found = class_probabilities(form.estimator, form.test(), 3)
    expected = MultiOutputClassifier(LogisticRegression()).fit(X[train], Y[train]).predict(X[test])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("multilabel", ["binary_relevance", "chain"])
@pytest.mark.parametrize("name", ["knn", "lda", "extra_trees"])
def test_a_model_file_brings_it_back(tmp_path, name, multilabel):
    X, Y, train, test = drawn()
    Y[:, 1] = 1
    fitted = create_for(Y, spec_of(name, multilabel=multilabel), 0).fit(X[train], Y[train])
    path = tmp_path / "model.skops"
    data = dump_estimator(fitted, MadeOf(name), None)
    assert data == dump_estimator(fitted, MadeOf(name), None)
    path.write_bytes(data)
    again = load_estimator(path, MadeOf(name), None, path)
    with one_thread():
        np.testing.assert_array_equal(again.predict_proba(X[test]), fitted.predict_proba(X[test]))


def test_behind_what_an_extractor_learns_labels_stay_labels(tmp_path):
    X, Y, train, test = drawn()
    step = StandardScaler().fit(X[train])
    fitted = create_for(Y, spec_of("lda"), 0).fit(step.transform(X[train]), Y[train])
    both = FittedPipeline([("learnt", step), ("estimator", fitted)])
    found = class_probabilities(both, X[test], 3)
    np.testing.assert_array_equal(found, fitted.predict_proba(step.transform(X[test])))
    path = tmp_path / "model.skops"
    path.write_bytes(dump_estimator(both, MadeOf("lda"), None))
    again = load_estimator(path, MadeOf("lda"), None, path)
    np.testing.assert_array_equal(class_probabilities(again, X[test], 3), found)


def test_the_mean_of_several_models_of_labels_is_one_of_labels():
    X, Y, train, test = drawn()
    models = [
        create_for(Y, spec_of(name), 0).fit(X[train], Y[train]) for name in ("lda", "svm", "knn")
    ]
    mean = AveragedModels(models, [np.arange(8)] * 3, 3)
    expected = np.mean([model.predict_proba(X[test]) for model in models], axis=0)
    np.testing.assert_allclose(class_probabilities(mean, X[test], 3), expected, atol=1e-15)
    np.testing.assert_array_equal(mean.predict(X[test]), expected > 0.5)
    assert probability_source(mean) == "decision_function"  # of the svm: the least sure


def test_one_class_an_image_gets_a_plain_classifier():
    assert not isinstance(create_for(np.array([0, 1]), spec_of("lda"), 0), LabelSetClassifier)
    with pytest.raises(ComponentError, match="multilabel: is for images that may have several"):
        create_for(np.array([0, 1]), spec_of("lda", multilabel="chain"), 0)


def test_a_wrong_word_is_an_error_that_names_the_right_ones():
    with pytest.raises(ComponentError, match=r"multilabel.*binary_relevance, chain.*'chains'"):
        create_for(np.eye(2), spec_of("lda", multilabel="chains"), 0)


def test_a_chain_shares_nothing_with_the_others_of_its_fold():
    assert is_surrounded(spec_of("lda", multilabel="chain"))
    assert is_surrounded(ComponentSpec.of("lda", search={"multilabel": ["chain"]}))
