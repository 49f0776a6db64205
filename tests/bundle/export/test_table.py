"""Every estimator of the tables says in ONNX what scikit-learn says."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.table import has_steps, table_added
from bioselect.estimators.averaged_views import AveragedViews
from bioselect.estimators.averaging import AveragedModels
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.dense_network import ACTIVATIONS, DenseNetwork
from bioselect.estimators.label_sets import create_for
from bioselect.estimators.responses import class_probabilities
from bioselect.estimators.training import train
from bioselect.exceptions import ComponentError
from bioselect.features.column_step import NUMBERS, ColumnStep
from bioselect.features.visual_words.vocabulary import VisualWords
from bioselect.registry import ComponentSpec

N_FEATURES, N_IMAGES = 12, 48
#: Forests and boosted trees add up float32 in ONNX, kernels and distances take another way there.
CLOSE = 2e-6
#: Fewer trees are the same arithmetic, and quicker.
FEW = {"n_estimators": 7}


def drawn(targets, seed=0):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(len(targets), N_FEATURES))
    shift = targets if targets.ndim == 1 else targets @ np.arange(1, targets.shape[1] + 1)
    rows[:, :4] += 0.7 * np.asarray(shift, dtype=np.float64)[:, None]
    return rows.astype(np.float32).astype(np.float64)


THREE = np.arange(N_IMAGES) % 3
TWO = np.arange(N_IMAGES) % 2
#: The last label is one that every image has.
LABELS = np.stack([TWO, (THREE > 0).astype(int), np.ones(N_IMAGES, dtype=int)], axis=1)
VALUES = 100.0 + 5.0 * np.random.default_rng(1).normal(size=N_IMAGES)


def trained(name, targets, **params):
    model = create_for(targets, ComponentSpec.of(name, params), seed=0)
    train(model, drawn(targets), targets, np.arange(len(targets)))
    return model


def in_onnx(model, rows, n_columns, computed):
    graph = Graph()
    given = graph.input("rows", np.float64, [rows.shape[1]])
    graph.output("said", table_added(graph, model, given, n_columns), [n_columns], np.float64)
    return computed(graph.model(), rows=rows)[0]


def check(model, n_columns, computed, close=CLOSE):
    new = drawn(np.arange(60) % 3, seed=5)
    new[:3] = drawn(THREE)[:3]  # Images that it was trained on, too: distances of 0.
    expected = class_probabilities(model, new, n_columns)
    got = in_onnx(model, new, n_columns, computed)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=close)
    if n_columns > 1:
        assert np.ptp(expected, axis=0).max() > 0.01 or isinstance(model, DummyClassifier)


def few(name):
    return (
        {**FEW} if any(one.name == "n_estimators" for one in CLASSIFIERS[name].parameters) else {}
    )


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier(name, computed):
    check(trained(name, THREE, **few(name)), 3, computed)
    check(trained(name, TWO, **few(name)), 2, computed)


@pytest.mark.parametrize("name", sorted(set(CLASSIFIERS) - {"dummy"}))
def test_every_classifier_of_labels_and_with_a_border_elsewhere(name, computed):
    check(trained(name, LABELS, **few(name)), 3, computed)
    check(trained(name, TWO, threshold="balanced_accuracy", **few(name)), 2, computed)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("svm", {"kernel": "poly"}),
        ("svm", {"kernel": "sigmoid"}),
        ("knn", {"weights": "distance"}),
        ("knn", {"metric": "manhattan"}),
        ("knn", {"weights": "distance", "metric": "cosine"}),
        ("gradient_boosting", {"components": 5, "n_estimators": 5}),
        ("naive_bayes", {"class_weight": "balanced"}),
        ("lda", {"resampling": "random_over"}),
    ],
)
def test_parameters_that_change_the_arithmetic(name, params, computed):
    check(trained(name, THREE, **params), 3, computed)


def test_a_chain_of_labels(computed):
    check(trained("lda", LABELS, multilabel="chain"), 3, computed)


@pytest.mark.parametrize("name", [one for one in REGRESSORS if not one.endswith("_network")])
def test_every_regressor(name, computed):
    many = any(one.name == "n_estimators" for one in REGRESSORS[name].parameters)
    params = {**(FEW if many else {}), **({} if name == "dummy" else {"select": 6})}
    check(trained(name, VALUES, **params), 1, computed, close=1e-5)


def test_a_smooth_process_of_another_kernel(computed):
    check(trained("gaussian_process", VALUES, kernel="matern"), 1, computed)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_dense_networks(activation, computed):
    random = np.random.default_rng(3)
    model = DenseNetwork({"activation": activation})
    model.kernels_ = [random.normal(size=shape).astype(np.float32) for shape in ((12, 5), (5, 1))]
    model.biases_ = [random.normal(size=size).astype(np.float32) for size in (5, 1)]
    model.offset_, model.unit_ = 7.0, 3.0
    check(model, 1, computed)


def test_classes_that_were_not_there_in_training_get_nothing(computed):
    model = KNeighborsClassifier(1, metric="euclidean").fit(drawn(TWO), 2 * TWO)
    check(model, 4, computed)


def test_averages_of_models_and_of_looks(computed):
    one = trained("lda", THREE)
    columns = np.array([3, 1, 5, 0])
    other = KNeighborsClassifier(3, metric="euclidean").fit(drawn(THREE)[:, columns], THREE)
    check(AveragedModels([one, other], [np.arange(N_FEATURES), columns], 3), 3, computed)
    half = KNeighborsClassifier(3, metric="euclidean").fit(drawn(THREE)[:, :6], THREE)
    check(AveragedViews(half, 2, 3), 3, computed)


def test_columns_of_a_table_with_gaps(computed):
    rows = np.array([[0, 30.0], [1, 50.0], [1, np.nan], [np.nan, 70.0], [0, 20.0], [7, 10.0]])
    places = np.array([0, 1, 1, 0, 1, 0])
    step = ColumnStep([2, NUMBERS])
    nearest = KNeighborsClassifier(1, metric="euclidean")
    model = Pipeline([("c", step), ("s", StandardScaler()), ("m", nearest)])
    expected = class_probabilities(model.fit(rows, places), rows, 2)
    assert in_onnx(model, rows, 2, computed).tolist() == expected.tolist()


def test_what_cannot_be_written_is_named_with_its_reason(computed):
    class Own:
        classes_ = np.arange(2)

    with pytest.raises(ComponentError, match=r"^export: Own cannot be .* come with bioselect"):
        in_onnx(Own(), drawn(TWO), 2, computed)
    words = Pipeline(
        [("learnt", VisualWords()), ("model", KNeighborsClassifier(1, metric="euclidean"))]
    )
    with pytest.raises(ComponentError, match=r"VisualWords cannot .* local descriptors"):
        in_onnx(words, drawn(TWO), 2, computed)


def test_what_jumps_is_known():
    jumping = {name for name in CLASSIFIERS if has_steps(trained(name, THREE, **few(name)))}
    forests = {"random_forest", "extra_trees", "gradient_boosting"}
    assert jumping == {*forests, "knn", "svm", "linear_svm"}
    assert has_steps(trained("extra_trees", VALUES, **FEW))
    assert not has_steps(trained("lasso", VALUES))
    assert has_steps(trained("svr", VALUES)) is False
    assert has_steps(trained("lda", LABELS, multilabel="chain"))
    assert not has_steps(trained("lda", TWO, threshold="youden"))
