"""A model as one graph: what is in it, what it takes, and that it says what the model says."""

import json

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from bioselect.bundle.export import trial
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.onnx_file import onnx_model
from bioselect.bundle.reading import load_bundle
from bioselect.data.preparation import prepare
from bioselect.estimators.discriminant import ShrunkenDiscriminant
from bioselect.exceptions import BundleError
from bioselect.features.column_step import NUMBERS, ColumnStep
from bioselect.features.columns import COLUMNS
from bioselect.registry import ComponentSpec, create
from bioselect.testing.small_bundle import write_small_bundle
from tests.bundle.export.models import (
    COLUMNS_OF_PATIENTS,
    MOBILENET,
    SIZE,
    patients,
    small_features,
    some_images,
    write_columns,
    write_pixel_bundle,
)

WHERE = ["a.png", "b.png", "c.png"]


def opened(folder):
    return load_bundle(folder), folder


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """Return a model of a frozen network and an estimator."""
    folder = tmp_path_factory.mktemp("frozen")
    spec = ComponentSpec("logistic_regression")
    return opened(write_small_bundle(folder / "model", small_features(folder), spec))


@pytest.fixture(scope="module")
def made(frozen):
    return onnx_model(*frozen, some_images((50, 70, 3)), WHERE)


def check_new_images(model, made, size, computed):
    images = some_images((30, 40, 3), seed=9)
    given = [prepare(image, model.reading, size, 3, "x") for image in images]
    probabilities, predicted = computed(made.whole, image=np.stack(given))
    expected = model.predict_images(images, WHERE)
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-5)
    assert predicted.tolist() == expected.argmax(axis=1).tolist()


def test_a_frozen_network_and_its_estimator_are_one_graph(frozen, made, computed):
    check_new_images(frozen[0], made, (24, 20), computed)
    assert made.facts["inside"] == [
        "the network model_file",
        "the estimator logistic_regression, with all that it learnt before it",
    ]
    assert made.facts["outside"] == {}


@pytest.mark.slow
def test_a_network_of_the_table(tmp_path, computed):
    spec = ComponentSpec("logistic_regression")
    model, folder = opened(write_small_bundle(tmp_path / "model", MOBILENET, spec))
    made = onnx_model(model, folder)
    check_new_images(model, made, (96, 96), computed)
    assert made.facts["inside"][0] == "the network mobilenet_v2"


def test_the_file_itself_says_how_it_is_used(made):
    props = {one.key: one.value for one in made.whole.metadata_props}
    assert json.loads(props["class_names"]) == ["coarse", "fine", "middle"]
    (given,) = json.loads(props["inputs"])
    assert given["shape"] == ["n_images", 24, 20, 3]
    assert (given["axes"], given["range"]) == ("NHWC", [0.0, 1.0])
    assert "INTER_AREA" in given["before"][-1]
    assert json.loads(props["checked"])["n_images"] == 4 * 4 + 3
    assert json.loads(props["checked"])["largest"] < 1e-5
    assert "from 0 to 1, red, green, blue" in made.whole.doc_string
    shape = made.whole.graph.input[0].type.tensor_type.shape.dim
    assert (shape[0].dim_param, [one.dim_value for one in shape[1:]]) == ("n_images", [24, 20, 3])


def test_the_same_model_gives_the_same_bytes(frozen, made):
    again = onnx_model(*frozen, some_images((50, 70, 3)), WHERE)
    assert again.whole.SerializeToString(deterministic=True) == made.whole.SerializeToString(
        deterministic=True
    )


def test_descriptors_stay_outside_and_the_file_says_so(tmp_path, computed):
    spec = ComponentSpec("hog")
    model, folder = opened(write_small_bundle(tmp_path / "m", spec, ComponentSpec("svm")))
    made = onnx_model(model, folder)
    assert "no network" in made.facts["outside"]["hog"]
    (given,) = made.facts["inputs"]
    assert (given["name"], given["kind"]) == ("rows", "rows")
    assert given["shape"] == ["n_images", model.manifest.n_features]
    assert "Not inside: hog, because" in made.words
    rows = np.random.default_rng(0).random((5, model.manifest.n_features)).astype(np.float32)
    np.testing.assert_allclose(
        computed(made.whole, rows=rows)[0], model.probabilities_of_rows(rows), rtol=0, atol=1e-6
    )


def test_of_several_extractors_each_is_inside_or_outside(tmp_path):
    network = small_features(tmp_path)
    parts = ["hu_moments", {"name": network.name, "params": network.params_dict}, "intensity"]
    both = ComponentSpec.of("concat", {"extractors": parts})
    model, folder = opened(write_small_bundle(tmp_path / "m", both, ComponentSpec("lda")))
    made = onnx_model(model, folder)
    names = [one["name"] for one in made.facts["inputs"]]
    assert names == ["rows_hu_moments", "image", "rows_intensity"]
    assert set(made.facts["outside"]) == {"hu_moments", "intensity"}
    assert made.facts["checked"]["largest"] < 1e-4


def test_a_network_from_pixels_with_its_calibration(tmp_path, computed):
    model, folder = opened(write_pixel_bundle(tmp_path / "m"))
    made = onnx_model(model, folder)
    images = some_images((25, 11, 3))
    given = np.stack([prepare(image, model.reading, SIZE, 3, "x") for image in images])
    expected = model.predict_images(images, WHERE)
    got = computed(made.whole, image=given)
    np.testing.assert_allclose(got[0], expected, rtol=0, atol=1e-5)
    assert got[1].tolist() == expected.argmax(axis=1).tolist()
    assert made.facts["inside"] == ["the network small_cnn", "the calibration (sigmoid)"]
    without = model.extractor.transform(list(given))
    assert np.abs(without - expected).max() > 0.01


