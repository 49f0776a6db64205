"""Mistakes in the names and parameters of extractors, classifiers and metrics."""

import h5py
import numpy as np
import pytest

NETWORK = "[{name: mobilenet_v2, params: {alpha: 0.35, weights: none}}]"


def test_an_extractor_misspelt(lab):
    lab.told(lab.check(extractors="[vgg61]"), "vgg61", "Did you mean 'vgg1")


def test_a_classifier_misspelt(lab):
    lab.told(
        lab.check(classifiers="[random_forrest]"), "random_forrest", "Did you mean 'random_forest'"
    )


def test_a_parameter_misspelt(lab):
    lab.told(
        lab.check(classifiers="[{name: knn, params: {n_neighbours: 3}}]"),
        "n_neighbours",
        "Did you mean 'n_neighbors'",
    )


def test_a_number_in_words(lab):
    lab.told(
        lab.check(classifiers="[{name: knn, params: {n_neighbors: five}}]"),
        "n_neighbors",
        "whole number",
        "five",
    )


def test_a_metric_misspelt(lab):
    lab.told(
        lab.check(rest="validation: {metric: balanced_acuracy}\noutput: results"),
        "balanced_acuracy",
        "Did you mean 'balanced_accuracy'",
    )


def test_two_channels_for_a_network(lab):
    lab.draw_all(".tif", lambda: lab.pixels(24, 24, 5, dtype=np.uint16))
    lab.told(
        lab.check(dataset="{path: images, channels: [0, 1]}", extractors=NETWORK),
        "accepts images with 3 channels",
        "must list three channels, or one that is repeated. Got 2",
    )


def test_five_channels_for_a_network(lab):
    lab.draw_all(".tif", lambda: lab.pixels(24, 24, 5, dtype=np.uint16))
    lab.told(lab.check(extractors=NETWORK), "3 channels", "Got 5", "dataset.channels", "tif")


def test_a_channel_that_is_not_there(lab):
    lab.draw_all(".tif", lambda: lab.pixels(24, 24, 5, dtype=np.uint16))
    dataset = "{path: images, channels: [1, 2, 5]}"  # counted from 1, as microscopes do
    lab.told(lab.check(dataset=dataset, extractors=NETWORK), "channels", "counted from 0", "5")


def test_a_weights_file_that_is_missing(lab):
    lab.told(
        lab.check(extractors="[{name: mobilenet_v2, params: {weights: notop.h5}}]"),
        "notop.h5",
        "which is not there",
        "Put it there",
    )


@pytest.mark.parametrize(
    ("extractors", "classifiers", "name", "place"),
    [
        ("[lda]", "[lda]", "extractor 'lda'", "classifiers"),
        ("[intensity]", "[hog]", "classifier 'hog'", "extractors"),
        ("[intensity]", "[resnet50]", "classifier 'resnet50'", "extractors"),
        ("[accuracy]", "[lda]", "extractor 'accuracy'", r"validation\.metric"),
    ],
)
def test_a_name_in_the_wrong_list(lab, extractors, classifiers, name, place):
    arguments = lab.check(extractors=extractors, classifiers=classifiers)
    lab.told(arguments, f"unknown {name}", f"belongs under {place}: move it there")


def test_two_metrics(lab):
    rest = "validation: {metric: [accuracy, f1_macro]}\noutput: results"
    lab.told(lab.check(rest=rest), r"validation\.metric: must be text")


def test_a_metric_by_its_short_name(lab):
    rest = "validation: {metric: auc}\noutput: results"
    lab.told(lab.check(rest=rest), "unknown metric 'auc'", "Did you mean 'roc_auc'")


def test_a_parameter_beside_params(lab):
    text = lab.check(classifiers="[{name: knn, n_neighbors: 3}]")
    lab.told(
        text,
        "n_neighbors: unknown key. A parameter stands under params, as in params: {n_neighbors: "
        "...}. Known here: name, params, search",
    )


def test_a_parameter_that_looks_a_little_like_a_key(lab):
    # `epochs` was taken for `search`.
    text = lab.check(rest="networks: [{name: small_cnn, epochs: 2}]\noutput: results")
    lab.told(text, "epochs: unknown key. A parameter stands under params", "params: {epochs: ...}")


def test_a_search_without_a_list(lab):
    text = lab.check(classifiers="[{name: knn, search: {n_neighbors: 3}}]")
    lab.told(text, "must be a list of the values to try", "belongs under params")


def test_a_search_for_an_extractor(lab):
    text = lab.check(extractors="[{name: hog, search: {bins: [6, 9]}}]")
    lab.told(text, "extractors have no search", "List the extractor once for each value")


def test_a_decimal_comma(lab):
    lab.told(
        lab.check(classifiers="[{name: svm, params: {C: '0,1'}}]"),
        "must be a number",
        r"Write it with a point: 0\.1",
    )


def test_one_component_twice(lab):
    lab.told(lab.check(extractors="[intensity, intensity]"), "listed twice", "Keep one")


def test_images_smaller_than_the_network_takes(lab):
    network = "[{name: mobilenet_v2, params: {weights: none, input_size: [8, 8]}}]"
    lab.told(lab.check(extractors=network), "input_size must be at least 32", "8, 8")


def test_an_image_instead_of_weights(lab):
    network = "[{name: mobilenet_v2, params: {weights: images/healthy/0.png}}]"
    lab.told(lab.check(extractors=network), "must be a file of Keras weights", r"0\.png")


def test_an_image_instead_of_a_model_file(lab):
    network = "[{name: model_file, params: {path: images/healthy/0.png}}]"
    lab.told(lab.check(extractors=network), "must be a model file .Keras", r"0\.png", "Name the")


def test_weights_of_another_network(lab):
    with h5py.File("other.weights.h5", "w") as file:
        # As many as MobileNetV2 has with alpha 0.35 and without its top.
        file["layers/conv2d/vars/0"] = np.zeros(410_208, dtype=np.float32)
    lab.told(
        lab.check(extractors="[{name: resnet50, params: {weights: other.weights.h5}}]"),
        "with the weights of resnet50",
        "those of mobilenet_v2 with alpha 0.35",
    )


@pytest.mark.parametrize(
    ("module", "code", "name", "words"),
    [
        ("mine_one", "class A:\n    def transform(self images):\n", "A", ("SyntaxError", "line 2")),
        ("mine_two", "class A: pass\n", "B", ("holds no 'B'",)),
        ("mine_three", "class A: pass\n", "A", (r"must have transform\(images\)", "Add")),
        ("mine_four", "import torchh\n", "A", ("cannot be imported", "torchh")),
        ("", "", "A", ("cannot be imported", "put its file into")),
    ],
)
def test_a_module_of_ones_own(lab, module, code, name, words):
    if module:
        (lab.folder / f"{module}.py").write_text(code)
    lab.told(lab.check(extractors=f"['{module or 'absent'}:{name}']"), *words)


@pytest.mark.parametrize(
    ("module", "result", "words"),
    [
        ("mine_five", "undefined", ("A", "NameError", "undefined")),
        ("mine_six", "np.full((len(images), 3), np.nan)", ("finite",)),
        (
            "mine_seven",
            "np.zeros((1, 3))",
            (r"must return a numpy array float32 \(n_images", r"Got shape \(1, 3\)"),
        ),
    ],
)
def test_an_extractor_of_ones_own_that_fails(lab, module, result, words):
    code = f"import numpy as np\nclass A:\n    def transform(self, images): return {result}\n"
    (lab.folder / f"{module}.py").write_text(code)
    lab.told(lab.run(extractors=f"['{module}:A']"), module, *words)
