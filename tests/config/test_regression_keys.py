"""Configurations of a study of numbers: which keys there are, and which go with others."""

import pytest

from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml
from bioselect.exceptions import ConfigurationError

RIGHT = """task: regression
dataset: {table: t.csv, image: file, target: age (months)}
extractors: [hog]
regressors: [ridge]
output: run
"""


def load(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_config(path)


def test_the_regressors_are_the_estimators(tmp_path):
    config = load(tmp_path, RIGHT)
    assert [spec.name for spec in config.estimator_specs] == ["ridge"]
    assert config.estimator_kind == "regressor"
    assert config.classifier_specs == []


def test_what_is_written_out_is_read_again(tmp_path):
    config = load(tmp_path, RIGHT)
    text = config_to_yaml(config, {}, tmp_path)
    for key in ("classifiers", "calibration", "ensemble", "masks", "tiles"):
        assert f"\n{key}:" not in text
        assert f"  {key}:" not in text
    assert load(tmp_path, text).regressor_specs == config.regressor_specs


def test_other_tasks_write_no_keys_of_numbers(tmp_path):
    text = RIGHT.replace("regression", "classification").replace("regressors: [ridge]", "")
    text = config_to_yaml(load(tmp_path, f"{text}classifiers: [lda]\n"), {}, tmp_path)
    assert "regressors" not in text
    assert "unit" not in text


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "regressors: [ridge]",
            "regressors: [ridge]\nclassifiers: [lda]",
            "config.yaml:5: classifiers: does not go with task: regression: a classifier predicts "
            "a class. Write regressors",
        ),
        (
            "regressors: [ridge]",
            "",
            "config.yaml:1: regressors: is missing. What turns rows of numbers into a number.",
        ),
        (
            "output: run",
            "output: run\nensemble: tied",
            "config.yaml:6: ensemble: does not go with task: regression",
        ),
        (
            "output: run",
            "output: run\nbundle: {calibration: sigmoid}",
            "config.yaml:6: bundle.calibration: does not go with task: regression: numbers",
        ),
        (
            "output: run",
            "output: run\nbundle: {coverage: 0.95}",
            "config.yaml:6: bundle.coverage: does not go with task: regression: numbers have low",
        ),
        (
            "target: age (months)",
            "target: [a, b]",
            "config.yaml:2: dataset: target must be the name of one column",
        ),
        (
            "table: t.csv, image: file, target: age (months)",
            "path: images",
            "config.yaml:2: dataset: a table is missing: folders are classes",
        ),
        (
            "target: age (months)",
            "target: age (months), tiles: {size: 64}",
            "config.yaml:2: dataset.tiles: does not go with task: regression",
        ),
        (
            "regressors: [ridge]",
            "regressors: [{name: ridge, params: {class_weight: balanced}}]",
            "config.yaml:4: regressors, item 1: params.class_weight:",
        ),
        (
            "regressors: [ridge]",
            "regressors: [{name: ridge, params: {threshold: 0.3}}]",
            "config.yaml:4: regressors, item 1: params.threshold:",
        ),
        (
            "regressors: [ridge]",
            "regressors: [{name: ridge, params: {resampling: smote}}]",
            "config.yaml:4: regressors, item 1: params.resampling:",
        ),
        (
            "regressors: [ridge]",
            "regressors: [logistic_regression]",
            "config.yaml:4: regressors, item 1: unknown regressor 'logistic_regression'",
        ),
        (
            "task: regression",
            "task: regresion",
            "config.yaml:1: task: must be classification, regression or segmentation. Got "
            "'regresion'.",
        ),
        (
            "task: regression",
            "task: classification",
            "config.yaml:4: regressors: does not go with task: classification: a regressor "
            "predicts a number.",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_line(tmp_path, before, after, message):
    text = RIGHT.replace(before, after)
    assert text != RIGHT
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    lines = [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]
    assert any(line.startswith(message) for line in lines), lines