def test_a_graph_that_says_something_else_is_refused(frozen, monkeypatch):
    real = trial._asked

    def other(session, given, *output):
        return real(session, given, *output) + 2e-4

    monkeypatch.setattr(trial, "_asked", other)
    with pytest.raises(BundleError, match=r"differ by up to 0\.0002, allowed 0\.0001\. The file"):
        onnx_model(*frozen)


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forest")
    spec = ComponentSpec.of("random_forest", {"n_estimators": 9})
    return opened(write_small_bundle(folder / "model", small_features(folder), spec))


def test_where_an_answer_jumps_the_parts_must_be_equal(forest, monkeypatch):
    real = trial._asked

    def one_image_jumps(session, given, *output):
        answer = real(session, given, *output)
        if "image" in given and answer.shape[1] == 3:
            answer[0, :2] += (0.1, -0.1)
        return answer

    monkeypatch.setattr(trial, "_asked", one_image_jumps)
    made = onnx_model(*forest)
    assert made.facts["checked"]["n_jumped"] == 1
    assert made.facts["checked"]["largest_jump"] == pytest.approx(0.1, abs=1e-6)
    assert made.facts["checked"]["largest"] < 1e-6
    assert "1 of these differs by up to 0.1: a feature lies within rounding" in made.words


def test_more_than_a_quarter_that_jump_are_refused(forest, monkeypatch):
    real = trial._asked

    def some_jump(session, given, *output):
        answer = real(session, given, *output)
        if "image" in given and answer.shape[1] == 3:
            answer[:n_jumping, :2] += (0.1, -0.1)
        return answer

    monkeypatch.setattr(trial, "_asked", some_jump)
    n_jumping = 4
    assert onnx_model(*forest).facts["checked"]["n_jumped"] == 4
    n_jumping = 5
    with pytest.raises(BundleError, match=r"On 16 images .* 5 of them are beyond"):
        onnx_model(*forest)


def test_rows_that_are_joined_wrongly_are_no_jump(tmp_path, monkeypatch):
    network = small_features(tmp_path)
    parts = ["intensity", {"name": network.name, "params": network.params_dict}]
    both = ComponentSpec.of("concat", {"extractors": parts})
    spec = ComponentSpec.of("random_forest", {"n_estimators": 3})
    model, folder = opened(write_small_bundle(tmp_path / "m", both, spec))
    onnx_model(model, folder)
    real = Graph.add

    def turned_round(graph, kind, *inputs, **more):
        is_joining = kind == "Concat" and more == {"axis": 1} and len(inputs) == 2
        return real(graph, kind, *(inputs[::-1] if is_joining else inputs), **more)

    monkeypatch.setattr(Graph, "add", turned_round)
    monkeypatch.setattr(trial, "MOST_JUMPING", 1.0)
    with pytest.raises(BundleError, match="The features of intensity differ by"):
        onnx_model(model, folder)


@pytest.mark.parametrize(
    ("part", "told"), [("rows", "Its estimator differs"), ("image", "features of model_file")]
)
def test_where_a_part_differs_it_is_no_jump(forest, monkeypatch, part, told):
    real = trial._asked

    def damaged(session, given, *output):
        answer = real(session, given, *output)
        is_whole = "image" in given and answer.shape[1] == 3
        return answer + (0.1 if is_whole or part in given else 0.0)

    monkeypatch.setattr(trial, "_asked", damaged)
    with pytest.raises(BundleError, match=told):
        onnx_model(*forest)


def test_columns_of_a_table_go_in_as_they_stand(tmp_path, computed):
    rows, places = patients()
    steps = [("columns", ColumnStep([2, NUMBERS])), ("model", ShrunkenDiscriminant())]
    folder = write_columns(tmp_path / "m", COLUMNS, Pipeline(steps).fit(rows, places))
    model = load_bundle(folder)
    made = onnx_model(model, folder)
    (given,) = made.facts["inputs"]
    assert (given["kind"], given["dtype"], given["shape"]) == (
        "columns",
        "float64",
        ["n_images", 2],
    )
    assert "sex: f = 0, m = 1; NaN for any other" in given["before"]
    assert made.facts["outside"] == {}
    got = computed(made.whole, columns=rows)[0]
    np.testing.assert_allclose(got, model.probabilities_of_rows(rows), rtol=0, atol=1e-6)


def test_columns_beside_images(tmp_path, computed):
    both = ColumnTransformer(
        [("rows", "passthrough", slice(0, 42)), ("own", ColumnStep([2, NUMBERS]), slice(42, 44))]
    )
    rows, places = patients(42)
    estimator = Pipeline([("columns", both), ("model", ShrunkenDiscriminant())])
    folder = write_columns(
        tmp_path / "m",
        ComponentSpec("intensity"),
        estimator.fit(rows, places),
        extractor=create("extractor", ComponentSpec("intensity")),
        n_features=42,
        image_shape=(20, 20, 3),
        image_dtype="uint8",
        columns=COLUMNS_OF_PATIENTS.model_copy(update={"with_images": True}),
    )
    model = load_bundle(folder)
    made = onnx_model(model, folder)
    assert [one["name"] for one in made.facts["inputs"]] == ["rows", "columns"]
    got = computed(made.whole, rows=rows[:, :42].astype(np.float32), columns=rows[:, 42:])[0]
    np.testing.assert_allclose(got, model.probabilities_of_rows(rows), rtol=0, atol=1e-5)
