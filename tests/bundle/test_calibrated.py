"""A calibration travels in the manifest, and every prediction goes through it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bioselect.bundle.manifest import CHECK_SAMPLE_FILE, MANIFEST_FILE
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.writing import write_bundle
from bioselect.estimators.calibration import Calibration
from bioselect.estimators.responses import class_probabilities
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.testing.contract import check_bundle
from bioselect.testing.small_bundle import small_contents

CURVE = ((0.0, 1.0), (0.2, 0.7))
CALIBRATIONS = [
    Calibration("temperature", 0.3, 0.02),
    Calibration("sigmoid", 0.5, 0.02, (0.0, 0.3, -0.2)),
    Calibration("isotonic", knots=(CURVE, CURVE, CURVE)),
]


@pytest.fixture(scope="module")
def contents():
    return small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))


@pytest.mark.parametrize("calibration", CALIBRATIONS, ids=lambda one: one.method)
def test_every_prediction_is_calibrated(contents, calibration, tmp_path):
    write_bundle(tmp_path / "model", replace(contents, calibration=calibration))
    model = load_bundle(tmp_path / "model")
    assert model.calibration == calibration
    rows = np.random.default_rng(0).normal(size=(9, contents.n_features))
    plain = class_probabilities(contents.estimator, rows, 3)
    found = model.probabilities_of_rows(rows)
    np.testing.assert_array_equal(found, calibration.applied_to(plain))
    assert not np.allclose(found, plain, atol=0.05)
    np.testing.assert_array_equal(found.argmax(axis=1), plain.argmax(axis=1))
    # The check sample holds what is printed, so it notices a calibration that is applied wrongly.
    with np.load(tmp_path / "model" / CHECK_SAMPLE_FILE) as sample:
        images, expected = sample["images"], sample["probabilities"]
    np.testing.assert_allclose(model.predict_images(list(images), ["x"] * len(images)), expected)
    assert [result for result in check_bundle(tmp_path / "model") if result.problem] == []


def test_another_calibration_than_at_training_is_noticed(contents, tmp_path, forge):
    write_bundle(tmp_path / "model", replace(contents, calibration=CALIBRATIONS[0]))
    forge(tmp_path / "model", calibration=Calibration().as_dict())
    with pytest.raises(BundleError, match="does not predict here what it predicted"):
        load_bundle(tmp_path / "model")


def test_the_manifest_holds_numbers_only(contents, tmp_path):
    write_bundle(tmp_path / "model", replace(contents, calibration=CALIBRATIONS[2]))
    text = (tmp_path / "model" / MANIFEST_FILE).read_text(encoding="utf-8")
    assert json.loads(text)["calibration"] == {
        "method": "isotonic",
        "slope": 1.0,
        "floor": 0.0,
        "lapse": 0.0,
        "offsets": [],
        "knots": [[[0.0, 1.0], [0.2, 0.7]]] * 3,
    }


@pytest.mark.parametrize(
    "params",
    [
        {"threshold": "youden"},
        {"resampling": "smote"},
        {"resampling": "random_over", "threshold": "f1_macro"},
    ],
)
def test_thresholds_and_resampling_survive_in_a_bundle(params, tmp_path):
    spec = ComponentSpec.of("logistic_regression", params)
    contents = small_contents(ComponentSpec("intensity"), spec, ("coarse", "fine"))
    write_bundle(tmp_path / "model", contents)
    assert [result for result in check_bundle(tmp_path / "model") if result.problem] == []
    model = load_bundle(tmp_path / "model")
    rows = np.random.default_rng(0).normal(size=(9, contents.n_features))
    np.testing.assert_array_equal(
        model.probabilities_of_rows(rows), class_probabilities(contents.estimator, rows, 2)
    )


def test_a_threshold_behind_what_an_extractor_learns(tmp_path):
    spec = ComponentSpec.of("lda", {"threshold": "youden", "resampling": "random_over"})
    contents = small_contents(ComponentSpec.of("sift_bow", {"words": 4}), spec, ("coarse", "fine"))
    write_bundle(tmp_path / "model", contents)
    assert [result for result in check_bundle(tmp_path / "model") if result.problem] == []
