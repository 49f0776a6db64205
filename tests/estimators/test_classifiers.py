"""Each classifier is what it says: optima, other implementations, silence, determinism."""

import warnings

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bioselect.estimators import classifiers
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.files.opening import open_estimator
from bioselect.estimators.responses import class_probabilities
from bioselect.execution import one_thread
from bioselect.registry import ComponentSpec

LEARNING = [name for name in CLASSIFIERS if name != "dummy"]
RANDOM = ["random_forest", "extra_trees", "mlp"]


def draw(n_images, n_features, n_classes, shift=1.0, seed=0):
    random = np.random.default_rng(seed)
    labels = np.arange(n_images) % n_classes
    centres = shift * random.normal(size=(n_classes, n_features))
    return random.normal(size=(n_images, n_features)) + centres[labels], labels


def make(name, seed=0, **params):
    return create_classifier(ComponentSpec.of(name, params), seed)


@pytest.mark.parametrize("name", LEARNING)
def test_separate_classes_are_learnt(name):
    rows, labels = draw(160, 10, 4, shift=3.0)
    fitted = make(name).fit(rows[:80], labels[:80])
    assert np.mean(fitted.predict(rows[80:]) == labels[80:]) >= 0.95


#: Images, features, classes, shift: small, hopeless, wide, five classes, hardly any images.
ORDINARY = [
    (60, 10, 2, 1.0),
    (60, 10, 2, 0.0),
    (50, 400, 3, 0.2),
    (100, 30, 5, 0.3),
    (8, 6, 2, 1.0),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("sizes", ORDINARY)
def test_ordinary_data_give_no_warning(name, sizes):
    rows, labels = draw(*sizes)
    rows[:, :2] = 7.0
    fitted = make(name).fit(rows, labels)
    assert np.isfinite(class_probabilities(fitted, rows, sizes[2])).all()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_same_seed_gives_the_same_bits(name):
    rows, labels = draw(60, 80, 3, shift=0.3)
    with one_thread():
        first, second = (
            class_probabilities(make(name, seed=5).fit(rows, labels), rows, 3) for _ in range(2)
        )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_random_numbers_of_others_are_left_alone(name):
    rows, labels = draw(60, 10, 3)
    before = np.random.get_state()[1:3]
    make(name).fit(rows, labels)
    after = np.random.get_state()[1:3]
    assert before[1] == after[1]
    np.testing.assert_array_equal(before[0], after[0])


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_gives_another_fit(name):
    rows, labels = draw(60, 10, 3, shift=0.3)
    new, _ = draw(60, 10, 3, shift=0.3, seed=1)
    first, second = (
        class_probabilities(make(name, seed=seed).fit(rows, labels), new, 3) for seed in (0, 1)
    )
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", sorted(set(LEARNING) - {"random_forest", "extra_trees"}))
def test_units_of_the_features_do_not_matter(name):
    rows, labels = draw(60, 10, 3, shift=0.5)
    in_other_units = rows * 2.0 ** np.arange(-20, 20, 4) + 64.0
    first = class_probabilities(make(name).fit(rows, labels), rows, 3)
    second = class_probabilities(make(name).fit(in_other_units, labels), in_other_units, 3)
    np.testing.assert_allclose(first, second, atol=1e-4)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_model_file_holds_nothing_but_the_declared_types(name):
    rows, labels = draw(60, 80, 3)
    data = skops.io.dumps(make(name).fit(rows, labels))
    read = open_estimator(data)
    np.testing.assert_array_equal(read.predict(rows), make(name).fit(rows, labels).predict(rows))


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("shape", [(60, 300), (300, 10)])
def test_logistic_regression_is_at_its_optimum(C, shape):
    # Where the gradient of |W|**2 / 2 + C * (sum of losses) is zero: W = C * (Y - P)' X, and the
    # columns of Y - P sum to zero because the intercepts are not penalised.
    rows, labels = draw(*shape, 3, shift=0.2)
    fitted = make("logistic_regression", C=C).fit(rows, labels)
    scaled = StandardScaler().fit_transform(rows)
    residuals = np.eye(3)[labels] - fitted.predict_proba(rows)
    expected = C * residuals.T @ scaled
    size = np.abs(fitted["model"].coef_).max()
    np.testing.assert_allclose(fitted["model"].coef_, expected, atol=2e-3 * size)
    np.testing.assert_allclose(residuals.sum(axis=0), 0.0, atol=1e-4)


def test_a_rotating_booster_can_be_kept_in_a_model_file():
    rows, labels = draw(60, 80, 3)
    data = skops.io.dumps(make("gradient_boosting", components=8).fit(rows, labels))
    assert open_estimator(data).predict(rows).shape == (60,)


def test_logistic_regression_gives_the_probabilities_of_another_solver():
    rows, labels = draw(60, 300, 3, shift=0.2)
    new, _ = draw(100, 300, 3, seed=1)
    ours = make("logistic_regression").fit(rows, labels)
    theirs = make_pipeline(
        StandardScaler(), LogisticRegression(solver="newton-cg", tol=1e-10, max_iter=10_000)
    ).fit(rows, labels)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=2e-5)


