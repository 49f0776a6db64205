"""The border between two classes: best by its criterion, never seen by a unit it is judged on."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import TunedThresholdClassifierCV

from bioselect.data.splitting import draw_folds
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.responses import class_probabilities
from bioselect.estimators.threshold import chosen_log_odds, log_odds, moved
from bioselect.estimators.threshold_rule import ThresholdRule
from bioselect.estimators.training import chosen_in_training, train
from bioselect.exceptions import DataError
from bioselect.registry import ComponentSpec

TUMOUR = {"name": "tumour", "place": 1}


def rare(n=300, seed=0, n_features=5, shift=1.0):
    """Return rows and classes, one in eight of class 1."""
    random = np.random.default_rng(seed)
    y = (np.arange(n) % 8 == 0).astype(np.int64)
    return random.normal(size=(n, n_features)) + shift * y[:, None], y


def classifier(threshold, name="logistic_regression", **params):
    return create_classifier(ComponentSpec.of(name, {"threshold": threshold, **params}), 3)


@pytest.fixture(params=range(4))
def some(request):
    random = np.random.default_rng(request.param)
    positive = random.random(80) < 0.3
    # Some images have equal values.
    return np.round(random.normal(size=80) + positive, 1), positive


def test_youden_is_the_top_of_scikit_learns_roc_curve(some):
    values, positive = some
    border = chosen_log_odds(values, positive, ThresholdRule("youden", 1))
    false, true, _ = roc_curve(positive, values)
    said = values >= border
    reached = said[positive].mean() - said[~positive].mean()
    assert reached == pytest.approx((true - false).max())
    assert border == chosen_log_odds(values, positive, ThresholdRule("balanced_accuracy", 1))


def test_f1_is_the_best_of_scikit_learns_precision_recall_curve(some):
    values, positive = some
    border = chosen_log_odds(values, positive, ThresholdRule("f1", 1))
    precision, recall, _ = precision_recall_curve(positive, values)
    best = np.nanmax(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    assert f1_score(positive, values >= border) == pytest.approx(best)


def test_f1_macro_is_the_best_of_every_border(some):
    values, positive = some
    border = chosen_log_odds(values, positive, ThresholdRule("f1_macro", 1))
    every = [f1_score(positive, values >= cut, average="macro") for cut in np.unique(values)]
    assert f1_score(positive, values >= border, average="macro") == pytest.approx(max(every))


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_a_wanted_sensitivity_costs_as_little_specificity_as_can_be(some, wanted):
    values, positive = some
    false, true, _ = roc_curve(positive, values, drop_intermediate=False)
    said = values >= chosen_log_odds(values, positive, ThresholdRule("sensitivity", 1, wanted))
    assert said[positive].mean() >= wanted
    assert said[~positive].mean() == pytest.approx(false[true >= wanted].min())
    said = values >= chosen_log_odds(values, positive, ThresholdRule("specificity", 1, wanted))
    assert said[~positive].mean() <= 1 - wanted + 1e-12
    assert said[positive].mean() == pytest.approx(true[false <= 1 - wanted + 1e-12].max())


def test_as_good_as_scikit_learns_tuned_threshold():
    X, y = rare(600, seed=5)
    split = [(np.arange(300), np.arange(300, 600))]
    theirs = TunedThresholdClassifierCV(
        LogisticRegression(), scoring="balanced_accuracy", cv=split, thresholds=500, refit=True
    ).fit(X, y)
    model = LogisticRegression().fit(X[split[0][0]], y[split[0][0]])
    values = log_odds(model.predict_proba(X[split[0][1]]), 1)
    truth = y[split[0][1]]
    border = chosen_log_odds(values, truth == 1, ThresholdRule("balanced_accuracy", 1))
    ours = balanced_accuracy_score(truth, values >= border)
    # Theirs is the best of 500 evenly spaced thresholds, ours of all there are.
    assert theirs.best_score_ <= ours <= theirs.best_score_ + 0.005
    assert expit(border) == pytest.approx(theirs.best_threshold_, abs=0.03)


def test_nothing_is_moved_where_one_half_is_as_good_as_any():
    values, positive = np.array([-2.0, -0.1, 0.2, 3.0]), np.array([False, False, True, True])
    assert chosen_log_odds(values, positive, ThresholdRule("youden", 1)) == 0.0
    table = np.array([[0.3, 0.7]])
    assert moved(table, 1, 0.0) is table


def test_certain_images_on_the_wrong_side():
    # Two of four positives are said to be impossible: at most half can be found, or all called so.
    values = np.array([-np.inf, -np.inf, -1.0, 2.0, -np.inf, -np.inf])
    positive = np.array([True, True, True, True, False, False])
    assert chosen_log_odds(values, positive, ThresholdRule("sensitivity", 1, 0.5)) < -1.0
    with pytest.raises(ValueError, match=r"no border reaches a sensitivity of 0\.9"):
        chosen_log_odds(values, positive, ThresholdRule("sensitivity", 1, 0.9))
    with pytest.raises(ValueError, match="exactly 1 of being positive"):
        chosen_log_odds(-values, ~positive, ThresholdRule("specificity", 1, 0.9))


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("border", [-700.0, -2.0, 1e-17, 0.4, 30.0])
def test_the_highest_probability_is_the_decision_and_the_order_stays(place, border):
    random = np.random.default_rng(1)
    positive = np.concatenate([random.random(50), [0.0, 1.0, 0.5], expit([border])])
    table = np.zeros((len(positive), 2))
    table[:, place], table[:, 1 - place] = positive, 1 - positive
    found = moved(table, place, border)
    decision = np.where(log_odds(table, place) >= border, place, 1 - place)
    np.testing.assert_array_equal(found.argmax(axis=1), decision)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    order = np.argsort(positive, kind="stable")
    assert (np.diff(found[order, place]) >= 0).all()


def test_a_rare_class_is_found_more_often_and_the_roc_curve_stays():
    X, y = rare(400, shift=0.8)
    new, truth = rare(4000, seed=9, shift=0.8)
    plain = create_classifier(ComponentSpec("logistic_regression"), 3).fit(X, y)
    fitted = classifier("youden").fit(X, y)
    before, after = (class_probabilities(one, new, 2) for one in (plain, fitted))
    np.testing.assert_array_equal(fitted.predict(new), after.argmax(axis=1))
    assert balanced_accuracy_score(truth, after.argmax(axis=1)) > 0.05 + balanced_accuracy_score(
        truth, before.argmax(axis=1)
    )
    assert roc_auc_score(truth, after[:, 1]) == pytest.approx(roc_auc_score(truth, before[:, 1]))
    # One half is the border on the classifier's own scale.
    called = before[:, 1] >= fitted.threshold_
    np.testing.assert_array_equal(called, after.argmax(axis=1) == 1)
    assert chosen_in_training(fitted) == {"decision_threshold": fitted.threshold_}
    assert chosen_in_training(plain) == {}


def test_the_wanted_sensitivity_is_about_what_new_images_get():
    X, y = rare(1200, seed=2)
    new, truth = rare(8000, seed=3)
    for wanted in (0.6, 0.9):
        fitted = classifier({"sensitivity": wanted, "positive": TUMOUR}).fit(X, y)
        assert np.mean(fitted.predict(new)[truth == 1] == 1) == pytest.approx(wanted, abs=0.06)
    other = classifier({"sensitivity": 0.9, "positive": {"name": "no", "place": 0}}).fit(X, y)
    assert np.mean(other.predict(new)[truth == 0] == 0) == pytest.approx(0.9, abs=0.06)


def test_the_border_comes_from_inner_folds_that_split_no_unit():
    X, y = rare(160)
    units = np.arange(160) // 16  # ten patients with images of both classes
    fitted = classifier("youden")
    train(fitted, X, y, units)
    values = np.empty(160)
    for fold in draw_folds(y, units, 5, 1, 3).folds:
        assert not set(units[fold.train]) & set(units[fold.test])
        made = create_classifier(ComponentSpec("logistic_regression"), 3)
        made.fit(X[fold.train], y[fold.train])
        values[fold.test] = log_odds(made.predict_proba(X[fold.test]), 1)
    expected = chosen_log_odds(values, y == 1, ThresholdRule("youden", 1))
    assert fitted.log_odds_ == pytest.approx(expected, abs=1e-6)
    alone = classifier("youden").fit(X, y)
    assert alone.log_odds_ != pytest.approx(fitted.log_odds_, abs=1e-6)


def test_memorised_training_images_do_not_choose_the_border():
    # A forest gives its own training images probabilities of about 0 and 1: by those any border
    # would be as good, and one half would be taken.
    X, y = rare(400, shift=0.7)
    fitted = classifier("youden", "random_forest", n_estimators=60).fit(X, y)
    assert fitted.threshold_ < 0.35


def test_one_class_or_one_unit_of_it():
    X, y = rare(40)
    with pytest.raises(ValueError, match=r"images of both classes\. Got images of 1"):
        classifier("youden").fit(X[y == 0], y[y == 0])
    with pytest.raises(DataError, match=r"threshold: each of the 2 classes .* choose no threshold"):
        classifier("youden").fit(X, y, np.where(y == 1, 0, np.arange(40) + 1))


def test_resampling_happens_inside_the_inner_folds():
    X, y = rare(300)
    both = classifier("youden", resampling="random_over").fit(X, y)
    # Trained on equal classes, one half is about right already.
    alone = classifier("youden").fit(X, y)
    assert alone.threshold_ < 0.3 < both.threshold_
