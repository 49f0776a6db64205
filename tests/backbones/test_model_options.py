"""What can be written of a model of one's own, and what it means."""

import pytest

from bioselect.backbones.model_options import (
    MODEL_POOLINGS,
    OF_PRESET,
    SCALES,
    ModelOptions,
    check_pixels,
    hub_parameters,
    is_preset_folder,
    model_file_parameters,
)
from bioselect.backbones.per_channel import PerChannel
from bioselect.component import ComponentRow
from bioselect.exceptions import ComponentError
from bioselect.parameter_values import parameter_problems


def test_parameters_of_a_model_file():
    parameters = {p.name: p for p in model_file_parameters()}
    assert list(parameters) == [
        "path",
        "layer",
        "output",
        "pooling",
        "input_size",
        "layout",
        "scale",
        "mean",
        "std",
        "runtime",
        "precision",
    ]
    assert parameters["pooling"].choices == MODEL_POOLINGS
    assert parameters["scale"].default == "0-1"
    assert OF_PRESET not in parameters["scale"].choices


def test_parameters_of_a_preset():
    parameters = {p.name: p for p in hub_parameters()}
    assert {"output", "layout", "path"} & set(parameters) == set()
    assert parameters["scale"].default == OF_PRESET
    assert parameters["scale"].choices == (OF_PRESET, *SCALES)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        (
            {"pooling": "mean"},
            "params.pooling: must be one of avg, max, avg+max, flatten, cls or n",
        ),
        ({"output": -1}, "params.output: must be at least 0. Got -1."),
        ({"output": 1.5}, "params.output: must be text or a whole number or null. Got 1.5."),
        (
            {"layout": "NCHW"},
            "params.layout: must be one of auto, channels_first, channels_last. Got 'NCHW'. Did "
            "you mean 'channels_first'?",
        ),
        (
            {"layout": "nhwc"},
            "params.layout: must be one of auto, channels_first, channels_last. Got 'nhwc'. Did "
            "you mean 'channels_last'?",
        ),
        ({"precision": "fp32"}, "params.precision: must be one of f32, bf16. Got 'fp32'. Did you"),
        ({"mean": "0.5"}, "params.mean: must be a number or a list or null. Got '0.5'."),
        ({"stdev": [1]}, "params.stdev: unknown parameter."),
    ],
)
def test_wrong_parameters_are_found_without_the_model(params, problem):
    row = ComponentRow("model_file", "", "", model_file_parameters())
    (found,) = parameter_problems(row, {"path": "m.onnx", **params})
    assert found.startswith(problem)


def test_nothing_is_suggested_that_is_not_meant():
    row = ComponentRow("model_file", "", "", model_file_parameters())
    problems = parameter_problems(row, {"path": "m.onnx", "precision": "fp16"})
    assert problems == ["params.precision: must be one of f32, bf16. Got 'fp16'."]


def test_scaling():
    assert [ModelOptions(scale=scale).mode(3) for scale in SCALES] == [
        "unit",
        "tf",
        "none",
        "torch",
        "caffe",
    ]
    assert ModelOptions(scale=OF_PRESET).mode(3) == "unit"
    given = ModelOptions(std=(0.5, 0.25))
    assert given.mode(2) == PerChannel((0.0, 0.0), (0.5, 0.25))
    assert ModelOptions(mean=0.5, std=(0.5, 0.25)).mode(2) == PerChannel((0.5, 0.5), (0.5, 0.25))


def test_one_number_counts_for_all_channels():
    check_pixels("model_file", ModelOptions(mean=0.5, std=0.25), "m.onnx", 3)
    with pytest.raises(ComponentError, match=r"std must be numbers above 0 .* Got \[0, 0, 0\]"):
        check_pixels("model_file", ModelOptions(mean=0, std=0), "m.onnx", 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mean": [0.5]}, r"Got mean alone. Write std too \(std: 1 changes nothing"),
        ({"std": 0.5}, r"Got std alone. Write mean too \(mean: 0 changes nothing"),
    ],
)
def test_mean_and_std_go_together(options, message):
    with pytest.raises(ComponentError, match=message):
        check_pixels("model_file", ModelOptions(**options), "m.onnx", 1)


@pytest.mark.parametrize(
    ("preset", "is_folder"),
    [
        ("resnet_50_imagenet", False),
        ("kaggle://keras/resnet/keras/resnet_50_imagenet", False),
        ("./resnet", True),
        ("C:\\presets\\vit", True),
        ("~/vit", True),
    ],
)
def test_a_folder_has_a_slash(preset, is_folder):
    assert is_preset_folder(preset) is is_folder