def test_linear_svm_by_hand():
    # 0 and 2 are scaled to -1 and 1; the widest margin has weight 1, so 4 lies at 3. The
    # multipliers are 1/2 each; with C = 0.1 they are cut off there and the weight is 0.2.
    rows, labels = np.array([[0.0], [2.0]]), np.array([0, 1])
    far = np.array([[4.0]])
    wide = make("linear_svm").fit(rows, labels)
    assert wide.decision_function(far) == pytest.approx(3.0)
    soft = make("linear_svm", C=0.1).fit(rows, labels)
    assert soft.decision_function(far) == pytest.approx(0.6)


def test_svm_is_the_scaled_machine_of_scikit_learn():
    rows, labels = draw(80, 12, 3, shift=0.5)
    ours = make("svm", C=10, gamma=0.05).fit(rows, labels)
    scaled = StandardScaler().fit_transform(rows)
    theirs = SVC(C=10, gamma=0.05).fit(scaled, labels)
    np.testing.assert_allclose(ours.decision_function(rows), theirs.decision_function(scaled))


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
def test_knn_votes(metric):
    rows, labels = draw(80, 12, 3, shift=0.5)
    ours = make("knn", n_neighbors=7, metric=metric, weights="distance").fit(rows, labels)
    scaler = StandardScaler().fit(rows)
    theirs = KNeighborsClassifier(7, metric=metric, weights="distance")
    theirs.fit(scaler.transform(rows), labels)
    # Rows that were not trained on: of those that were, the distance to themselves is 0 or a
    # rounding error, and its inverse decides.
    new = rows[::-1] * 0.9 + 0.05
    expected = theirs.predict_proba(scaler.transform(new))
    np.testing.assert_allclose(ours.predict_proba(new), expected, atol=1e-12)


def test_knn_by_hand():
    # The 5 nearest of 2.1 are 0, 1, 2, 3, 4 with labels 0, 0, 0, 1, 1.
    fitted = make("knn").fit(np.arange(8.0)[:, None], np.array([0, 0, 0, 1, 1, 1, 1, 1]))
    np.testing.assert_allclose(fitted.predict_proba(np.array([[2.1]])), [[0.6, 0.4]])


def test_naive_bayes_by_hand():
    # Scaled: mean 5, sd sqrt(26), so the unit drops out. Class means 0 and 10, each with sd 1 in
    # the old unit; at 5.1 the log odds are ((5.1)**2 - (4.9)**2) / 2 = 1.
    fitted = make("naive_bayes").fit(np.array([[-1.0], [1.0], [9.0], [11.0]]), [0, 0, 1, 1])
    odds = np.log(np.divide(*fitted.predict_proba(np.array([[5.1]]))[0, ::-1]))
    assert odds == pytest.approx(1.0, rel=1e-6)


def test_balanced_weights_move_the_boundary_to_the_common_class():
    rows = np.concatenate([np.linspace(-2, 1, 40), np.linspace(0, 2, 6)])[:, None]
    labels = np.repeat([0, 1], [40, 6])
    names = "logistic_regression", "linear_svm", "svm", "gradient_boosting", "lda", "naive_bayes"
    for name in names:
        plain = make(name).fit(rows, labels).predict(rows).sum()
        balanced = make(name, class_weight="balanced").fit(rows, labels).predict(rows).sum()
        assert balanced > plain, name


def test_a_whole_one_means_all_the_features():
    assert make("random_forest", max_features=1)["model"].max_features == 1.0
    assert isinstance(make("extra_trees", max_features=1)["model"].max_features, float)


def test_boosting_rotates_many_features_and_not_few():
    rows, labels = draw(90, 70, 2)
    rotating = make("gradient_boosting", components=64)
    assert rotating.fit(rows, labels)["rotate"].components_.shape == (64, 70)
    assert rotating.fit(rows[:, :64], labels)["rotate"].components_ is None
    assert not hasattr(make("gradient_boosting"), "steps")


def test_the_dummy_guesses_the_commonest_class():
    fitted = make("dummy").fit(np.zeros((4, 1)), np.array([0, 1, 1, 1]))
    np.testing.assert_array_equal(fitted.predict_proba(np.zeros((1, 1))), [[0.25, 0.75]])


def test_nothing_uses_more_than_one_process():
    for name in CLASSIFIERS:
        assert make(name).get_params(deep=True).get("n_jobs", 1) in (None, 1), name


def test_defaults_can_be_called_without_the_registry():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in CLASSIFIERS:
            assert hasattr(getattr(classifiers, name)(), "fit")


@pytest.mark.parametrize("name", ["random_forest", "extra_trees"])
def test_trees_see_features_of_tiny_scale(name):
    # scikit-learn's trees take a feature whose range is 1e-7 or less for a constant one.
    rows = np.random.default_rng(0).normal(size=(60, 4))
    labels = (rows[:, 0] > 0).astype(int)
    fitted = make(name).fit(rows[:40] * 1e-9, labels[:40])
    assert np.mean(fitted.predict(rows[40:] * 1e-9) == labels[40:]) > 0.8
