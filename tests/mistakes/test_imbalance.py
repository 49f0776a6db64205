"""Mistakes with classes of unequal size, thresholds and calibration."""

import pytest


def with_params(params, name="lda", more=""):
    return f"[{{name: {name}, params: {params}{more}}}]"


@pytest.fixture
def _no_image_is_read(monkeypatch):
    monkeypatch.setattr("bioselect.workflows.study_inputs.examine_images", None)


@pytest.mark.usefixtures("_no_image_is_read")
def test_a_threshold_with_three_classes(lab):
    for number in range(6):
        lab.draw(f"unclear/{number}.png")
    lab.told(
        lab.check(classifiers=with_params("{threshold: youden}")),
        r"lda: threshold: one number divides two classes, not 3 \(healthy, tumour, unclear\)",
        "class_weight: balanced and resampling are for any number",
    )


def test_a_threshold_of_a_class_that_is_not_there(lab):
    lab.told(
        lab.check(classifiers=with_params("{threshold: {sensitivity: 0.9, positive: tumor}}")),
        "positive must be one of the classes healthy, tumour",
        "Did you mean 'tumour'",
    )


def test_a_wanted_sensitivity_without_its_class(lab):
    lab.told(
        lab.check(classifiers=with_params("{threshold: {sensitivity: 0.9}}")),
        r"config\.yaml:3",
        "which of the two classes is the positive one",
        "Add positive: CLASS",
    )


def test_a_wanted_sensitivity_in_per_cent(lab):
    lab.told(
        lab.check(classifiers=with_params("{threshold: {sensitivity: 90, positive: tumour}}")),
        "must be a number above 0 and below 1, as 0.9 for 90 %. Got 90",
    )


def test_a_threshold_as_a_number(lab):
    lab.told(
        lab.check(classifiers=with_params("{threshold: 0.3}")),
        "threshold: must be balanced_accuracy, youden, f1_macro, null, or a mapping",
        "{sensitivity: 0.9, positive: CLASS}",
        "Got 0.3",
    )


def test_f1_without_its_class(lab):
    lab.told(
        lab.check(classifiers=with_params("{threshold: f1}")),
        "f1 is about one of the two classes: write {criterion: f1, positive: CLASS}",
    )


def test_a_threshold_that_is_searched_and_wrong(lab):
    lab.told(
        lab.check(classifiers="[{name: lda, search: {threshold: [null, yuden]}}]"),
        "each value must be balanced_accuracy",
        "Did you mean 'youden'",
    )


def test_a_resampling_misspelt(lab):
    lab.told(
        lab.check(classifiers=with_params("{resampling: smoot}")),
        "must be one of random_over, random_under, smote or null|random_over, random_under, smote",
        "Did you mean 'smote'",
    )


def test_resampling_of_the_dummy(lab):
    lab.told(
        lab.check(classifiers="[lda, {name: dummy, params: {resampling: smote}}]"),
        "resampling: unknown parameter",
    )


@pytest.mark.parametrize("name", ["knn", "mlp", "nearest_centroid"])
def test_class_weight_where_there_is_none(lab, name):
    lab.told(
        lab.check(classifiers=with_params("{class_weight: balanced}", name)),
        "class_weight: this classifier cannot weight classes",
        "Use resampling: random_over",
    )


@pytest.mark.usefixtures("_no_image_is_read")
@pytest.mark.parametrize(
    ("params", "more"),
    [
        ("{resampling: random_over, class_weight: balanced}", ""),
        ("{resampling: random_over}", ", search: {class_weight: [null, balanced]}"),
    ],
)
def test_classes_balanced_twice(lab, params, more):
    lab.told(
        lab.check(classifiers=with_params(params, "svm", more)),
        "class_weight has nothing to do after resampling",
        "Leave out one of them",
    )


@pytest.mark.usefixtures("_no_image_is_read")
def test_resampling_without_the_package(lab, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    lab.told(
        lab.check(classifiers=with_params("{resampling: smote}")),
        "needs imbalanced-learn, which is not installed",
        r"pip install bioselect\[imbalance\]",
    )


def test_a_calibration_misspelt(lab):
    lab.told(
        lab.check(rest="bundle: {calibration: plat}\noutput: results"),
        "bundle.calibration",
        "temperature, sigmoid, isotonic",
    )


def test_a_key_of_the_bundle_misspelt(lab):
    lab.told(
        lab.check(rest="bundle: {calibrate: auto}\noutput: results"),
        "calibrate",
        "Did you mean 'calibration'",
    )
