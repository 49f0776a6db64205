"""Probabilities of any classifier: shapes, missing classes, agreement with `predict`."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC, LinearSVC

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.exceptions import ComponentError
from bioselect.registry import ComponentSpec


def overlapping(n_classes, n_images=90, n_features=6, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(n_images) % n_classes
    return random.normal(size=(n_images, n_features)) + 0.7 * labels[:, None], labels


class Answers:
    """A classifier that answers what it is told."""

    def __init__(self, predicted=None, probabilities=None, decisions=None, classes=None):
        self.predicted = predicted
        if probabilities is not None:
            self.predict_proba = lambda X: probabilities
        if decisions is not None:
            self.decision_function = lambda X: decisions
        if classes is not None:
            self.classes_ = np.asarray(classes)

    def fit(self, X, y):
        return self

    def predict(self, X):
        if np.ndim(self.predicted) == 0:
            return np.full(len(X), self.predicted)
        return self.predicted


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_the_highest_probability_is_the_predicted_class(name, n_classes):
    rows, labels = overlapping(n_classes)
    unseen, _ = overlapping(n_classes, n_images=200, seed=1)
    fitted = create_classifier(ComponentSpec(name), 0).fit(rows, labels)
    table = class_probabilities(fitted, unseen, n_classes)
    assert table.shape == (200, n_classes)
    assert table.dtype == np.float64
    np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-12)
    assert (table >= 0).all()
    np.testing.assert_array_equal(table.argmax(axis=1), fitted.predict(unseen))


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_class_missing_in_training_gets_nothing(name, missing):
    rows, labels = overlapping(3)
    kept = labels != missing
    fitted = create_classifier(ComponentSpec(name), 0).fit(rows[kept], labels[kept])
    table = class_probabilities(fitted, rows, 3)
    assert (table[:, missing] == 0).all()
    np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(table.argmax(axis=1), fitted.predict(rows))


def test_predict_proba_is_taken_as_it_is():
    rows, labels = overlapping(3)
    fitted = LogisticRegression().fit(rows, labels)
    assert probability_source(fitted) == "predict_proba"
    np.testing.assert_allclose(
        class_probabilities(fitted, rows, 3), fitted.predict_proba(rows), rtol=1e-15
    )


def test_decisions_of_two_classes_become_a_sigmoid():
    # 1 / (1 + exp(-ln 3)) = 3 / 4.
    answers = Answers(decisions=np.array([np.log(3.0), -np.log(3.0)]), classes=[0, 1])
    answers.predicted = np.array([1, 0])
    assert probability_source(answers) == "decision_function"
    table = class_probabilities(answers, np.zeros((2, 1)), 2)
    np.testing.assert_allclose(table, [[0.25, 0.75], [0.75, 0.25]])


def test_decisions_of_more_classes_become_a_softmax():
    # exp(0), exp(ln 2), exp(ln 5) = 1, 2, 5 of 8; class 1 was not trained on. Large common terms
    # must not overflow.
    decisions = 1000.0 + np.array([[0.0, np.log(2.0), np.log(5.0)]])
    answers = Answers(decisions=decisions, classes=[0, 2, 3], predicted=3)
    table = class_probabilities(answers, np.zeros((1, 1)), 4)
    np.testing.assert_allclose(table, [[1 / 8, 0, 2 / 8, 5 / 8]])


def test_only_predict_gives_one_for_the_predicted_class():
    answers = Answers(predicted=np.array([2, 0]))
    assert probability_source(answers) == "predict"
    table = class_probabilities(answers, np.zeros((2, 1)), 3)
    np.testing.assert_array_equal(table, [[0, 0, 1], [1, 0, 0]])


class TiedTowards(Answers):
    def __init__(self, place):
        super().__init__(probabilities=np.array([[0.5, 0.5, 0.0], [0.9, 0.1, 0.0]]))
        self.place = place

    def predict(self, X):
        return np.full(len(X), self.place)


def test_a_tie_is_decided_by_predict_alone():
    table = class_probabilities(TiedTowards(1), np.zeros((2, 1)), 3)
    assert table.argmax(axis=1).tolist() == [1, 0]
    np.testing.assert_allclose(table, [[0.5, 0.5, 0.0], [0.9, 0.1, 0.0]], atol=1e-15)
    # A `predict` outside the tie is not helped.
    table = class_probabilities(TiedTowards(2), np.zeros((2, 1)), 3)
    assert table[0].tolist() == [0.5, 0.5, 0.0]


def test_support_vectors_with_equal_decisions_agree_with_predict():
    # All features alike: the decision is exactly 0 and libsvm says class 1.
    rows, labels = np.zeros((6, 2)), np.array([0, 0, 0, 1, 1, 1])
    fitted = SVC(break_ties=True).fit(rows, labels)
    table = class_probabilities(fitted, rows, 2)
    np.testing.assert_array_equal(table.argmax(axis=1), fitted.predict(rows))


def test_no_images_give_no_rows():
    rows, labels = overlapping(3)
    fitted = KNeighborsClassifier().fit(rows, labels)
    assert class_probabilities(fitted, rows[:0], 3).shape == (0, 3)


def test_somebody_elses_linear_svc_is_taken():
    rows, labels = overlapping(4)
    fitted = LinearSVC().fit(rows, labels)
    table = class_probabilities(fitted, rows, 4)
    np.testing.assert_array_equal(table.argmax(axis=1), fitted.predict(rows))


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (Answers(probabilities=np.ones((3, 2)) / 2), r"predict_proba .*\(4, 3\).*Got \(3, 2\)"),
        (Answers(probabilities=np.ones(4)), r"predict_proba .*\(4, 3\).*Got \(4,\)"),
        (Answers(probabilities=np.ones((4, 3)), classes=[0, 1]), r"shape \(4, 2\)"),
        (Answers(probabilities=np.full((4, 3), np.nan)), "finite"),
        (Answers(probabilities=np.tile([1.2, -0.1, -0.1], (4, 1))), "at least 0. Got -0.1"),
        (Answers(probabilities=np.zeros((4, 3))), "sum to 1. Got a row that sums to 0"),
        (Answers(probabilities=np.tile([30.0, 1.0, 1.0], (4, 1))), "Got a row that sums to 32"),
        (Answers(probabilities="high"), "array of numbers. Got str"),
        (Answers(decisions=np.ones(4)), r"decision_function .*\(4, 3\).*Got \(4,\)"),
        (Answers(decisions=np.ones((4, 1)), classes=[0, 1]), r"decision_function .*\(4, 2\)"),
        (Answers(decisions=np.full((4, 3), np.inf)), "finite"),
        (Answers(predicted=np.zeros((4, 1))), r"predict .*\(4,\) \(images\). Got \(4, 1\)"),
        (Answers(predicted=np.zeros(3)), r"predict .*Got \(3,\)"),
        (Answers(predicted=np.array([0, 1, 2, 3])), "whole numbers 0 to 2 .*Got 0, 1, 2"),
        (Answers(predicted=np.array(["a", "b", "a", "b"])), "whole numbers 0 to 2 .*Got 'a'"),
        (Answers(probabilities=np.ones((4, 2)), classes=["a", "b"]), "Got 'a', 'b'"),
        (Answers(predicted=np.array([0.5, 1, 1, 1])), "Got 0.5"),
    ],
)
def test_wrong_answers_are_named(answers, words):
    with pytest.raises(ComponentError, match=f"Answers: .*{words}"):
        class_probabilities(answers, np.zeros((4, 1)), 3)
