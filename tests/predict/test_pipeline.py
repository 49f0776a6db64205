"""A model as a pipeline of scikit-learn gives the numbers that `predict` gives."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score
from sklearn.utils.validation import check_is_fitted

from bioselect.bundle.manifest import ColumnPart, LabelText, NumberText
from bioselect.exceptions import BioselectError, BundleError, DataError
from bioselect.predict.pipeline import pipeline_of
from bioselect.predict.predictor import Predictor
from bioselect.testing.small_bundle import draw_classes


@pytest.fixture
def files(tmp_path, model, save_image):
    images, _ = draw_classes(model.class_names, seed=4)
    few = images[:: len(images) // 6][:6]
    # Not in the order of their names: rows come as paths are given.
    return [save_image(tmp_path / f"{9 - n}.png", image) for n, image in enumerate(few)]


def changed(model, **fields):
    """Return the model with other fields in its manifest."""
    return replace(model, manifest=model.manifest.model_copy(update=fields))


def probabilities(table):
    return table.filter(like="probability_").to_numpy()


def test_the_numbers_are_those_of_predict(model, files):
    pipeline = pipeline_of(model)
    table = Predictor(model).predict(files).set_index("path").loc[list(map(str, files))]
    np.testing.assert_array_equal(pipeline.predict_proba(files), probabilities(table))
    assert pipeline.predict(files).tolist() == table["prediction"].tolist()
    assert pipeline.classes_.tolist() == list(model.class_names)
    assert len(set(pipeline.predict(files))) > 1


def test_arrays_and_lists_of_arrays_give_what_files_give(model, files):
    pipeline = pipeline_of(model)
    pixels = [np.asarray(Image.open(path)) for path in files]
    expected = pipeline.predict_proba(files)
    np.testing.assert_array_equal(pipeline.predict_proba(np.stack(pixels)), expected)
    np.testing.assert_array_equal(pipeline.predict_proba(pixels), expected)
    np.testing.assert_array_equal(pipeline.predict_proba([str(path) for path in files]), expected)


def test_calibration_is_in_it(model, files):
    temperature = {
        "method": "temperature",
        "slope": 0.01,
        "floor": 0.0,
        "lapse": 0.0,
        "offsets": [],
        "knots": [],
    }
    plain = pipeline_of(model).predict_proba(files)
    powers = np.maximum(plain, np.finfo(float).tiny) ** 0.01
    expected = powers / powers.sum(axis=1, keepdims=True)
    calibrated = pipeline_of(changed(model, calibration=temperature))
    np.testing.assert_allclose(calibrated.predict_proba(files), expected, rtol=1e-9)
    assert np.abs(expected - plain).max() > 1e-3


def test_labels_are_columns_of_zeros_and_ones(model, files):
    class Labels:
        gives_label_sets = True
        classes_ = np.arange(3)

        def source(self):
            return "predict_proba"

        def predict_proba(self, X):
            return np.tile([0.9, 0.2, 0.6], (len(X), 1))

    of_labels = replace(changed(model, labels=LabelText()), estimator=Labels())
    predicted = pipeline_of(of_labels).predict(files[:2])
    assert predicted.tolist() == [[1, 0, 1], [1, 0, 1]]


def test_numbers_are_predicted_by_a_regressor(model, files):
    rows = pipeline_of(model)["extractor"].transform(files).astype(np.float64)
    fitted = LinearRegression().fit(rows[:, :2], np.arange(6.0))
    fitted.coef_ = np.pad(fitted.coef_, (0, rows.shape[1] - 2))
    fitted.n_features_in_ = rows.shape[1]
    number = NumberText(name="age", lowest=0, highest=5)
    of_numbers = replace(changed(model, number=number, class_names=[], sets=None), estimator=fitted)
    pipeline = pipeline_of(of_numbers)
    assert is_regressor(pipeline)
    assert not hasattr(pipeline, "predict_proba")
    np.testing.assert_array_equal(pipeline.predict(files), fitted.predict(rows))


def test_it_is_finished_and_says_so(model, files):
    pipeline = pipeline_of(model)
    assert is_classifier(pipeline)
    check_is_fitted(pipeline)
    assert "ModelFeatures(name='intensity')" in repr(pipeline)
    np.testing.assert_array_equal(clone(pipeline).predict(files), pipeline.predict(files))
    with pytest.raises(BioselectError, match="finished and is not trained again"):
        pipeline.fit(files, ["a"] * 6)
    with pytest.raises(BioselectError, match="finished and is not trained again"):
        cross_val_score(pipeline, files, list("ababab"), cv=2, error_score="raise")
    with pytest.raises(BioselectError, match="finished"):
        pipeline.set_params(extractor__name="hog")


def test_images_that_cannot_be_used_are_errors(model, files, save_image):
    pipeline = pipeline_of(model)
    grey = save_image(files[0].parent / "grey.png", np.zeros((24, 24), np.uint8))
    with pytest.raises(DataError, match="must have 3 channels"):
        pipeline.predict([grey])
    with pytest.raises(DataError, match=r"none\.png: there is no such file"):
        pipeline.predict(["none.png"])


def test_a_model_of_columns_has_no_pipeline(model):
    part = ColumnPart.model_construct(columns=[], with_images=True)
    with pytest.raises(BundleError, match="give its `predict` the table"):
        pipeline_of(changed(model, columns=part))
